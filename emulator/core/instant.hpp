#pragma once

#include <chrono>
#include <cstdint>

namespace rockwatch {

using Milliseconds = std::chrono::milliseconds;

/// A point of UTC time in whole milliseconds, the resolution of the AWS APIs.
using Instant = std::chrono::sys_time<Milliseconds>;

constexpr Instant from_epoch_ms(std::int64_t ms) { return Instant{Milliseconds{ms}}; }
constexpr std::int64_t epoch_ms(Instant instant) { return instant.time_since_epoch().count(); }

/// The latest multiple of `step` since the epoch that is not after `instant`.
constexpr Instant floor_to(Instant instant, Milliseconds step) {
    const auto rest = ((instant.time_since_epoch() % step) + step) % step;
    return instant - rest;
}

}  // namespace rockwatch
