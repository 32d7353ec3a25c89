#include "services/bedrock_runtime/completions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include "core/log.hpp"
#include "services/bedrock_runtime/invocation_metrics.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::string_view log_stream = "aws/bedrock/modelinvocations";
constexpr std::size_t gathered_max = 4096;
constexpr std::size_t kept_max = 4 * gathered_max;  // of what could not be written
constexpr int refusals_max = 3;

}  // namespace

void Completions::push(Completion completion) {
    if (mode_ == InvocationLog::async) return push_async(std::move(completion));
    const Batch own = {std::move(completion)};  // nobody else's job speaks for it
    storage_.write([&](Database& database) { write(database, own); });
}

void Completions::push_async(Completion completion) {
    bool is_full = false;
    {
        const std::lock_guard pushing(push_mutex_);
        const bool needs_job = gather(std::move(completion));
        if (needs_job) enqueue_job();
        const std::lock_guard lock(mutex_);
        is_full = gathered_.size() >= gathered_max;
    }
    if (is_full) storage_.wait_for(storage_.position());
}

/// True when no job waits that would write it.
bool Completions::gather(Completion completion) {
    const std::lock_guard lock(mutex_);
    gathered_.push_back(std::move(completion));
    return !std::exchange(job_waits_, true);
}

void Completions::enqueue_job() {
    const auto batch = std::make_shared<Batch>();  // shared by what writes it and what takes it back
    storage_.enqueue(
        [this, batch](Database& database) {
            take_gathered(*batch);
            write(database, *batch);
            database.after_commit([this] {
                const std::lock_guard lock(mutex_);
                refusals_ = 0;
            });
        },
        [this, batch] { put_back(*batch); });
}

void Completions::take_gathered(Batch& batch) {
    const std::lock_guard lock(mutex_);
    batch.swap(gathered_);
    job_waits_ = false;
}

/// The job's batch, empty when it never ran, was not committed.
void Completions::put_back(Batch& batch) {
    std::size_t lost = 0;
    bool again = false;
    {
        const std::lock_guard lock(mutex_);
        batch.insert(batch.end(), std::make_move_iterator(gathered_.begin()),
                     std::make_move_iterator(gathered_.end()));
        lost = batch.size() - std::min(batch.size(), kept_max);
        batch.erase(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(lost));
        gathered_.swap(batch);
        again = ++refusals_ <= refusals_max;
        job_waits_ = again;
    }
    if (lost > 0) spdlog::error("the records of {} invocations are lost: they could not be written", lost);
    if (again) enqueue_job();
}

void Completions::write(Database& database, const Batch& batch) {
    GatheredFigures figures;
    std::map<LogPlace, std::vector<LogLine>> lines;
    for (const Completion& completion : batch) {
        figures.add(completion.owner, completion.model_id, completion.at, completion.figures);
        if (!completion.log_group.empty()) {
            lines[{completion.owner, completion.log_group, completion.log_role}].push_back(
                {completion.at, completion.record});
        }
    }
    const Instant now = clock_.now();
    for (const auto& [place, records] : lines) {
        const bool succeeded = deliver(database, place, records, now);
        for (const LogLine& line : records) figures.add_delivery(place.owner, succeeded, line.timestamp);
    }
    for (const auto& [owner, points] : figures.take())
        metrics_.put(database, owner, metric_namespace, points);
}

/// False, and nothing written, when the role may no longer write or the group is gone (facts:
/// bedrock.md 6.4). Chosen: one judgement for all records of a batch, at the time it is written; AWS does not
/// say for how long it believes an earlier one.
bool Completions::deliver(Database& database, const LogPlace& place, std::span<const LogLine> records,
                          Instant now) {
    const LoggingConfig config{.log_group = place.group, .role_arn = place.role};
    const auto refusal = logging_.delivery_refusal(database, place.owner, config);
    if (!refusal) {
        barred_.erase(place);
        return logs_.put(database, place.owner, place.group, log_stream, records, now);
    }
    if (barred_.insert(place).second) {
        spdlog::warn("invocations are no longer logged to {}: {}", log_safe(place.group), log_safe(*refusal));
    }
    return false;
}

}  // namespace rockwatch::bedrock_runtime
