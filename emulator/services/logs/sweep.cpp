#include "services/logs/sweep.hpp"

#include <spdlog/spdlog.h>

#include "services/logs/event_store.hpp"
#include "services/logs/group_store.hpp"
#include "services/logs/retention.hpp"
#include "services/logs/stream_store.hpp"

namespace rockwatch::logs {

namespace {

constexpr Milliseconds between_sweeps = std::chrono::hours{1};
// Events a write takes away at once: other calls wait for no longer than that.
constexpr int events_per_write = 10'000;

int erase_expired(Database& database, std::int64_t group_id, Instant now) {
    const auto days = LogGroupReader(database).retention_days(group_id);  // as it is by now
    if (!days) return 0;
    LogStreamWriter streams(database);
    return EventWriter(database).erase_before(
        group_id, epoch_ms(retention_cutoff(now, *days)), events_per_write,
        [&](std::int64_t stream_id, std::int64_t bytes) { streams.forget_bytes(stream_id, bytes); });
}

}  // namespace

void RetentionSweep::start() {
    ++generation_;
    scheduled_ = false;
    const bool needed = !LogGroupReader(*storage_.read()).expiries().empty();
    if (needed) ensure_scheduled();
}

void RetentionSweep::ensure_scheduled() {
    if (!scheduled_.exchange(true)) schedule(clock_.now());
}

void RetentionSweep::schedule(Instant now) {
    agenda_.add(floor_to(now, between_sweeps) + between_sweeps,
                [this, generation = generation_.load()](Instant) { run(generation); });
}

void RetentionSweep::run(std::uint64_t generation) {
    if (generation != generation_) return;
    const Instant now = clock_.now();
    scheduled_ = false;
    bool needed = true;  // until the store says otherwise
    try {
        needed = sweep(now);
    } catch (const std::exception& error) {
        spdlog::error("the log events past their retention could not be removed: {}", error.what());
    }
    if (needed) ensure_scheduled();
}

/// Whether there are groups with a retention.
bool RetentionSweep::sweep(Instant now) {
    // Looking costs one index look-up a group and no write: most hours have nothing to do.
    const auto expiries = LogGroupReader(*storage_.read()).expiries();
    for (const Expiry& expiry : expiries) {
        const std::int64_t cutoff = epoch_ms(retention_cutoff(now, expiry.retention_days));
        if (!expiry.oldest_event || *expiry.oldest_event >= cutoff) continue;
        int erased = events_per_write;
        for (int total = 0; erased == events_per_write; total += erased) {
            erased = storage_.write(
                [&](Database& database) { return erase_expired(database, expiry.group_id, now); });
            if (erased > 0)
                spdlog::debug("retention took {} events of log group {}", total + erased, expiry.group_id);
        }
    }
    return !expiries.empty();
}

}  // namespace rockwatch::logs
