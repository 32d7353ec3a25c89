#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/instant.hpp"
#include "http/body.hpp"
#include "http/create_thread.hpp"
#include "http/head.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

/// What the front binds to, whom it lets in, and where its limits are. Tests use short times.
struct FrontOptions {
    std::string host = "localhost";  ///< localhost: 127.0.0.1 and, where there is one, ::1
    int port = 4566;                 ///< 0: a free one

    std::vector<std::string> host_names;
    std::vector<std::string> cors_origins;
    /// Answered even when every worker is busy. GET alone.
    std::vector<std::string> urgent_paths = {"/_rockwatch/health", "/_localstack/health"};

    std::size_t connections_max = 10'000;
    std::size_t workers_max = 4'096;
    Milliseconds worker_patience{1'000};  ///< how long a request waits for a worker before it gets 503
    http::CreateThread create_worker = pthread_create;

    http::HeadLimits head;
    std::size_t heads_bytes_max = 64U << 20U;  ///< of all heads together that are waited for
    Milliseconds head_deadline{10'000};  ///< for the whole head, from its first byte (or from connecting)
    http::BodyLimits body;
    std::size_t bodies_bytes_max = 512U << 20U;  ///< of all requests at work together
    Milliseconds body_grace{5'000};              ///< before the first look at a body's rate
    Milliseconds body_window{10'000};            ///< the rate is looked at over each of these
    std::size_t body_rate_min = 1'024;           ///< bytes a second, of time spent waiting for the client
    std::size_t drain_bytes_max = 64U
                                  << 10U;  ///< of a body that nobody read; beyond it the connection is closed

    Milliseconds keep_alive{75'000};  ///< how long a connection may be idle
    Milliseconds hold{2};  ///< how long a worker stays with a client it has answered, if there are plenty
    Milliseconds linger{2'000};         ///< how long a client may take to read its last answer
    Milliseconds write_stall{30'000};   ///< a client that takes nothing for so long is dropped
    Milliseconds stop_deadline{5'000};  ///< for calls in flight
};

struct FrontFigures {
    std::size_t connections = 0;   ///< open now
    std::size_t workers = 0;       ///< threads now
    std::size_t busy_workers = 0;  ///< of these, with a request
    std::uint64_t accepted = 0;    ///< connections since the start
    std::uint64_t refused = 0;     ///< connections turned away for a limit
    std::uint64_t requests = 0;    ///< begun since the start
    std::size_t bodies_bytes = 0;  ///< request bodies in memory now
    std::size_t heads_bytes = 0;   ///< begun heads in memory now
};

/// An address that can't be bound; `is_in_use`: because somebody else has it.
struct ListenError : std::runtime_error {
    ListenError(const std::string& what, bool is_in_use) : std::runtime_error(what), is_in_use(is_in_use) {}
    bool is_in_use;
};

/// The sockets: takes HTTP off them, asks the handler, keeps the answers' times.
class Front {
public:
    /// The handler is called from many threads at once and must outlive the front.
    Front(FrontOptions options, Handler& handler);
    /// Stops, and waits for every call that is still in the handler.
    ~Front();
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    /// Accepts connections when it returns. Throws ListenError.
    void start();

    int port() const;
    /// 127.0.0.1:4566, [::1]:4566
    std::vector<std::string> addresses() const;

    /// Stops accepting, closes idle connections, lets calls in flight finish until the deadline; injected
    /// sleeps are cut short. False when the handler still holds a call after that: its client has been cut
    /// off.
    bool stop();

    FrontFigures figures() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace rockwatch
