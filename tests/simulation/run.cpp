#include "run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

std::string operation_of(const Step& step) { return step.at("operation"); }

/// Answers without what is drawn by chance or numbered across owners, in which a run of one owner alone
/// differs from one of all.
Json without_chance(Json value) {
    static const std::set<std::string> by_chance{
        "MessageId",   "ReceiptHandle", "nextSequenceToken", "SubscriptionArn", "p", "MD5OfBody", "RoleId",
        "AccessKeyId", "Signature",     "UnsubscribeURL",    "nextForwardToken"};
    if (!value.is_structured()) return value;
    if (value.is_object()) {
        for (const std::string& member : by_chance) value.erase(member);
    }
    for (auto& [key, part] : value.items()) {
        const bool is_body = value.is_object() && key == "Body" && part.is_string();
        Json envelope = is_body ? Json::parse(part.get<std::string>(), nullptr, false) : Json();
        part = without_chance(envelope.is_object() ? std::move(envelope) : std::move(part));
    }
    return value;
}

}  // namespace

Run::Run(RunOptions options) : options_(std::move(options)), stage_(options_.seed, options_.durability) {}

void Run::play(const Steps& steps) {
    std::size_t number = 0;
    for (const Step& step : steps) {
        const bool is_call = step.contains("who") && step.at("do") == "call";
        if (options_.only && is_call && step.at("who") != *options_.only) continue;
        if (options_.on_step) options_.on_step(number, step);
        make(step);
        ++number;
        if (options_.check_every > 0 && number % options_.check_every == 0) check();
    }
    if (options_.check_every > 0) check();
    stage_.keep_journal();
    tell_end();
}

void Run::tell(const std::string& what) {
    if (options_.tally != nullptr) ++(*options_.tally)[what];
}

void Run::tell_end() {
    for (const auto& one : topics_.deliveries())
        tell(fmt::format("delivery of {} {} after {}", one.source, one.status, one.attempts));
    for (std::size_t who = 0; who < owner_count; ++who) {
        for (const auto& [name, items] : alarms_.history(who)) {
            for (const auto& item : items) tell(item.text);
        }
        for (const auto& [name, queue] : queues_.queues(who)) {
            if (name == "dead" && !queue.messages.empty()) tell("a message in the dead-letter queue");
        }
        for (const auto& [name, group] : logs_.groups(who)) {
            for (const auto& [stream_name, stream] : group.streams) {
                for (const auto& event : stream.events) tell(event.doomed ? "event past retention" : "event");
            }
        }
    }
    for (const auto& left : runtime_.logged()) tell(left.error.empty() ? "record" : "record of a failure");
}

void Run::make(const Step& step) {
    const std::string what = step.at("do");
    if (what == "call") return call(step);
    if (what == "advance" || what == "jump") return move_clock(step);
    if (what == "evaluate") return evaluate();
    if (what == "rule" || what == "unrule") return change_rules(step);
    if (what == "quotas") return change_quotas(step);
    if (what == "reset") return reset(step);
    crash(step);
}

/// The step's input with the world's state in it; nullopt: the state has nothing of the kind.
std::optional<Json> Run::filled_in(const Step& step) const {
    Json input = step.at("input");
    const std::size_t who = step.at("who");
    for (auto& [name, value] : input.items()) {
        if (!value.is_object()) continue;
        std::optional<std::string> found;
        if (value.contains("$handle")) found = queues_.handle(who, queue_of_url(input), value.at("$handle"));
        if (value.contains("$subscription")) found = topics_.subscription(who, value.at("$subscription"));
        if (found) value = *found;
        if (value.is_object() && (value.contains("$handle") || value.contains("$subscription")))
            return std::nullopt;
    }
    for (const char* list : {"logEvents", "MetricData"}) {
        if (!input.contains(list)) continue;
        for (Json& item : input.at(list)) {
            for (const char* time : {"timestamp", "Timestamp"}) {
                if (item.contains(time))
                    item[time] = stage_.now() + item[time].at("$now").get<std::int64_t>();
            }
        }
    }
    return input;
}

