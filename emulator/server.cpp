#include "server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "control/routes.hpp"
#include "deliveries/sender.hpp"
#include "file_watch.hpp"
#include "files.hpp"
#include "front_options.hpp"
#include "gateway/front_page.hpp"
#include "http/front.hpp"
#include "services/sns/message_form.hpp"
#include "shell.hpp"
#include "world/world.hpp"
#include "world_options.hpp"

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

/// Reads the rule files again whenever they change. A broken file leaves the rules as they were.
class RuleReload {
public:
    RuleReload(rules::RuleBook& book, const Options& options, std::vector<Json> loaded)
        : book_(book),
          paths_(options.rules),
          loaded_(std::move(loaded)),
          watch_(options.rules, [this] { reload(); }) {}

private:
    void reload() {
        try {
            auto documents = read_rule_files(paths_, EmptyFolder::accepted);
            if (documents == loaded_ && complaint_.empty()) return;
            book_.start_rules(documents);
            loaded_ = std::move(documents);
            complaint_.clear();
            spdlog::info("read {} rules from {} again", book_.start_rules_in_force(),
                         fmt::join(paths_, ", "));
        } catch (const std::exception& error) {  // the watch's thread begins here
            if (complaint_ == error.what()) return;
            complaint_ = error.what();
            spdlog::warn("the rules stay as they were: {}", complaint_);
        }
    }

    rules::RuleBook& book_;
    const std::vector<std::string> paths_;
    std::vector<Json> loaded_;
    std::string complaint_;  // the last one, until it is mended
    FileWatch watch_;
};

WorldOptions served_world(const Options& options, const Credentials* credentials) {
    WorldOptions world = world_options(options);
    world.storage = {.path = options.db,
                     .durability = options.durability,
                     .writer_thread = true,
                     .bytes_max = options.max_db_size};
    if (credentials != nullptr) world.credentials = *credentials;
    world.delivery_threads = 8;
    world.ticker = true;
    world.start_rules =
        read_rule_files(options.rules, options.watch ? EmptyFolder::accepted : EmptyFolder::refused);
    world.setup = read_setup_files(options.setup);
    return world;
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
    gauge("rockwatch_request_heads_bytes", "Heads in memory that wait for their rest.", figures.heads_bytes);
}

}  // namespace

struct Server::Parts {
    Parts(const Options& options, const Credentials* credentials)
        : sender({.allowed_hosts = options.allow_outbound}),
          world(served_world(options, credentials), sender),
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
    std::unique_ptr<RuleReload> reload;
};

Server::Server(const Options& options, const Credentials* credentials) try
    : parts_(std::make_unique<Parts>(options, credentials)) {
    try {
        parts_->front.start();
    } catch (const ListenError& error) {
        if (error.is_in_use) throw PortInUse(error.what());
        const std::string_view what = error.what();
        const bool names_option = what.starts_with("--host");
        throw InputError(400, "InvalidOption",
                         names_option ? std::string(what) : fmt::format("--host {}: {}", options.host, what));
    }
    parts_->world.set_base_url(endpoint_of(options.host, parts_->front.port()));
    if (options.watch)
        parts_->reload =
            std::make_unique<RuleReload>(parts_->world.rules(), options, parts_->world.options().start_rules);
} catch (const InputError& error) {
    rethrow_with_file(error, read_setup_files(options.setup));
} catch (const DatabaseError& error) {  // a start writes, too
    const bool is_full = error.code == SQLITE_FULL && options.max_db_size;
    throw StorageUnusable(
        is_full ? fmt::format("{} has reached its --max-db-size: start with a larger one", options.db)
                : fmt::format("{}: {}. Name another file with --db", options.db, error.what()));
}

Server::~Server() = default;

int Server::port() const { return parts_->front.port(); }

std::vector<std::string> Server::addresses() const { return parts_->front.addresses(); }

std::size_t Server::start_rules() const { return parts_->world.rules().start_rules_in_force(); }

ClockState Server::clock() const { return parts_->world.clock().state(); }

bool Server::stop() {
    parts_->reload.reset();
    parts_->world.stop_waiting();
    if (parts_->front.stop()) return true;
    spdlog::warn("calls were still in flight after the deadline and have been cut off");
    auto& storage = parts_->world.storage();
    storage.wait_for(storage.position());
    return false;
}

}  // namespace rockwatch
