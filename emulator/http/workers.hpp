#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "core/waiting.hpp"
#include "http/connection_table.hpp"
#include "http/create_thread.hpp"

namespace rockwatch::http {

/// One thread's way of serving connections. Made by the thread that uses it.
class Attendant {
public:
    virtual ~Attendant() = default;
    /// Takes the connection as far as it goes without waiting for the client's next request, then parks or
    /// closes it.
    virtual void serve(std::unique_ptr<Connection> connection) = 0;
    /// For when no worker is free: answers what may not wait (health), turns away what has waited for
    /// `patience`, and parks the rest untouched. Never waits.
    virtual void serve_urgent(std::unique_ptr<Connection> connection, std::chrono::milliseconds patience) = 0;
};

struct WorkerLimits {
    std::size_t workers_max = 4096;
    /// As many may work without anybody looking whether they get on; beyond it, a thread is added when the
    /// others are known to wait, or make no progress. Hardly more than there are cores: threads that take
    /// turns on a core cost each other its cache.
    std::size_t eager_max = std::max(3U, std::thread::hardware_concurrency() + 1);
    /// While no more are busy, a worker may wait a little for its client.
    std::size_t hold_max = std::max(1U, std::thread::hardware_concurrency() / 2);
    std::size_t stack_bytes = 256 * 1024;
    std::chrono::milliseconds idle_max{10'000};  ///< a thread without work for so long ends
    std::chrono::milliseconds patience{1'000};   ///< how long a request waits for a worker before it gets 503
    /// When the system gives no thread, it is asked again after this long.
    std::chrono::milliseconds starved_pause{100};
    CreateThread create_thread = pthread_create;
};

/// Threads that come and go with the load. They follow one another: all who are free wait for the same epoll
/// set, one takes a connection and serves it, and the last free one sees to it that another follows. So a
/// request costs no hand-over, and a call that is held by an injected latency costs a sleeping thread of 256
/// KiB.
class Workers final : public ThreadKeeper {
public:
    using MakeAttendant = std::function<std::unique_ptr<Attendant>()>;

    Workers(WorkerLimits limits, ConnectionTable& table, TaskQueue& tasks, const StopSignal& stop);
    ~Workers() override { join(); }

    /// Waits until every thread has ended: the stop signal has been raised.
    void join();

    void start(MakeAttendant make_attendant);

    /// A worker is about to wait for a client, for a time or for another thread: somebody else has to follow.
    void begin_waiting() override;
    void end_waiting() override;

    /// So few are at work that one may wait a little for its client.
    bool has_plenty() const {
        return idle_.load(std::memory_order_relaxed) > 0 && busy() <= limits_.hold_max;
    }

    std::size_t threads() const { return threads_.load(std::memory_order_relaxed); }
    std::size_t busy() const {
        return threads() - std::min(threads(), idle_.load(std::memory_order_relaxed));
    }

private:
    static void* run_worker(void* workers);
    static void* run_reserve(void* workers);
    void work();
    void stand_by();
    void relieve(Attendant& reserve);
    void relieve_tasks();
    bool add_worker();
    bool start_thread(void* (*run)(void*));
    bool is_starved() const;
    void note_starved();
    void see_to_a_follower();
    bool may_go();

    const WorkerLimits limits_;
    ConnectionTable& table_;
    TaskQueue& tasks_;
    const StopSignal& stop_;
    MakeAttendant make_attendant_;

    std::atomic<std::size_t> threads_{0};
    std::atomic<std::size_t> idle_{0};
    std::atomic<std::size_t> waiting_{0};  ///< busy, but known to wait
    std::atomic<std::uint64_t> served_{0};

    std::mutex mutex_;
    std::condition_variable ended_;
    std::condition_variable needed_;
    std::size_t running_ = 0;  ///< threads that have not ended, the reserve included
    std::atomic<bool> reserve_sleeps_{false};
    std::atomic<bool> was_refused_{false};  ///< the system gave no thread when it was last asked
    std::atomic<std::chrono::steady_clock::rep> starved_until_{0};  ///< and is not asked before this
};

}  // namespace rockwatch::http
