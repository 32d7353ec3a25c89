#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "http/connection.hpp"

namespace rockwatch::http {

/// All open connections. Those that wait for their client are in an epoll set, where they hold no thread; one
/// that has something to read is handed to whoever asks first.
class ConnectionTable {
public:
    /// Events of `stop` wake everyone who waits.
    explicit ConnectionTable(const StopSignal& stop);

    /// Counts a connection that nobody has seen yet, or that comes back. Its phase and deadline are set. When
    /// the server is stopping it is closed instead.
    void park(std::unique_ptr<Connection> connection);

    /// Waits up to `patience` for a connection with something to read, and takes it out. Null when none came.
    std::unique_ptr<Connection> wait(std::chrono::milliseconds patience);
    /// Something to read that nobody has taken yet.
    bool has_ready() const;

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

    void forget(int fd);

    Descriptor epoll_;
    const StopSignal& stop_;
    mutable std::mutex mutex_;
    std::condition_variable none_taken_;
    std::vector<Slot> slots_;  ///< by descriptor: small numbers, reused by the kernel
    std::size_t taken_ = 0;
    std::atomic<std::size_t> open_{0};
    bool is_closed_ = false;
};

}  // namespace rockwatch::http
