#include "deliveries/pool.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <utility>

#include "core/waiting.hpp"

namespace rockwatch::deliveries {

namespace {

constexpr std::chrono::seconds idle_time_max{10};

}  // namespace

void Pool::run(std::function<void()> task) {
    std::unique_lock lock(mutex_);
    if (stopped_) return;
    join_finished(lock);
    waiting_.push_back({++handed_in_, std::move(task)});
    const bool may_add = idle_ < waiting_.size() && threads_.size() < threads_max_;
    if (may_add && add_thread()) return;
    work_came_.notify_one();
    // Without any thread nobody else would ever come to it.
    if (threads_.empty()) do_next(lock);
}

/// False when the system gives none.
bool Pool::add_thread() {
    const auto self = threads_.emplace(threads_.end());
    try {
        *self = start_([this, self] { work(self); });
        was_refused_ = false;
        return true;
    } catch (const std::exception& error) {
        threads_.erase(self);
        if (!std::exchange(was_refused_, true))
            spdlog::warn("the system gives no more threads for deliveries: {} are there ({})",
                         threads_.size(), error.what());
        return false;
    }
}

/// The first task of those that wait; `lock` is given up meanwhile.
void Pool::do_next(std::unique_lock<std::mutex>& lock) {
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    running_.insert(task.number);
    lock.unlock();
    task.run();
    lock.lock();
    running_.erase(task.number);
    work_done_.notify_all();
}

void Pool::join_finished(std::unique_lock<std::mutex>& lock) {
    std::list<std::thread> finished;
    finished.swap(finished_);
    lock.unlock();
    for (auto& thread : finished) thread.join();
    lock.lock();
}

void Pool::work(std::list<std::thread>::iterator self) {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        const bool woken =
            work_came_.wait_for(lock, idle_time_max, [&] { return stopped_ || !waiting_.empty(); });
        --idle_;
        if (stopped_ || !woken) break;
        do_next(lock);
    }
    finished_.splice(finished_.end(), threads_, self);
    work_done_.notify_all();
}

std::size_t Pool::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size() + running_.size();
}

std::uint64_t Pool::handed_in() const {
    const std::lock_guard lock(mutex_);
    return handed_in_;
}

bool Pool::is_done_since(std::uint64_t earlier) const {
    const bool none_waits = waiting_.empty() || waiting_.back().number <= earlier;
    const bool none_runs = running_.empty() || *running_.rbegin() <= earlier;
    return stopped_ || (none_waits && none_runs);
}

void Pool::drain_since(std::uint64_t earlier) {
    const Waiting waiting;
    std::unique_lock lock(mutex_);
    work_done_.wait(lock, [&] { return is_done_since(earlier); });
}

bool Pool::drain_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return work_done_.wait_for(lock, patience, [&] { return is_done_since(0); });
}

void Pool::stop() {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    waiting_.clear();
    work_came_.notify_all();
    work_done_.notify_all();
    work_done_.wait(lock, [&] { return threads_.empty() && running_.empty(); });
    join_finished(lock);
}

}  // namespace rockwatch::deliveries
