#include "generator.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;

Step clock_step(Luck& luck) {
    const std::uint64_t draw = luck.below(100);
    std::int64_t ms = 1 + static_cast<std::int64_t>(luck.below(90'000));
    if (draw >= 50) ms = luck.one_of<std::int64_t>({20'000, minute, 2 * minute, 5 * minute, 15 * minute});
    if (draw >= 85) ms = luck.one_of<std::int64_t>({hour, 3 * hour, 6 * hour});
    if (draw >= 96) ms = luck.one_of<std::int64_t>({24 * hour, 49 * hour});
    return {{"do", luck.percent(8) ? "jump" : "advance"}, {"ms", ms}};
}

Step world_step(Luck& luck, Theme theme) {
    const std::uint64_t draw = luck.below(100);
    if (draw < 15) return {{"do", "evaluate"}};
    if (draw < 45 || theme == Theme::isolated) return {{"do", "restart"}};
    if (draw < 65) return {{"do", "kill"}};
    if (draw < 85) return {{"do", "cut"}, {"luck", luck.below(1'000'000)}};
    Json scopes = Json::array();
    if (!luck.percent(20)) {
        scopes.push_back(luck.one_of(
            {"logs", "metrics", "alarms", "rules", "calls", "deliveries", "sns", "sqs", "bedrock", "iam"}));
    }
    return {{"do", "reset"}, {"scopes", scopes}};
}

std::size_t owner_of(Luck& luck) {
    const std::uint64_t draw = luck.below(100);
    if (draw < 80) return 0;
    if (draw < 90) return 1;
    return draw < 96 ? 2 : 3;
}

void add_call(CallMaker& maker) {
    const std::uint64_t draw = maker.luck.below(100);
    if (draw < 33) return maker.logs();
    if (draw < 55) return maker.queues();
    if (draw < 65) return maker.topics();
    if (draw < 76) return maker.metrics();
    if (draw < 84) return maker.alarms();
    if (draw < 91) return maker.invocations();
    if (draw < 94) return maker.rules();
    if (draw < 96) return maker.logging_config();
    if (draw < 98) return maker.quotas();
    if (maker.theme != Theme::isolated) maker.roles();
}

/// A point of I/O within the newest call at which the disk fails, or the power goes. What is in doubt after
/// that must be told from what is not, so only calls are struck that draw no ids.
void add_fault(Luck& luck, Step& step) {
    const std::string service = value_or<std::string>(step, "service", "");
    const bool draws_no_ids = service == "logs" || step.value("operation", "") == "PutMetricData";
    if (step.at("do") != "call" || service == "bedrock-runtime") return;
    step["fault"] = {{"kind", draws_no_ids && luck.percent(65) ? "crash" : "fail"},
                     {"after", luck.below(luck.percent(70) ? 8 : 30)},
                     {"luck", luck.below(1'000'000)}};
    if (step["fault"]["kind"] == "crash" && luck.percent(25)) {
        step["fault"].erase("after");
        step["fault"]["commit"] = luck.one_of({"written", "synced"});
    }
}

/// What is still in flight, hidden or delayed comes out.
void add_epilogue(Steps& steps) {
    steps.push_back({{"do", "advance"}, {"ms", 901'000}});
    for (std::size_t who = 0; who < owner_count; ++who) {
        for (const char* queue : {"q0", "q1", "q2", "dead"}) {
            if (who > 0 && queue != std::string_view("q0")) continue;  // few stories get there
            const std::string url =
                "http://127.0.0.1:4566/" + owner_at(who).account + "/" + std::string(queue);
            steps.push_back({{"do", "call"},
                             {"who", who},
                             {"service", "sqs"},
                             {"operation", "ReceiveMessage"},
                             {"drains", true},
                             {"input", {{"QueueUrl", url}, {"MaxNumberOfMessages", 10}}}});
        }
    }
}

}  // namespace

void CallMaker::add(const std::string& service, const std::string& operation, Json input) {
    steps.push_back({{"do", "call"},
                     {"who", who},
                     {"service", service},
                     {"operation", operation},
                     {"input", std::move(input)}});
}

void CallMaker::stage_set() {
    for (const char* group : {"g0", "g1"}) {
        if (!luck.percent(93)) continue;
        add("logs", "CreateLogGroup", {{"logGroupName", group}});
        for (const char* stream : {"s0", "s1"})
            add("logs", "CreateLogStream", {{"logGroupName", group}, {"logStreamName", stream}});
    }
    for (const char* queue : {"dead", "q0", "q1"}) {
        if (luck.percent(90)) create_queue(queue);
    }
    if (luck.percent(75)) {
        add("sns", "CreateTopic", {{"Name", "t0"}});
        subscribe("t0");
        subscribe("t0");
    }
    if (luck.percent(75)) put_alarm("a0");
    if (luck.percent(40)) logging_config();
}

Steps generate(std::uint64_t seed, std::size_t count, Theme theme) {
    Luck luck(seed);
    Steps steps;
    CallMaker{luck, 0, theme, steps}.stage_set();
    if (luck.percent(40)) CallMaker{luck, 1 + luck.below(owner_count - 1), theme, steps}.stage_set();
    while (steps.size() < count) {
        const std::uint64_t draw = luck.below(100);
        CallMaker maker{luck, owner_of(luck), theme, steps};
        if (draw < 80) {
            add_call(maker);
            if (theme == Theme::faulty && luck.percent(25)) add_fault(luck, steps.back());
        } else if (draw < 96)
            steps.push_back(clock_step(luck));
        else
            steps.push_back(world_step(luck, theme));
    }
    add_epilogue(steps);
    return steps;
}

}  // namespace rockwatch::simulation
