#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace rockwatch::deliveries {

/// A few threads that come when there is work and go when there has been none for a while. With none at all,
/// work runs on whoever brings it.
class Pool {
public:
    explicit Pool(std::size_t threads_max) : threads_max_(threads_max) {}
    ~Pool() { stop(); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// `task` must not throw. Forgotten once the pool has been stopped.
    void run(std::function<void()> task);
    /// Returns when everything handed in so far has been done.
    void drain();
    /// Forgets what waits, ends what runs, lets no more in.
    void stop();

private:
    void work(std::list<std::thread>::iterator self);
    void join_finished(std::unique_lock<std::mutex>& lock);

    const std::size_t threads_max_;
    std::mutex mutex_;
    std::condition_variable work_came_;
    std::condition_variable work_done_;
    std::deque<std::function<void()>> waiting_;
    std::size_t running_ = 0;
    std::size_t idle_ = 0;
    bool stopped_ = false;
    std::list<std::thread> threads_;
    std::list<std::thread> finished_;
};

}  // namespace rockwatch::deliveries
