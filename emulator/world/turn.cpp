#include "world/turn.hpp"

#include "core/error.hpp"
#include "core/waiting.hpp"

namespace rockwatch {

namespace {

InputError busy() {
    return {409, "ClockBusy",
            "The clock is being moved already and waits for a delivery that is under way. A webhook has to "
            "answer "
            "before it moves the clock itself."};
}

}  // namespace

void Turn::take() {
    is_taken_ = true;
    owner_ = std::this_thread::get_id();
}

void Turn::lock() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !is_taken_; });
    take();
}

void Turn::lock_or_refuse() {
    const Waiting waiting;
    std::unique_lock lock(mutex_);
    if (is_taken_ && owner_ == std::this_thread::get_id()) throw busy();
    for (;;) {
        const std::uint64_t seen = waits_begun_;
        const bool waited = waits_ == Waits::for_its_own;
        if (changed_.wait_for(lock, patience_, [&] { return !is_taken_; })) return take();
        if (waited && waits_ == Waits::for_its_own && seen == waits_begun_) throw busy();
    }
}

void Turn::unlock() {
    {
        const std::lock_guard lock(mutex_);
        is_taken_ = false;
        owner_ = {};
    }
    changed_.notify_one();
}

void Turn::set_waits(Waits waits) {
    const std::lock_guard lock(mutex_);
    waits_ = waits;
    if (waits != Waits::no) ++waits_begun_;
}

bool Turn::waits_for_deliveries() const {
    const std::lock_guard lock(mutex_);
    return waits_ != Waits::no;
}

}  // namespace rockwatch
