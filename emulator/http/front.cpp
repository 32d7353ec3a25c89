#include "http/front.hpp"

#include <spdlog/spdlog.h>

#include "http/http1.hpp"
#include "http/http2.hpp"
#include "http/listener.hpp"
#include "http/workers.hpp"

namespace rockwatch {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t stack_bytes = 1024 * 1024;  // their frames are several times as large
#else
constexpr std::size_t stack_bytes = 256 * 1024;
#endif

}  // namespace

struct Front::Parts {
    Parts(FrontOptions given, Handler& handler)
        : options(std::move(given)),
          table(stop, tasks),
          workers({.workers_max = options.workers_max,
                   .stack_bytes = stack_bytes,
                   .patience = options.worker_patience,
                   .create_thread = options.create_worker},
                  table, tasks, stop),
          shared(options, handler, table, workers, stop),
          http2(shared, tasks),
          listener(options, table, stop) {}

    const FrontOptions options;
    http::StopSignal stop;
    http::TaskQueue tasks;
    http::ConnectionTable table;
    http::Workers workers;
    http::Shared shared;
    http::Http2 http2;
    http::Listener listener;
    bool is_stopped = false;
    bool all_finished = true;
};

Front::Front(FrontOptions options, Handler& handler)
    : parts_(std::make_unique<Parts>(std::move(options), handler)) {}

Front::~Front() {
    stop();
    parts_->workers.join();
}

void Front::start() {
    parts_->listener.bind();
    parts_->http2.start();
    parts_->workers.start(
        [parts = parts_.get()] { return std::make_unique<http::Http1>(parts->shared, parts->http2); });
    parts_->listener.start();
}

int Front::port() const { return parts_->listener.port(); }

std::vector<std::string> Front::addresses() const { return parts_->listener.addresses(); }

bool Front::stop() {
    if (std::exchange(parts_->is_stopped, true)) return parts_->all_finished;
    parts_->stop.raise();
    parts_->listener.join();
    parts_->table.close_parked();
    const auto deadline = std::chrono::steady_clock::now() + parts_->options.stop_deadline;
    if (!parts_->table.wait_until_none_is_taken(deadline)) {
        spdlog::warn("{} calls are cut off: they did not finish in time", parts_->table.taken());
        parts_->table.shut_down_taken();
        // Whoever waited for its client is awake now; a handler that computes is not.
        constexpr std::chrono::milliseconds last_chance{500};
        parts_->all_finished =
            parts_->table.wait_until_none_is_taken(std::chrono::steady_clock::now() + last_chance);
    }
    if (!parts_->http2.finish(deadline)) parts_->all_finished = false;
    return parts_->all_finished;
}

FrontFigures Front::figures() const {
    return {.connections = parts_->table.open(),
            .workers = parts_->workers.threads(),
            .busy_workers = parts_->workers.busy(),
            .accepted = parts_->listener.accepted(),
            .refused = parts_->listener.refused(),
            .requests = parts_->shared.requests.load(std::memory_order_relaxed),
            .bodies_bytes = parts_->shared.bodies.used(),
            .heads_bytes = parts_->shared.heads.used()};
}

}  // namespace rockwatch
