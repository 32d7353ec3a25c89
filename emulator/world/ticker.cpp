#include "world/ticker.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace rockwatch {

namespace {
constexpr Milliseconds longest_wait = std::chrono::seconds{60};
}

Ticker::Ticker(Agenda& agenda, const Clock& clock, std::function<void()> run)
    : agenda_(agenda), clock_(clock), run_(std::move(run)) {}

void Ticker::start() {
    thread_ = std::thread([this] { loop(); });
}

void Ticker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Ticker::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

Milliseconds Ticker::until_next() const {
    const auto due = agenda_.next_due();
    if (!due) return longest_wait;
    const Milliseconds emulated = *due - clock_.now();
    if (emulated <= Milliseconds{0}) return Milliseconds{0};
    if (clock_.mode() == ClockMode::frozen) return longest_wait;
    // At least one: a scaled clock rounds short waits down to nothing.
    return std::clamp(clock_.real_duration(emulated), Milliseconds{1}, longest_wait);
}

void Ticker::loop() {
    for (;;) {
        const Milliseconds wait = until_next();
        if (wait > Milliseconds{0}) {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, wait, [&] { return woken_ || stopping_; });
            woken_ = false;
            if (stopping_) return;
            continue;
        }
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        try {
            run_();
        } catch (const std::exception& error) {
            spdlog::error("work on the agenda failed: {}", error.what());
        }
    }
}

}  // namespace rockwatch