void Run::call(const Step& step) {
    const auto input = filled_in(step);
    if (!input) return;
    if (step.contains("fault")) {
        const bool crashes = step.at("fault").at("kind") == "crash";
        return crashes ? serve_and_crash(step, *input) : serve_on_failing_disk(step, *input);
    }
    step.at("service") == "bedrock-runtime" ? invoke(step, *input) : serve(step, *input);
}

void Run::serve(const Step& step, const Json& input) {
    const std::string expected = expected_error(step, input);
    const bool compares = !expected.empty() && options_.check_every > 0;
    const std::string before = compares ? stage_.dump() : std::string();
    const Outcome outcome = stage_.call(step.at("who"), step.at("service"), operation_of(step), input);
    demand(outcome.error == expected, "answer", [&] {
        return fmt::format("{} {} was answered '{}', expected '{}': {}", operation_of(step), to_text(input),
                           outcome.error, expected, to_text(outcome.output));
    });
    note_ids(outcome);
    note_answer(step, outcome);
    tell(operation_of(step) + " " + outcome.error);
    if (expected.empty()) return accepted(step, input, outcome.output);
    const std::string after = compares ? stage_.dump() : std::string();
    demand(before == after, "I2", [&] {
        return fmt::format("{} answered {} and changed something: {}", operation_of(step), expected,
                           first_difference(before, after));
    });
}

void Run::invoke(const Step& step, const Json& input) {
    const std::size_t who = step.at("who");
    const auto decision = runtime_.decide(who, operation_of(step), input, stage_.now());
    if (!decision.quotas.refusal.empty()) tell("throttled by " + decision.quotas.refusal);
    if (decision.quotas.is_let_through_again) tell("let through again");
    if (step.contains("meanwhile")) {
        stage_.meanwhile([&] {
            for (const Step& other : step.at("meanwhile")) make(other);
        });
    }
    const Outcome outcome = stage_.call(who, "bedrock-runtime", operation_of(step), input);
    note_ids(outcome);
    note_answer(step, outcome);
    tell(operation_of(step) + " " + outcome.error);
    runtime_.finished(who, operation_of(step), input, outcome, decision, stage_.now());
    logs_.time_is(stage_.now());
    if (!step.contains("doors") || !outcome.error.empty() || decision.text) return;
    if (decision.is_paced) tell("paced through a door");
    const std::string text = told_by(operation_of(step), outcome.output).text;
    const auto [first, is_first] = told_through_doors_.try_emplace(step.at("doors"), text);
    demand(is_first || first->second == text, "I12", [&] {
        return fmt::format("'{}' through {}: '{}', before: '{}'", prompt_of(input), operation_of(step), text,
                           first->second);
    });
}

std::string Run::expected_role_error(const Step& step, const Json& input) const {
    const auto names = roles_.find(owner_at(step.at("who")).account);
    const bool there = names != roles_.end() && names->second.contains(text_or_empty(input, "RoleName"));
    if (operation_of(step) == "CreateRole") return there ? "EntityAlreadyExistsException" : "";
    return there || operation_of(step) != "DeleteRole" ? "" : "NoSuchEntityException";
}

std::string Run::expected_error(const Step& step, const Json& input) const {
    const std::string service = step.at("service");
    const std::size_t who = step.at("who");
    const std::string operation = operation_of(step);
    const std::int64_t now = stage_.now();
    if (service == "logs") return logs_.expected_error(who, operation, input, now);
    if (service == "sqs") return queues_.expected_error(who, operation, input, now);
    if (service == "sns") return topics_.expected_error(who, operation, input);
    if (service == "bedrock") return runtime_.expected_config_error(who, operation, input);
    if (service != "cloudwatch") return expected_role_error(step, input);
    const std::string error = metrics_.expected_error(operation, input, now);
    return error.empty() ? alarms_.expected_error(who, operation, input) : error;
}

