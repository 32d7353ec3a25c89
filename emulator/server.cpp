#include "server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "control/routes.hpp"
#include "deliveries/sender.hpp"
#include "files.hpp"
#include "gateway/front_page.hpp"
#include "http/front.hpp"
#include "services/sns/message_form.hpp"
#include "world/world.hpp"

namespace rockwatch {

namespace {

/// The one door behind the front: our own surface, the page for people, AWS.
class Door : public Handler {
public:
    Door(World& world, control::ControlOptions options)
        : world_(world),
          gateway_(world.gateway()),
          version_(options.version),
          control_(world, std::move(options)) {}

    HttpReply answer(HttpRequest& request) override {
        if (control::ControlApi::owns(request.path())) return control_.answer(request);
        if (request.path() == sns::certificate_path) return certificate();
        if (wants_front_page(request)) return front_page(version_);
        return gateway_.answer(request);
    }

    std::optional<HttpReply> turn_away(const HttpRequest& request, int status,
                                       std::string_view message) override {
        if (control::ControlApi::owns(request.path())) return std::nullopt;
        return gateway_.turn_away(request, status, message);
    }

private:
    HttpReply certificate() const {
        HttpReply reply;
        reply.headers.add("Content-Type", "application/x-pem-file");
        reply.body = world_.signing_certificate();
        return reply;
    }

    World& world_;
    Gateway& gateway_;
    std::string version_;
    control::ControlApi control_;
};

WorldOptions world_options(const Options& options) {
    WorldOptions world;
    world.storage = {.path = options.db, .durability = options.durability, .writer_thread = true};
    world.defaults = {options.account, options.region};
    world.iam = options.iam;
    world.runtime = options.runtime;
    world.seed = options.seed;
    // --now alone starts a real clock at that reading.
    if (options.clock || options.now) {
        world.clock = ClockStart{
            .mode = options.clock.value_or(ClockMode::real), .now = options.now, .speed = options.speed};
    }
    world.journal_entries = static_cast<std::size_t>(options.journal);
    world.delivery_threads = 8;
    world.ticker = true;
    world.base_url = fmt::format("http://127.0.0.1:{}", options.port);
    world.start_rules = read_rule_files(options.rules);
    world.setup = read_setup_files(options.setup);
    return world;
}

FrontOptions front_options(const Options& options) {
    FrontOptions front;
    front.host = options.host;
    front.port = options.port;
    front.host_names = options.host_names;
    front.cors_origins = options.cors_origins;
    front.connections_max = static_cast<std::size_t>(options.max_connections);
    front.workers_max = static_cast<std::size_t>(options.workers_max);
    front.body.body_bytes_max = static_cast<std::size_t>(options.max_body);
    front.keep_alive = std::chrono::seconds{options.keep_alive_seconds};
    return front;
}

void add_figures(PrometheusText& text, const FrontFigures& figures) {
    using Type = PrometheusText::Type;
    const auto gauge = [&](std::string_view name, std::string_view help, std::size_t value) {
        text.family(name, Type::gauge, help).sample(static_cast<double>(value));
    };
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        text.family(name, Type::counter, help).sample(static_cast<double>(value));
    };
    gauge("rockwatch_open_connections", "Connections open now.", figures.connections);
    counter("rockwatch_accepted_connections_total", "Connections since the start.", figures.accepted);
    counter("rockwatch_refused_connections_total", "Connections turned away for a limit.", figures.refused);
    counter("rockwatch_http_requests_total", "Requests begun, our own surface included.", figures.requests);
    gauge("rockwatch_workers", "Threads that answer.", figures.workers);
    gauge("rockwatch_busy_workers", "Of these, with a request.", figures.busy_workers);
    gauge("rockwatch_request_bodies_bytes", "Request bodies in memory.", figures.bodies_bytes);
}

}  // namespace

struct Server::Parts {
    explicit Parts(const Options& options)
        : sender({.allowed_hosts = options.allow_outbound}),
          world(world_options(options), sender),
          door(world, control_options(options)),
          front(front_options(options), door) {}

    control::ControlOptions control_options(const Options& options) {
        return {.version = ROCKWATCH_VERSION,
                .token = options.control_token,
                .started = monotonic(),
                .add_front_figures = [this](PrometheusText& text) { add_figures(text, front.figures()); }};
    }

    deliveries::HttpSender sender;
    World world;
    Door door;
    Front front;
};

Server::Server(const Options& options) : parts_(std::make_unique<Parts>(options)) {
    try {
        parts_->front.start();
    } catch (const ListenError& error) {
        if (error.is_in_use) throw PortInUse(error.what());
        throw InputError(400, "InvalidOption", fmt::format("--host {}: {}", options.host, error.what()));
    }
    parts_->world.set_base_url(fmt::format("http://127.0.0.1:{}", parts_->front.port()));
    for (const auto& address : parts_->front.addresses()) spdlog::info("listening on {}", address);
}

Server::~Server() = default;

int Server::port() const { return parts_->front.port(); }

bool Server::stop() {
    parts_->world.stop_waiting();
    if (parts_->front.stop()) return true;
    spdlog::warn("calls were still in flight after the deadline and have been cut off");
    auto& storage = parts_->world.storage();
    storage.wait_for(storage.position());
    return false;
}

}  // namespace rockwatch
