#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "http/body.hpp"
#include "http/front.hpp"
#include "http/host_guard.hpp"
#include "http/workers.hpp"

namespace rockwatch::http {

/// What a call is told that finds no thread.
inline constexpr std::string_view too_busy_text =
    "All workers are busy: --workers-max calls are in flight, or the system gives no more threads.";

/// What all threads share.
struct Shared {
    Shared(const FrontOptions& options, Handler& handler, ConnectionTable& table, Workers& workers,
           const StopSignal& stop)
        : options(options),
          handler(handler),
          table(table),
          workers(workers),
          stop(stop),
          guard({.host_names = options.host_names, .cors_origins = options.cors_origins}),
          bodies(options.bodies_bytes_max),
          heads(options.heads_bytes_max) {}

    const FrontOptions& options;
    Handler& handler;
    ConnectionTable& table;
    Workers& workers;
    const StopSignal& stop;
    const HostGuard guard;
    Budget bodies;
    Budget heads;  ///< that have begun to come in, and wait for their rest
    std::atomic<std::uint64_t> requests{0};
};

}  // namespace rockwatch::http