void Run::accepted(const Step& step, const Json& input, const Json& output) {
    const std::string service = step.at("service");
    const std::size_t who = step.at("who");
    const std::string operation = operation_of(step);
    const std::int64_t now = stage_.now();
    if (service == "logs") logs_.accepted(who, operation, input, output, now);
    if (service == "sqs") queues_.accepted(who, operation, input, output, now);
    if (service == "sns") topics_.accepted(who, operation, input, output, now);
    if (service == "bedrock") runtime_.config_accepted(who, operation, input, now);
    if (service == "cloudwatch") {
        metrics_.accepted(who, operation, input, now);
        alarms_.accepted(who, operation, input, now);
    }
    auto& roles = roles_[owner_at(who).account];
    if (operation == "CreateRole") roles.insert(input.at("RoleName"));
    if (operation == "DeleteRole") roles.erase(input.at("RoleName"));
}

void Run::note_new_id(const std::string& id) {
    demand(ids_.insert(id).second, "I21", [&] { return "the id " + id + " was given out twice"; });
}

/// I21: ids are never reused, not after a restart either.
void Run::note_ids(const Outcome& outcome) {
    note_new_id(outcome.request_id);
    if (!outcome.output.is_object()) return;
    const std::string message = text_or_empty(outcome.output, "MessageId");
    if (!message.empty()) note_new_id(message);
    if (outcome.output.contains("Role")) note_new_id(outcome.output.at("Role").at("RoleId"));
    if (outcome.output.contains("Credentials"))
        note_new_id(outcome.output.at("Credentials").at("AccessKeyId"));
}

void Run::note_answer(const Step& step, const Outcome& outcome) {
    answers_.at(step.at("who")) += fmt::format("{} {} {} {}\n", operation_of(step), outcome.error,
                                               outcome.latency_ms, to_text(without_chance(outcome.output)));
}

void Run::move_clock(const Step& step) {
    const std::int64_t from = stage_.now();
    const std::int64_t to = from + step.at("ms").get<std::int64_t>();
    if (step.at("do") == "jump") {
        stage_.world().set_clock(ClockMode::frozen, from_epoch_ms(to), 1, false);
        return logs_.time_is(to);
    }
    std::vector<std::string> changes;
    const std::uint64_t parts = std::min<std::uint64_t>(options_.advance_parts, (to - from + 999) / 1000);
    for (std::uint64_t part = 1; part <= parts; ++part) {
        const std::int64_t until = part == parts ? to : from + (to - from) * part * part / (parts * parts);
        const Happened happened = stage_.world().advance(from_epoch_ms(until));
        for (const auto& one : happened.transitions)
            changes.push_back(transition_text(one.alarm, one.from, one.to, epoch_ms(one.at)));
    }
    const std::size_t known = alarms_.transitions().size();
    alarms_.evaluate_between(from, to);
    topics_.run_until(from, to);
    logs_.time_is(to);
    const std::vector<std::string> expected(
        alarms_.transitions().begin() + static_cast<std::ptrdiff_t>(known), alarms_.transitions().end());
    demand(changes == expected, "I13", [&] {
        return fmt::format("advancing from {} to {}: {}\n  expected {}", from, to, to_text(Json(changes)),
                           to_text(Json(expected)));
    });
}

void Run::evaluate() {
    stage_.world().evaluate({});
    alarms_.evaluate(stage_.now());
    topics_.run_until(stage_.now(), stage_.now());
}

