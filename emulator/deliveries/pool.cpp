#include "deliveries/pool.hpp"

#include <chrono>
#include <utility>

#include "core/waiting.hpp"

namespace rockwatch::deliveries {

namespace {

constexpr std::chrono::seconds idle_time_max{10};

}  // namespace

void Pool::run(std::function<void()> task) {
    if (threads_max_ == 0) {
        {
            const std::lock_guard lock(mutex_);
            if (stopped_) return;
            ++handed_in_;
        }
        task();
        return;
    }
    std::unique_lock lock(mutex_);
    if (stopped_) return;
    join_finished(lock);
    waiting_.push_back({++handed_in_, std::move(task)});
    if (idle_ >= waiting_.size() || threads_.size() >= threads_max_) {
        work_came_.notify_one();
        return;
    }
    const auto self = threads_.emplace(threads_.end());
    *self = std::thread([this, self] { work(self); });
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
        const Task task = std::move(waiting_.front());
        waiting_.pop_front();
        running_.insert(task.number);
        lock.unlock();
        task.run();
        lock.lock();
        running_.erase(task.number);
        work_done_.notify_all();
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
    work_done_.wait(lock, [&] { return threads_.empty(); });
    join_finished(lock);
}

}  // namespace rockwatch::deliveries
