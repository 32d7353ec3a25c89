#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "core/clock.hpp"
#include "core/instant.hpp"

namespace rockwatch {

/// Work with a due time: alarm evaluations, retention sweeps, delivery retries. Thread-safe.
class Agenda {
public:
    using Task = std::function<void(Instant due)>;

    /// Adds work. Whoever runs the agenda is told through `on_add`, outside the lock.
    void add(Instant due, Task task);

    /// Called after each addition; set once, before threads start.
    void on_add(std::function<void()> listener) { on_add_ = std::move(listener); }

    std::optional<Instant> next_due() const;
    std::size_t size() const;

    /// Runs what is due up to and including `until`, in time order and then in the order it was added. Each
    /// task sees the clock at its own due time (or later, when it is late) and may add more. `after_each`
    /// runs after every instant's tasks. Returns how many tasks ran.
    std::size_t run_until(Instant until, VirtualClock& clock, const std::function<void()>& after_each = {});

    /// Forgets everything, as a reset does.
    void clear();

private:
    std::optional<std::pair<Instant, Task>> take(Instant until);

    mutable std::mutex mutex_;
    std::multimap<Instant, Task> tasks_;  // equal keys keep the order of insertion
    std::function<void()> on_add_;
};

}  // namespace rockwatch
