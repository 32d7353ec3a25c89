#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "services/ports.hpp"

namespace rockwatch {

/// Remembers the newest changes of alarm states, numbered. Thread-safe.
class Transitions : public AlarmListener {
public:
    void changed(const AlarmTransition& transition) override {
        const std::lock_guard lock(mutex_);
        kept_.push_back(transition);
        ++count_;
        if (kept_.size() > kept_max) kept_.pop_front();
    }

    /// How many there have been so far.
    std::uint64_t count() const {
        const std::lock_guard lock(mutex_);
        return count_;
    }

    /// Those after the first `seen`; the oldest are lost when there were more than are kept.
    std::vector<AlarmTransition> since(std::uint64_t seen) const {
        const std::lock_guard lock(mutex_);
        const std::uint64_t wanted = std::min<std::uint64_t>(count_ - seen, kept_.size());
        return {kept_.end() - static_cast<std::ptrdiff_t>(wanted), kept_.end()};
    }

private:
    static constexpr std::size_t kept_max = 100'000;

    mutable std::mutex mutex_;
    std::deque<AlarmTransition> kept_;
    std::uint64_t count_ = 0;
};

}  // namespace rockwatch
