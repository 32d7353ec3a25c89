#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "http/http2_session.hpp"

namespace rockwatch::http {

/// All HTTP/2 connections. One thread owns their sessions: it alone reads, frames and sends, and waits for
/// nothing but its sockets, so an idle connection holds no thread. Each request becomes a task for any free
/// worker, which may take as long as it likes. The two meet in Http2Stream.
class Http2 {
public:
    Http2(Shared& shared, TaskQueue& tasks);
    /// Has finished, and no worker is left.
    ~Http2();

    void start();

    /// Takes over what a worker has taken out of the table, a connection whose first bytes are the preface.
    /// Any thread.
    void adopt(std::unique_ptr<Connection> connection);

    /// The stop signal has been raised: clients are told, what is under way may end until the moment given,
    /// and is cut off then. False when a handler holds a call even after that.
    bool finish(Moment until);

private:
    using Sessions = std::unordered_map<int, std::unique_ptr<Http2Session>>;

    void run();
    int time_to_wait() const;
    void serve(int fd, std::uint32_t events);
    void read_letters();
    void welcome(std::unique_ptr<Connection> connection);
    void sweep();
    template <class Do>
    void with(Http2Session& session, Do work);
    template <class Do>
    void with_all(Do work);
    void watch(Http2Session& session);
    void close(int fd);
    void begin_stop();

    Shared& shared_;
    Http2Mailbox mailbox_;
    const Http2Parts parts_;
    const std::chrono::milliseconds sweep_step_;
    Descriptor epoll_;
    std::thread thread_;
    std::atomic<bool> is_cut_{false};

    // Of the thread alone.
    Sessions sessions_;
    std::unordered_map<int, bool> writes_;  ///< whose socket is asked for room, too
    Moment next_sweep_{};
    bool is_stopping_ = false;

    std::mutex mutex_;
    std::condition_variable ended_;
    bool has_ended_ = false;
};

}  // namespace rockwatch::http
