#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/instant.hpp"
#include "services/logs/event_store.hpp"

namespace rockwatch::logs {

/// Largest sum of event_bytes in one PutLogEvents call, and in one page of a read.
inline constexpr std::int64_t batch_bytes_max = 1'048'576;

/// What PutLogEvents takes of a batch. Events before `first` and from `end` on are left out, with HTTP 200.
struct Admission {
    std::size_t first = 0;
    std::size_t end = 0;
    std::optional<std::size_t> too_old_end;    ///< one past the last event older than 14 days
    std::optional<std::size_t> expired_end;    ///< one past the last event older than the group's retention
    std::optional<std::size_t> too_new_start;  ///< the first event more than two hours ahead
};

/// Throws InvalidParameterException when an event or the whole batch is too large, then when the timestamps
/// go backwards.
///
/// Source: facts/logs.md 3; the size of an event and its text are recorded, the batch's text is ours.
void check_batch(std::span<const NewEvent> events);

/// Judges the events of a checked batch by their age, then throws InvalidParameterException when those that
/// remain span more than 24 hours.
///
/// Source: facts/logs.md 3, recorded. Chosen: events older than both limits count as too old, and
/// `expired_end` is given when others are only past the retention.
Admission admit(std::span<const NewEvent> events, Instant now, std::optional<std::int64_t> retention_days);

}  // namespace rockwatch::logs
