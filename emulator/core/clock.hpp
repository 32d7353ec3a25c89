#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "core/instant.hpp"

namespace rockwatch {

enum class ClockMode { real, frozen, scaled };

/// Tells the emulator's time: UTC, whole milliseconds.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual ClockMode mode() const = 0;

    /// Real milliseconds that `emulated` takes on this clock: the same in real mode, divided by the speed in
    /// scaled mode, zero while frozen (nobody sleeps on a clock that stands still).
    virtual Milliseconds real_duration(Milliseconds emulated) const = 0;
};

/// The wall clock of the machine, for what must be real: the `Date` header, signatures, the log.
Instant wall_now();

/// What a VirtualClock is set to; `offset` is the distance from the wall clock in real mode.
struct ClockState {
    ClockMode mode = ClockMode::real;
    Instant now{};
    Milliseconds offset{0};
    double speed = 1;
};

/// The one clock of a world. Thread-safe. Time never goes backwards by itself; `set` may move it anywhere,
/// the caller judges whether that is allowed.
class VirtualClock : public Clock {
public:
    /// `wall` is where real and scaled modes get their pace from; tests hand in one of their own.
    explicit VirtualClock(std::function<Instant()> wall = wall_now);

    Instant now() const override;
    ClockMode mode() const override;
    Milliseconds real_duration(Milliseconds emulated) const override;

    ClockState state() const;

    /// Goes on in `mode`, from `now` or (nullopt) from its reading. `speed` counts in scaled mode alone and
    /// must be positive.
    void set(ClockMode mode, std::optional<Instant> now, double speed = 1);

    /// Moves the reading forward to `instant`; does nothing when it is there already.
    void advance_to(Instant instant);

private:
    Instant now_locked() const;
    Instant reading_locked() const;

    std::function<Instant()> wall_;
    mutable std::mutex mutex_;
    ClockMode mode_ = ClockMode::real;
    Instant wall_at_set_;
    Instant now_at_set_;
    mutable Instant latest_;  // the wall clock may be set back; our readings may not
    double speed_ = 1;
};

}  // namespace rockwatch
