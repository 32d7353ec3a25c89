#include "core/agenda.hpp"

namespace rockwatch {

void Agenda::add(Instant due, Task task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.emplace(due, std::move(task));
    }
    if (on_add_) on_add_();
}

std::size_t Agenda::size() const {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
}

std::optional<Instant> Agenda::next_due() const {
    const std::lock_guard lock(mutex_);
    if (tasks_.empty()) return std::nullopt;
    return tasks_.begin()->first;
}

std::optional<std::pair<Instant, Agenda::Task>> Agenda::take(Instant until) {
    const std::lock_guard lock(mutex_);
    if (tasks_.empty() || tasks_.begin()->first > until) return std::nullopt;
    auto node = tasks_.extract(tasks_.begin());
    return std::pair{node.key(), std::move(node.mapped())};
}

std::size_t Agenda::run_until(Instant until, VirtualClock& clock, const std::function<void()>& after_each) {
    std::size_t ran = 0;
    while (auto next = take(until)) {
        clock.advance_to(next->first);
        next->second(next->first);
        ++ran;
        const auto following = next_due();
        const bool instant_is_over = !following || *following > next->first;
        if (after_each && instant_is_over) after_each();
    }
    return ran;
}

void Agenda::clear() {
    const std::lock_guard lock(mutex_);
    tasks_.clear();
}

}  // namespace rockwatch
