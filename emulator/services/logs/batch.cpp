#include "services/logs/batch.hpp"

#include <algorithm>

#include "services/logs/errors.hpp"
#include "services/logs/retention.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::chrono::days age_max{14};
constexpr std::chrono::hours ahead_max{2};
constexpr Milliseconds span_max = std::chrono::hours{24};

std::size_t first_from(std::span<const NewEvent> events, Instant instant) {
    const auto found =
        std::lower_bound(events.begin(), events.end(), epoch_ms(instant),
                         [](const NewEvent& event, std::int64_t ms) { return event.timestamp < ms; });
    return static_cast<std::size_t>(found - events.begin());
}

}  // namespace

void check_batch(std::span<const NewEvent> events) {
    std::int64_t total = 0;
    for (const NewEvent& event : events) {
        const std::int64_t bytes = event_bytes(event.message);
        if (bytes > batch_bytes_max) {
            throw invalid_parameter(
                fmt::format("Log event too large: {} bytes exceeds limit of {}", bytes, batch_bytes_max));
        }
        total += bytes;
    }
    if (total > batch_bytes_max) {
        throw invalid_parameter(
            fmt::format("Upload too large: {} bytes exceeds limit of {}", total, batch_bytes_max));
    }
    const bool in_order =
        std::is_sorted(events.begin(), events.end(),
                       [](const NewEvent& a, const NewEvent& b) { return a.timestamp < b.timestamp; });
    if (!in_order) {
        throw invalid_parameter(
            "Log events in a single PutLogEvents request must be in chronological order.");
    }
}

Admission admit(std::span<const NewEvent> events, Instant now, std::optional<std::int64_t> retention_days) {
    Admission admission;
    const std::size_t old_end = first_from(events, now - age_max);
    admission.first = old_end;
    if (old_end > 0) admission.too_old_end = old_end;
    if (retention_days) {
        const std::size_t expired_end = first_from(events, retention_cutoff(now, *retention_days));
        if (expired_end > old_end) admission.expired_end = admission.first = expired_end;
    }
    admission.end = first_from(events, now + ahead_max + Milliseconds{1});
    if (admission.end < events.size()) admission.too_new_start = admission.end;

    if (admission.first < admission.end) {
        const std::int64_t span = events[admission.end - 1].timestamp - events[admission.first].timestamp;
        if (span > span_max.count()) {
            throw invalid_parameter(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
        }
    }
    return admission;
}

}  // namespace rockwatch::logs
