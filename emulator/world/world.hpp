#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/agenda.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "deliveries/outbox.hpp"
#include "deliveries/sender.hpp"
#include "gateway/gateway.hpp"
#include "gateway/journal.hpp"
#include "gateway/verifier.hpp"
#include "protocol/model.hpp"
#include "rules/quota_book.hpp"
#include "rules/rule_book.hpp"
#include "services/bedrock/service.hpp"
#include "services/bedrock_runtime/service.hpp"
#include "services/cloudwatch/service.hpp"
#include "services/iam/service.hpp"
#include "services/logs/service.hpp"
#include "services/ports.hpp"
#include "services/s3/service.hpp"
#include "services/sns/service.hpp"
#include "services/sqs/service.hpp"
#include "services/sts/service.hpp"
#include "storage/storage.hpp"
#include "world/alarm_actions.hpp"
#include "world/feed.hpp"
#include "world/feed_events.hpp"
#include "world/ticker.hpp"
#include "world/transitions.hpp"
#include "world/turn.hpp"

namespace rockwatch {

/// A call made when the world is new and after a full reset; "already exists" errors are fine.
struct SetupCall {
    std::string service;
    std::string operation;
    Json input;
    std::string region;   ///< empty: the default
    std::string file;     ///< where it stands, for whoever tells that it failed
    std::string pointer;  ///< /3
};

struct ClockStart {
    ClockMode mode = ClockMode::real;
    std::optional<Instant> now;
    double speed = 1;
};

struct WorldOptions {
    StorageOptions storage{.path = ":memory:", .writer_thread = false};
    Owner defaults{"000000000000", "us-east-1"};
    /// Who may call; nullopt: everybody, taken at their word.
    std::optional<Credentials> credentials;
    IamMode iam = IamMode::lenient;
    bedrock_runtime::RuntimeOptions runtime;
    std::uint64_t seed = 1;
    /// Nullopt: as the database has it, else real.
    std::optional<ClockStart> clock;
    std::size_t journal_entries = 10000;
    /// 0: deliveries are attempted inline, by whoever runs the agenda.
    std::size_t delivery_threads = 0;
    std::vector<deliveries::Destination> destinations;
    /// Whether a thread runs the agenda as time passes. Without one only advance does.
    bool ticker = false;
    /// Real time for which a move of the clock waits for deliveries that were under way before it, and others
    /// wait for one that waits for a delivery: beyond it a webhook waits for its own answer.
    Milliseconds delivery_patience{5'000};
    std::string base_url = "http://127.0.0.1:4566";  ///< where links in messages lead
    std::vector<Json> start_rules;
    std::vector<SetupCall> setup;
    /// The service models, which take longer to read than the rest of a small world to make, and never
    /// change: worlds may share them, whoever ends last. Null: the world has its own.
    std::shared_ptr<const ModelLibrary> models;
    /// Tests hand in a wall clock of their own.
    std::function<Instant()> wall = wall_now;
};

/// What moving the clock, or an evaluation asked for, brought about.
struct Happened {
    Instant now;
    std::vector<AlarmTransition> transitions;
    std::uint64_t deliveries = 0;   ///< attempts made, and what was settled at once: in a queue, captured
    std::uint64_t evaluations = 0;  ///< alarms judged
};

/// A whole emulator without sockets: the only place that knows every part. Thread-safe.
class World {
public:
    World(WorldOptions options, deliveries::Sender& sender);
    ~World();

    /// Ends long polls and whoever follows the feed, so that calls in flight can finish: the emulator stops.
    void stop_waiting() {
        gateway_.stop_waiting();
        feed_.stop();
    }

    /// Where links in messages lead from now on: the port is known only once the server listens.
    void set_base_url(const std::string& base_url) { sns_.set_base_url(base_url); }
    /// PEM of the key that SNS messages are signed with, to be served at sns::certificate_path.
    const std::string& signing_certificate() const { return sns_.signing_certificate(); }

    Gateway& gateway() { return gateway_; }
    Journal& journal() { return journal_; }
    Feed& feed() { return feed_; }
    const Transitions& transitions() const { return transitions_; }
    const Agenda& agenda() const { return agenda_; }
    rules::RuleBook& rules() { return rules_; }
    rules::QuotaBook& quotas() { return quotas_; }
    deliveries::Outbox& outbox() { return outbox_; }
    Storage& storage() { return storage_; }
    const VirtualClock& clock() const { return clock_; }
    const WorldOptions& options() const { return options_; }

    /// Makes the clock go on in `mode`, from `now` or (nullopt) from its reading. Throws InputError 409 when
    /// that is backwards while alarms, logs or metrics exist and `force` is false.
    void set_clock(ClockMode mode, std::optional<Instant> now, double speed, bool force);
    /// Goes forward to `to`; everything due in between has happened when it returns. Throws InputError 400
    /// when `to` lies in the past. Two advances queue; 409 for one that comes from a webhook which the other
    /// waits for.
    Happened advance(Instant to);
    /// Goes forward by `by` from the reading that it finds when its turn has come.
    Happened advance(Milliseconds by);
    /// Judges the named alarms (all when empty) at the present reading.
    Happened evaluate(std::span<const std::string> names);

    /// Every room's tables, and the views over them.
    static std::vector<Migrations> migrations();

    /// Every scope that `reset` knows, in its order.
    static std::span<const std::string_view> scopes();
    /// Throws InputError 400 for an unknown scope (pointer /scopes/<n>). Empty: all.
    std::vector<std::string> reset(const std::vector<std::string>& scopes);

    /// Whether somebody moves the clock and waits for deliveries, at this moment.
    bool waits_for_deliveries() const { return turn_.waits_for_deliveries(); }

    /// An alarm of that name as it is now, of any account and region; of several the one that changed last.
    std::optional<cloudwatch::AlarmStanding> alarm_standing(std::string_view name);
    /// How many alarms have been judged since the start.
    std::uint64_t evaluations() const { return cloudwatch_.evaluations(); }

    /// A caller with the world's defaults, for calls that come from no client.
    Caller default_caller() const;

private:
    using OnTurn = std::lock_guard<Turn>;

    void await_earlier_deliveries();
    void drain_since(std::uint64_t attempts_before);
    template <class Action>
    Happened observe(Action&& action);
    template <class Target>
    Happened advance_in_turn(Target&& target);
    void save_clock();
    std::uint64_t visible_changes() const;
    Authenticator::IssuedLookup issued_credentials() const;
    const Verifier* start_verifying();
    void run_setup();
    void run_setup_again();
    void rearm();
    void reset_scope(std::string_view scope, Database& database);
    void join_feed();

    WorldOptions options_;
    Feed feed_;
    LogNews log_news_;
    VirtualClock clock_;
    Agenda agenda_;
    Random random_;
    std::shared_ptr<const ModelLibrary> models_;  // possibly other worlds', too
    Storage storage_;
    Transitions transitions_;
    Journal journal_;
    rules::RuleBook rules_;
    rules::QuotaBook quotas_;
    deliveries::Outbox outbox_;
    iam::Iam iam_;
    sts::Sts sts_;
    s3::S3 s3_;
    sqs::Sqs sqs_;
    sns::Sns sns_;
    AlarmActions alarm_actions_;
    cloudwatch::CloudWatch cloudwatch_;
    logs::Logs logs_;
    bedrock::Bedrock bedrock_;
    bedrock_runtime::BedrockRuntime bedrock_runtime_;
    std::optional<Verifier> verifier_;
    Gateway gateway_;
    Turn turn_;
    std::unique_ptr<Ticker> ticker_;
};

}  // namespace rockwatch
