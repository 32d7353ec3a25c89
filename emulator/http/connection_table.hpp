#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "http/connection.hpp"
#include "http/task_queue.hpp"

namespace rockwatch::http {

/// What a worker is to do next: one of the two, or nothing.
struct Work {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<Task> task;

    explicit operator bool() const { return connection || task; }
};

/// All open connections. Those that wait for their client are in an epoll set, where they hold no thread; one
/// that has something to read is handed to whoever asks first.
class ConnectionTable {
public:
    /// Events of `stop` wake everyone who waits.
    ConnectionTable(const StopSignal& stop, TaskQueue& tasks);

    /// Counts a connection that nobody has seen yet, or that comes back. Its phase and deadline are set. When
    /// the server is stopping it is closed instead.
    void park(std::unique_ptr<Connection> connection);

    /// Waits up to `patience` for a connection with something to read, or a task, and takes it out.
    Work wait(std::chrono::milliseconds patience);
    /// Takes a connection with something to read, if there is one: what a reserve does, who leaves tasks alone.
    std::unique_ptr<Connection> take_ready();
    /// Something to read that nobody has taken yet.
    bool has_ready() const;

    /// Lets go of a connection that the caller has taken and somebody else looks after from now on. It counts as
    /// open until leave().
    void hand_over(const Connection& connection);
    void leave(std::unique_ptr<Connection> connection);

    /// Ends a connection that the caller had taken.
    void close(std::unique_ptr<Connection> connection);

    /// Takes out what is overdue.
    std::vector<std::unique_ptr<Connection>> take_overdue(Moment now);

    /// Closes all that nobody has taken, now and from now on.
    void close_parked();
    /// Until no connection is taken. False when `until` passes first.
    bool wait_until_none_is_taken(Moment until);
    /// Wakes every thread that reads from or writes to a client.
    void shut_down_taken();

    std::size_t open() const { return open_.load(std::memory_order_relaxed); }
    std::size_t taken() const;

private:
    struct Slot {
        std::unique_ptr<Connection> parked;
        bool is_taken = false;
        bool is_watched = false;  ///< known to epoll
    };

    std::unique_ptr<Connection> take(int fd);
    void forget(int fd);

    Descriptor epoll_;
    const StopSignal& stop_;
    TaskQueue& tasks_;
    mutable std::mutex mutex_;
    std::condition_variable none_taken_;
    std::vector<Slot> slots_;  ///< by descriptor: small numbers, reused by the kernel
    std::size_t taken_ = 0;
    std::atomic<std::size_t> open_{0};
    bool is_closed_ = false;
};

}  // namespace rockwatch::http
