#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace rockwatch::deliveries {

/// A few threads that come when there is work and go when there has been none for a while. With none at all,
/// because there are to be none or the system gives none, work runs on whoever brings it.
class Pool {
public:
    /// Begins a thread, or throws std::system_error as std::thread does.
    using Start = std::function<std::thread(std::function<void()> work)>;

    explicit Pool(std::size_t threads_max, Start start = begin_thread)
        : threads_max_(threads_max), start_(std::move(start)) {}
    ~Pool() { stop(); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// `task` must not throw. Forgotten once the pool has been stopped.
    void run(std::function<void()> task);
    /// How many tasks have been handed in so far.
    std::uint64_t handed_in() const;
    /// How many of them have not been done.
    std::size_t waiting() const;
    /// Returns when every task but the first `earlier` has been done.
    void drain_since(std::uint64_t earlier);
    /// Returns when everything handed in so far has been done. False when `patience` passes first.
    bool drain_for(std::chrono::milliseconds patience);
    /// Forgets what waits, ends what runs, lets no more in.
    void stop();

private:
    static std::thread begin_thread(std::function<void()> work) { return std::thread(std::move(work)); }
    bool add_thread();
    void do_next(std::unique_lock<std::mutex>& lock);
    void work(std::list<std::thread>::iterator self);
    void join_finished(std::unique_lock<std::mutex>& lock);

    struct Task {
        std::uint64_t number;
        std::function<void()> run;
    };

    bool is_done_since(std::uint64_t earlier) const;

    const std::size_t threads_max_;
    const Start start_;
    mutable std::mutex mutex_;
    std::condition_variable work_came_;
    std::condition_variable work_done_;
    std::deque<Task> waiting_;
    std::set<std::uint64_t> running_;  ///< numbers of the tasks that are being done
    std::uint64_t handed_in_ = 0;
    std::size_t idle_ = 0;
    bool stopped_ = false;
    bool was_refused_ = false;  ///< the system gave no thread when it was last asked
    std::list<std::thread> threads_;
    std::list<std::thread> finished_;
};

}  // namespace rockwatch::deliveries