void Run::change_rules(const Step& step) {
    rules::RuleBook& book = stage_.world().rules();
    if (step.at("do") == "unrule") {
        demand(book.remove(step.at("id")) == runtime_.has_rule(step.at("id")), "I24",
               [&] { return "removing the rule " + to_text(step); });
        return runtime_.remove_rule(step.at("id"));
    }
    const Json& rule = step.at("rule");
    const bool taken = runtime_.has_rule(rule.at("id"));
    const std::string before = stage_.dump();
    try {
        book.add(rule);
        demand(!taken, "answer", [&] { return "a rule's id is taken twice: " + to_text(rule); });
        runtime_.add_rule(rule);
    } catch (const InputError& error) {
        demand(taken && error.status == 409 && stage_.dump() == before, "I2",
               [&] { return fmt::format("{}: {}", to_text(rule), error.what()); });
    }
}

/// One that is wrong changes nothing and is counted against no less than before.
void Run::change_quotas(const Step& step) {
    rules::QuotaBook& book = stage_.world().quotas();
    const Json& quotas = step.at("quotas");
    const bool is_wrong = std::any_of(quotas.begin(), quotas.end(), [](const Json& quota) {
        return !quota.contains("requestsPerMinute") && !quota.contains("tokensPerMinute");
    });
    const std::string before = stage_.dump();
    try {
        quotas.empty() ? book.clear() : book.put({{"quotas", quotas}});
        demand(!is_wrong, "answer",
               [&] { return "a quota that limits nothing is taken: " + to_text(quotas); });
        runtime_.quotas().put(quotas);
    } catch (const InputError& error) {
        demand(is_wrong && error.status == 400 && stage_.dump() == before, "I2",
               [&] { return fmt::format("{}: {}", to_text(quotas), error.what()); });
        tell("quotas refused");
    }
}

void Run::reset_scope(const std::string& scope) {
    if (scope == "logs") logs_.reset();
    if (scope == "metrics") metrics_.reset();
    if (scope == "alarms") alarms_.reset();
    if (scope == "rules") runtime_.clear_rules();
    if (scope == "deliveries") topics_.forget_deliveries();
    if (scope == "sns") topics_.reset();
    if (scope == "sqs") queues_.reset();
    if (scope == "bedrock") runtime_.reset_config();
    if (scope == "iam") roles_.clear();
}

void Run::reset(const Step& step) {
    tell(step.at("scopes").empty() ? "full reset" : "reset of one scope");
    const Instant now = from_epoch_ms(stage_.now());
    const auto done = stage_.world().reset(step.at("scopes").get<std::vector<std::string>>());
    for (const std::string& scope : done) reset_scope(scope);
    if (!step.at("scopes").empty()) return;
    ids_.clear();  // the random source begins anew, as documented
    stage_.network().forget_attempts();
    stage_.world().set_clock(ClockMode::frozen, now, 1, true);
}

void Run::crash(const Step& step) {
    const std::string what = step.at("do");
    if (what != "restart") end_doubt();  // a stop in order leaves nothing in the log
    const std::string before = stage_.dump();
    tell(what);
    if (what == "restart") stage_.restart();
    if (what == "kill") stage_.kill();
    if (what == "cut") {
        // Under Durability::process a power cut may take acknowledged writes: then it is a kill.
        options_.durability == Durability::power ? stage_.cut(step.at("luck")) : stage_.kill();
    }
    runtime_.restarted();
    const std::string after = stage_.dump();
    demand(before == after, "I21",
           [&] { return what + " lost or made something: " + first_difference(before, after); });
}

void Run::check() {
    const std::uint64_t luck = text_hash(std::to_string(options_.seed * 1000 + ++checks_));
    for (std::size_t who = 0; who < owner_count; ++who) {
        check_logs(stage_, logs_, who, luck + who);
        check_queues(stage_, queues_, who, luck + who);
        check_alarms(stage_, alarms_, who, luck + who);
    }
    check_metrics(stage_, metrics_, luck);
    check_topics(stage_, topics_);
    check_records(stage_, runtime_, logs_);
    check_figures(stage_, metrics_);
    check_settings(stage_, runtime_);
}

}  // namespace rockwatch::simulation
