#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "http/budget.hpp"
#include "http/head.hpp"

namespace rockwatch::http {

using Moment = std::chrono::steady_clock::time_point;

/// Closes what it owns.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void close();

private:
    int fd_ = -1;
};

/// A descriptor that becomes readable for all who poll it, once and for good: the server stops.
class StopSignal {
public:
    StopSignal();
    void raise();
    bool is_raised() const { return is_raised_.load(std::memory_order_relaxed); }
    int fd() const { return event_.get(); }

private:
    Descriptor event_;
    std::atomic<bool> is_raised_{false};
};

/// Wakes the one thread that waits with it. Rung by any thread; being rung twice is being rung once.
class Bell {
public:
    Bell();
    void ring();
    /// What has been rung so far has been heard.
    void clear();
    int fd() const { return event_.get(); }

private:
    Descriptor event_;
};

/// One client's TCP connection: its socket and the bytes that were read ahead. Used by one thread at a time.
class Connection {
public:
    /// What the connection is waiting for while no thread has it.
    enum class Phase {
        fresh,      ///< its first byte
        head,       ///< the rest of a head
        idle,       ///< the next request
        lingering,  ///< its end: everything has been said, and what still comes in is thrown away
    };
    enum class Received { bytes, nothing, end };
    enum class Woken { due, gone, stopping, rung };
    enum class Sent { all, part, gone };

    static constexpr std::size_t receive_bytes_max = 32 * 1024;

    /// `peer`: the client's address, for the log.
    Connection(Descriptor socket, std::string peer, const HeadLimits& limits);

    int fd() const { return socket_.get(); }
    const std::string& peer() const { return peer_; }

    std::string_view unread() const { return std::string_view(input_).substr(at_); }
    void consume(std::size_t count);
    /// Takes at most `size` bytes of what has come in, without waiting.
    Received receive(std::size_t size = receive_bytes_max);
    /// Reads and forgets what has come in.
    Received discard();
    /// What the next receive() would get, at most `size` bytes of it; empty when there is nothing.
    /// `has_ended` tells an end from nothing yet.
    std::string peek(std::size_t size, bool& has_ended) const;

    /// Waits until there is something to read. False when `until` passes first.
    bool wait_readable(Moment until) const;
    /// Waits until `due`, unless the client leaves, the server stops or the bell rings.
    Woken wait_until(Moment due, const StopSignal& stop, const Bell* bell = nullptr) const;

    /// Sends both texts, in one call where the socket takes them, and takes off what has been sent.
    Sent send(std::string_view& first, std::string_view& second) const;
    /// Waits until the socket takes more. False when `until` passes first, or the client is gone.
    bool wait_writable(Moment until) const;
    /// Sends what the socket takes at once: last words that nobody waits for.
    void send_last_words(std::string_view text) const;

    /// The next close() resets instead of ending.
    void reset_on_close() const;
    void end_output() const;

    Phase phase = Phase::fresh;
    Moment deadline{};        ///< of the phase; holds while no thread has the connection
    Moment unserved_since{};  ///< since when no worker has been free for it; zero: nobody has looked
    bool is_new = true;       ///< no request has been answered on it
    HeadReader head_reader;
    Share head_share;  ///< of the budget of heads, while the rest of one is waited for

private:
    Descriptor socket_;
    std::string peer_;
    std::string input_;
    std::size_t at_ = 0;
};

}  // namespace rockwatch::http
