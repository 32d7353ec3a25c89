#include "core/clock.hpp"

#include <algorithm>
#include <cmath>

namespace rockwatch {

Instant wall_now() { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

VirtualClock::VirtualClock(std::function<Instant()> wall)
    : wall_(std::move(wall)), wall_at_set_(wall_()), now_at_set_(wall_at_set_), latest_(now_at_set_) {}

Instant VirtualClock::now_locked() const {
    latest_ = std::max(latest_, reading_locked());
    return latest_;
}

Instant VirtualClock::reading_locked() const {
    if (mode_ == ClockMode::frozen) return now_at_set_;
    const Milliseconds passed = wall_() - wall_at_set_;
    if (mode_ == ClockMode::real) return now_at_set_ + passed;
    return now_at_set_ + Milliseconds{std::llround(static_cast<double>(passed.count()) * speed_)};
}

Instant VirtualClock::now() const {
    const std::lock_guard lock(mutex_);
    return now_locked();
}

ClockMode VirtualClock::mode() const {
    const std::lock_guard lock(mutex_);
    return mode_;
}

Milliseconds VirtualClock::real_duration(Milliseconds emulated) const {
    const std::lock_guard lock(mutex_);
    if (mode_ == ClockMode::real) return emulated;
    if (mode_ == ClockMode::frozen) return Milliseconds{0};
    return Milliseconds{std::llround(static_cast<double>(emulated.count()) / speed_)};
}

ClockState VirtualClock::state() const {
    const std::lock_guard lock(mutex_);
    const Instant now = now_locked();
    // In real mode it does not change, whatever passes between two looks at the wall clock.
    const Milliseconds offset = mode_ == ClockMode::real ? now_at_set_ - wall_at_set_ : now - wall_();
    return {.mode = mode_, .now = now, .offset = offset, .speed = mode_ == ClockMode::frozen ? 0 : speed_};
}

void VirtualClock::set(ClockMode mode, std::optional<Instant> now, double speed) {
    const std::lock_guard lock(mutex_);
    const Instant from = now ? *now : now_locked();
    mode_ = mode;
    speed_ = mode == ClockMode::scaled ? speed : 1;
    wall_at_set_ = wall_();
    now_at_set_ = from;
    latest_ = from;
}

void VirtualClock::advance_to(Instant instant) {
    const std::lock_guard lock(mutex_);
    if (instant <= now_locked()) return;
    // Shifting the anchor keeps what fraction of a scaled millisecond has passed.
    now_at_set_ += instant - reading_locked();
}

}  // namespace rockwatch
