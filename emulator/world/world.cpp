#include "world/world.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/text_time.hpp"
#include "world/clock_store.hpp"
#include "world/start_count.hpp"
#include "world/views.hpp"

namespace rockwatch {

namespace {

constexpr std::array<std::string_view, 12> all_scopes = {"logs",  "metrics",    "alarms",  "rules",
                                                         "calls", "deliveries", "s3",      "sns",
                                                         "sqs",   "iam",        "bedrock", "clock"};

/// While it lives, the clock stands at an instant; then it goes on from the wall clock.
class StandingClock {
public:
    StandingClock(VirtualClock& clock, Instant at, const std::function<Instant()>& wall)
        : clock_(clock), wall_(wall) {
        clock.set(ClockMode::frozen, at);
    }
    ~StandingClock() { clock_.set(ClockMode::real, wall_()); }
    StandingClock(const StandingClock&) = delete;
    StandingClock& operator=(const StandingClock&) = delete;

private:
    VirtualClock& clock_;
    const std::function<Instant()>& wall_;
};

/// The clock as the database has it, unless the options say otherwise.
void start_clock(Storage& storage, VirtualClock& clock, const WorldOptions& options) {
    storage.write([&](Database& database) {
        world::load_clock(database, clock, options.wall());
        if (!options.clock) return;
        clock.set(options.clock->mode, options.clock->now.value_or(clock.now()), options.clock->speed);
        world::save_clock(database, clock.state(), options.wall());
    });
}

}  // namespace

World::World(WorldOptions options, deliveries::Sender& sender)
    : options_(std::move(options)),
      log_news_(feed_),
      clock_(options_.wall),
      random_(options_.seed),
      models_(options_.models ? options_.models : std::make_shared<const ModelLibrary>()),
      storage_(options_.storage, migrations()),
      transitions_(feed_),
      journal_(options_.journal_entries),
      rules_(storage_, random_),
      quotas_(storage_, clock_),
      outbox_(storage_, agenda_, clock_, sender,
              {.threads = options_.delivery_threads, .destinations = options_.destinations}),
      iam_(storage_, clock_, random_, options_.iam),
      sts_(storage_, iam_, random_),
      sqs_(storage_, clock_, random_),
      sns_(storage_, clock_, random_, sqs_, outbox_, {.base_url = options_.base_url}),
      alarm_actions_(outbox_),
      cloudwatch_(storage_, agenda_, clock_, sns_, alarm_actions_, transitions_),
      logs_(storage_, agenda_, clock_, log_news_),
      bedrock_(storage_, clock_, iam_, logs_),
      bedrock_runtime_(storage_, clock_, random_, rules_, quotas_, bedrock_, bedrock_, logs_, cloudwatch_,
                       options_.runtime),
      gateway_({.models = *models_,
                .storage = storage_,
                .clock = clock_,
                .random = random_,
                .journal = journal_,
                .authenticator = Authenticator(options_.defaults, issued_credentials()),
                .verifier = start_verifying()}),
      turn_(options_.delivery_patience) {
    for (Service* service : std::initializer_list<Service*>{&iam_, &sts_, &s3_, &sqs_, &sns_, &cloudwatch_,
                                                            &logs_, &bedrock_, &bedrock_runtime_}) {
        gateway_.add(*service);
    }
    join_feed();
    random_.reseed(world::seed_of_start(options_.seed, storage_.write(world::count_start)));
    start_clock(storage_, clock_, options_);
    rules_.start_rules(options_.start_rules);
    run_setup();
    if (options_.ticker) {
        ticker_ = std::make_unique<Ticker>(agenda_, clock_, [this] {
            const OnTurn turn(turn_);
            agenda_.run_until(clock_.now(), clock_);
        });
        agenda_.on_add([this] { ticker_->wake(); });
    }
    rearm();
    if (ticker_) ticker_->start();
}

void World::join_feed() {
    journal_.on_add([this](std::int64_t id) {
        feed_.tell(Feed::Kind::call, [&] {
            const Json summary = journal_.summary(id);
            return summary.is_null() ? std::string() : to_text(summary);  // a small journal forgets quickly
        });
    });
    outbox_.on_change([this](const deliveries::DeliveryChange& change) {
        feed_.tell(Feed::Kind::delivery, [&] { return to_text(to_json(change)); });
    });
}

std::vector<Migrations> World::migrations() {
    return {world::migrations(),      world::start_migrations(), rules::migrations(),
            deliveries::migrations(), iam::migrations(),         sts::migrations(),
            sqs::migrations(),        sns::migrations(),         cloudwatch::migrations(),
            logs::migrations(),       bedrock::migrations(),     world::view_migrations()};
}

World::~World() {
    // First whoever may still add work or wake the ticker, then the ticker. What is queued then, an answered
    // invocation's record above all, is written while the services that write it are still there.
    gateway_.stop_waiting();
    outbox_.stop();
    if (ticker_) ticker_->stop();  // it stays: what it is at may add to the agenda, which wakes it
    storage_.settle();
}

Authenticator::IssuedLookup World::issued_credentials() const {
    return [this](std::string_view access_key) -> std::optional<IssuedCredentials> {
        auto issued = sts_.find(access_key);
        if (!issued) return std::nullopt;
        return IssuedCredentials{.account = std::move(issued->account),
                                 .principal_arn = std::move(issued->principal_arn),
                                 .secret_key = std::move(issued->secret_key),
                                 .session_token = std::move(issued->session_token),
                                 .expires = issued->expires};
    };
}

/// Nullptr when callers are taken at their word.
const Verifier* World::start_verifying() {
    if (!options_.credentials) return nullptr;
    return &verifier_.emplace(
        Verifier::Parts{.credentials = std::move(*std::exchange(options_.credentials, std::nullopt)),
                        .issued = issued_credentials(),
                        .wall = options_.wall,
                        .clock = clock_});
}

Caller World::default_caller() const {
    Caller caller;
    caller.account = options_.defaults.account;
    caller.region = options_.defaults.region;
    caller.principal_arn = fmt::format("arn:aws:iam::{}:root", caller.account);
    caller.base_url = options_.base_url;
    return caller;
}

void World::run_setup() {
    for (std::size_t index = 0; index < options_.setup.size(); ++index) {
        const SetupCall& call = options_.setup[index];
        Caller caller = default_caller();
        if (!call.region.empty()) caller.region = call.region;
        caller.request_id = random_.uuid();
        try {
            gateway_.call(call.service, call.operation, caller,
                          gateway_.read_input(call.service, call.operation, call.input));
        } catch (const InputError& error) {
            throw InputError(400, "InvalidSetup", error.what(), fmt::format("/{}{}", index, error.path));
        } catch (const ServiceError& error) {
            const bool exists = error.code.find("AlreadyExist") != std::string::npos;
            if (exists) continue;
            throw InputError(
                400, "InvalidSetup",
                fmt::format("{} {}: {}: {}", call.service, call.operation, error.code, error.message),
                fmt::format("/{}", index));
        }
    }
}

/// After a full reset, as at the start: what the calls say of time is meant for the clock they were written
/// for.
void World::run_setup_again() {
    std::optional<StandingClock> at_start;
    if (options_.clock && options_.clock->now) at_start.emplace(clock_, *options_.clock->now, options_.wall);
    try {
        run_setup();
    } catch (const InputError& error) {
        // Its place is in a file, not in the request that asked for the reset.
        throw InputError(error.status, error.code,
                         fmt::format("all is reset, but the set-up could not be made again. Call {}: {}",
                                     error.path, error.what()));
    }
}

/// After the clock was set anew: what was on the agenda was meant for the old time.
void World::rearm() {
    agenda_.clear();
    cloudwatch_.start();
    logs_.start();
    outbox_.start();
    if (ticker_) ticker_->wake();
}

void World::save_clock() {
    storage_.write(
        [this](Database& database) { world::save_clock(database, clock_.state(), options_.wall()); });
}

void World::set_clock(ClockMode mode, std::optional<Instant> now, double speed, bool force) {
    turn_.lock_or_refuse();
    const OnTurn turn(turn_, std::adopt_lock);
    storage_.write([&](Database& database) {
        const bool is_backwards = now && *now < clock_.now();
        if (is_backwards && !force && (cloudwatch_.has_data(database) || logs_.has_data(database))) {
            throw InputError(
                409, "ClockGoesBackwards",
                fmt::format("{} is before the clock's reading, and alarms, logs or metrics exist. "
                            "Send \"force\": true to go back all the same.",
                            iso_ms(*now)),
                "/now");
        }
        world::save_clock(database, {.mode = mode, .now = now.value_or(clock_.now()), .speed = speed},
                          options_.wall());
        database.after_commit([this, mode, now, speed] { clock_.set(mode, now, speed); });
    });
    // A running clock went on while that was committed, and goes on from what it read at the end.
    if (!now) save_clock();
    spdlog::info("the clock is {} from {} on", world::mode_name(mode), iso_ms(clock_.now()));
    rearm();
}

/// What came due before the clock is moved and is still under way: its end belongs to this side of the move.
/// Unless it is the delivery that asked for the move, which does not end before we do.
void World::await_earlier_deliveries() {
    const Turn::AtDeliveries waiting(turn_, Turn::Waits::for_earlier);
    if (!outbox_.drain_for(options_.delivery_patience)) {
        spdlog::warn("the clock moves on although a delivery has been under way for {} ms",
                     options_.delivery_patience.count());
    }
}

void World::drain_since(std::uint64_t attempts_before) {
    const Turn::AtDeliveries waiting(turn_, Turn::Waits::for_its_own);
    outbox_.drain_since(attempts_before);
}

template <class Action>
Happened World::observe(Action&& action) {
    const std::uint64_t seen = transitions_.count();
    const std::uint64_t attempts = outbox_.attempts();
    const std::uint64_t evaluations = cloudwatch_.evaluations();
    action();
    return {.now = clock_.now(),
            .transitions = transitions_.since(seen),
            .deliveries = outbox_.attempts() - attempts,
            .evaluations = cloudwatch_.evaluations() - evaluations};
}

/// Grows with whatever the passing of time has brought about for others to see.
std::uint64_t World::visible_changes() const { return transitions_.count() + outbox_.attempts(); }

template <class Target>
Happened World::advance_in_turn(Target&& target) {
    turn_.lock_or_refuse();
    const OnTurn turn(turn_, std::adopt_lock);
    storage_.wait_for(storage_.position());
    const Instant to = target(clock_.now());
    const std::uint64_t before = outbox_.handed_in();
    await_earlier_deliveries();
    return observe([&] {
        std::uint64_t saved = visible_changes();
        agenda_.run_until(to, clock_, [&] {
            drain_since(before);
            // Killed on the way, the next start must not live through it again.
            const std::uint64_t changes = visible_changes();
            if (changes != saved) save_clock();
            saved = changes;
        });
        clock_.advance_to(to);
        save_clock();
    });
}

Happened World::advance(Instant to) {
    return advance_in_turn([to](Instant now) {
        if (to >= now) return to;
        throw InputError(400, "InvalidTime",
                         fmt::format("{} is in the past: the clock reads {}", iso_ms(to), iso_ms(now)),
                         "/to");
    });
}

Happened World::advance(Milliseconds by) {
    return advance_in_turn([by](Instant now) { return now + by; });
}

Happened World::evaluate(std::span<const std::string> names) {
    turn_.lock_or_refuse();
    const OnTurn turn(turn_, std::adopt_lock);
    storage_.wait_for(storage_.position());
    return observe([&] {
        const Instant now = clock_.now();
        const std::uint64_t before = outbox_.handed_in();
        cloudwatch_.evaluate(names, now);
        agenda_.run_until(now, clock_, [&] { drain_since(before); });
    });
}

std::optional<cloudwatch::AlarmStanding> World::alarm_standing(std::string_view name) {
    storage_.wait_for(storage_.position());
    const auto lease = storage_.read();
    return cloudwatch_.standing(*lease, name);
}

std::span<const std::string_view> World::scopes() { return all_scopes; }

void World::reset_scope(std::string_view scope, Database& database) {
    if (scope == "logs") logs_.reset(database);
    if (scope == "metrics") cloudwatch_.reset_metrics(database);
    if (scope == "alarms") {
        cloudwatch_.reset_alarms(database);
        database.after_commit([this] { transitions_.forget(); });
    }
    if (scope == "rules") {
        rules_.reset();
        quotas_.clear();
    }
    if (scope == "calls") database.after_commit([this] { journal_.clear(); });
    if (scope == "deliveries") outbox_.reset(database);
    if (scope == "sns") sns_.reset(database);
    if (scope == "sqs") sqs_.reset(database);
    if (scope == "iam") {
        iam_.reset(database);
        sts_.reset(database);
    }
    if (scope == "bedrock") bedrock_.reset(database);
    if (scope == "clock") {
        const Instant wall = options_.wall();
        world::save_clock(database, {.mode = ClockMode::real, .now = wall, .speed = 1}, wall);
        database.after_commit(
            [this] { clock_.set(ClockMode::real, options_.wall()); });  // a commit takes time
    }
}

std::vector<std::string> World::reset(const std::vector<std::string>& scopes) {
    for (std::size_t index = 0; index < scopes.size(); ++index) {
        if (std::find(all_scopes.begin(), all_scopes.end(), scopes[index]) == all_scopes.end()) {
            throw InputError(400, "InvalidScope", fmt::format("there is no scope {}", scopes[index]),
                             fmt::format("/scopes/{}", index));
        }
    }
    const bool full = scopes.empty() || scopes.size() == all_scopes.size();
    std::vector<std::string> done = scopes;
    if (scopes.empty()) done.assign(all_scopes.begin(), all_scopes.end());

    turn_.lock_or_refuse();
    const OnTurn turn(turn_, std::adopt_lock);
    if (full) random_.reseed(options_.seed);  // start rules without a name get theirs from it
    storage_.write([&](Database& database) {
        for (const auto& scope : done) reset_scope(scope, database);
    });
    spdlog::info("reset of {}", fmt::join(done, ", "));
    try {
        if (full) run_setup_again();
    } catch (...) {
        rearm();
        throw;
    }
    rearm();
    return done;
}

}  // namespace rockwatch
