#include "services/bedrock_runtime/completions.hpp"

#include <map>
#include <utility>

#include "services/bedrock_runtime/invocation_metrics.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::string_view log_stream = "aws/bedrock/modelinvocations";
constexpr std::size_t gathered_max = 4096;

}  // namespace

void Completions::push(Completion completion) {
    if (mode_ == InvocationLog::async) return push_async(std::move(completion));
    gather(std::move(completion));
    storage_.write([this](Database& database) { write_gathered(database); });
}

void Completions::push_async(Completion completion) {
    bool is_full = false;
    {
        const std::lock_guard pushing(push_mutex_);
        const bool needs_job = gather(std::move(completion));
        if (needs_job) storage_.enqueue([this](Database& database) { write_gathered(database); });
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

void Completions::write_gathered(Database& database) {
    std::vector<Completion> taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(gathered_);
        job_waits_ = false;
    }
    GatheredFigures figures;
    std::map<std::pair<Owner, std::string>, std::vector<LogLine>> lines;
    for (Completion& completion : taken) {
        figures.add(completion.owner, completion.model_id, completion.at, completion.figures);
        if (!completion.log_group.empty()) {
            lines[{completion.owner, std::move(completion.log_group)}].push_back(
                {completion.at, std::move(completion.record)});
        }
    }
    const Instant now = clock_.now();
    for (const auto& [place, batch] : lines) {
        const auto& [owner, group] = place;
        const bool succeeded = logs_.put(database, owner, group, log_stream, batch, now);
        for (const LogLine& line : batch) figures.add_delivery(owner, succeeded, line.timestamp);
    }
    for (const auto& [owner, points] : figures.take())
        metrics_.put(database, owner, metric_namespace, points);
}

}  // namespace rockwatch::bedrock_runtime
