#include "stage.hpp"

#include <fmt/format.h>

#include <utility>

#include "violation.hpp"
#include "wire.hpp"

namespace rockwatch::simulation {

namespace {

/// They never change: reading them once for all worlds leaves the time to the worlds.
const std::shared_ptr<const ModelLibrary>& service_models() {
    static const auto models = std::make_shared<const ModelLibrary>();
    return models;
}

}  // namespace

Stage::Stage(std::uint64_t seed, Durability durability) : seed_(seed), durability_(durability), disk_(seed) {
    start();
    world_->set_clock(ClockMode::frozen, from_epoch_ms(start_ms), 1, true);
}

Stage::Stage(std::uint64_t seed, Durability durability, const std::map<std::string, std::string>& files)
    : seed_(seed), durability_(durability), disk_(seed) {
    for (const auto& [name, bytes] : files) disk_.put(name, bytes);
    start();
}

WorldOptions Stage::options() const {
    WorldOptions options;
    options.storage = {
        .path = "world.db", .durability = durability_, .writer_thread = false, .vfs = disk_.vfs()};
    options.seed = seed_;
    options.models = service_models();
    options.wall = [] { return from_epoch_ms(start_ms); };
    return options;
}

void Stage::start() {
    world_ = std::make_unique<World>(options(), network_);
    network_.watch(&world_->clock());
    last_call_ = 0;
    if (!dump_) dump_ = std::make_unique<Dump>(*world_->storage().read());
}

void Stage::restart() {
    keep_journal();
    world_.reset();
    start();
}

void Stage::kill() {
    keep_journal();
    disk_.kill();
    world_.reset();  // what it still wants to write reaches no disk
    disk_.start();
    start();
}

void Stage::cut(std::uint64_t seed) {
    keep_journal();
    if (!disk_.is_off()) disk_.cut(seed);
    world_.reset();
    disk_.start();
    start();
}

std::string Stage::dump() { return dump_->of(*world_->storage().read()); }

void Stage::keep_journal() { say(to_text(world_->journal().list({.limit = 1'000'000}))); }

Outcome Stage::read_journal() {
    const Json calls = world_->journal().list({.after = last_call_, .limit = 10}).at("calls");
    demand(calls.size() == 1, "journal",
           [&] { return fmt::format("one call left {} entries", calls.size()); });
    const Json& entry = calls.front();
    last_call_ = entry.at("id");
    Outcome outcome{.status = entry.at("status"),
                    .rules = entry.at("rules"),
                    .output = entry.at("response"),
                    .request_id = entry.at("requestId"),
                    .latency_ms = entry.at("latencyMs")};
    if (entry.at("error").is_null()) return outcome;
    outcome.error = entry.at("error").at("code");
    outcome.message = entry.at("error").at("message");
    return outcome;
}

Outcome Stage::call(std::size_t who, const std::string& service, const std::string& operation,
                    const Json& input) {
    WireCall wire = wire_call(owner_at(who), service, operation, input);
    TextBody body(std::move(wire.body));
    HttpRequest request{
        .method = wire.method, .target = wire.target, .headers = std::move(wire.headers), .body = &body};
    const HttpReply reply = world_->gateway().answer(request);
    if (const auto happens = std::exchange(meanwhile_, nullptr)) happens();
    if (reply.on_complete) reply.on_complete();
    say(fmt::format("{} {}", reply.status, reply.body));
    for (const auto& [name, value] : reply.headers) say(name + ": " + value);
    for (const auto& piece : reply.pieces) say(fmt::format("{} {}", piece.due.count(), piece.bytes));
    Outcome outcome = read_journal();
    demand(outcome.status == reply.status, "journal",
           [&] { return fmt::format("it tells {} of an answer with {}", outcome.status, reply.status); });
    demand(outcome.error != "InternalFailure", "I2", [&] { return operation + " broke: " + reply.body; });
    return outcome;
}

Json Stage::ask(std::size_t who, const std::string& service, const std::string& operation,
                const Json& input) {
    Caller caller;
    caller.account = owner_at(who).account;
    caller.region = owner_at(who).region;
    caller.principal_arn = fmt::format("arn:aws:iam::{}:root", caller.account);
    caller.base_url = "http://127.0.0.1:4566";
    caller.request_id = "00000000-0000-4000-8000-000000000000";
    return world_->gateway().call(service, operation, caller, input);
}

}  // namespace rockwatch::simulation
