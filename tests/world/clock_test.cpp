#include <chrono>

#include "core/text_time.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"
#include "world/clock_store.hpp"

using namespace rockwatch;
using namespace std::chrono_literals;

namespace {

constexpr const char* new_year = "2026-01-01T00:00:00Z";

Json simple_alarm() {
    return {{"AlarmName", "a"},  {"Namespace", "N"},
            {"MetricName", "m"}, {"Statistic", "Maximum"},
            {"Period", 60},      {"EvaluationPeriods", 1},
            {"Threshold", 10.0}, {"ComparisonOperator", "GreaterThanThreshold"}};
}

}  // namespace

TEST_CASE("advance tells each transition at its own instant, in time order", "[clock]") {
    TestWorld world(new_year);
    world.call("cloudwatch", "PutMetricAlarm", simple_alarm());
    world.put_metric("N", "m", 50);
    const Happened happened = world.advance(10min);
    REQUIRE(happened.transitions.size() == 2);
    CHECK(happened.transitions[0].to == "ALARM");
    CHECK(happened.transitions[0].at == parse_iso("2026-01-01T00:01:00Z"));
    CHECK(happened.transitions[1].to == "INSUFFICIENT_DATA");
    // One bad point keeps a 1-of-1 alarm up while it is within the range of three windows.
    CHECK(happened.transitions[1].at == parse_iso("2026-01-01T00:04:00Z"));
    CHECK(happened.evaluations == 10);
    CHECK(happened.now == parse_iso("2026-01-01T00:10:00Z"));
}

TEST_CASE("the clock does not go backwards while there are alarms, logs or metrics", "[clock]") {
    TestWorld world(new_year);
    const Instant earlier = parse_iso("2025-12-31T00:00:00Z").value();
    world.world.set_clock(ClockMode::frozen, earlier, 1, false);
    CHECK(world.world.clock().now() == earlier);

    world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
    try {
        world.world.set_clock(ClockMode::frozen, earlier - 1h, 1, false);
        FAIL("the clock went back");
    } catch (const InputError& error) {
        CHECK(error.status == 409);
    }
    world.world.set_clock(ClockMode::frozen, earlier - 1h, 1, true);
    CHECK(world.world.clock().now() == earlier - 1h);
}

TEST_CASE("a clock that is frozen at its reading keeps what passed while that was written", "[clock]") {
    Instant wall = parse_iso("2026-01-01T00:00:00Z").value();
    WorldOptions options;
    options.clock = ClockStart{.mode = ClockMode::scaled, .now = wall, .speed = 3600};
    options.wall = [&wall] { return wall += Milliseconds{1}; };  // each look takes a moment
    RecordingSender sender;
    World world(options, sender);
    Caller caller = world.default_caller();
    world.gateway().call("logs", "CreateLogGroup", caller, {{"logGroupName", "g"}});
    for (const ClockMode mode : {ClockMode::real, ClockMode::scaled, ClockMode::frozen}) {
        const Instant before = world.clock().now();
        world.set_clock(mode, std::nullopt, 3600, false);
        CHECK(world.clock().now() >= before);
    }
    VirtualClock restarted;
    world.storage().write([&](Database& database) { world::load_clock(database, restarted, wall); });
    CHECK(restarted.now() == world.clock().now());
}

TEST_CASE("advance into the past is refused", "[clock]") {
    TestWorld world(new_year);
    CHECK_THROWS_AS(world.world.advance(parse_iso("2025-01-01T00:00:00Z").value()), InputError);
}

TEST_CASE("after the clock was set anew, alarms go on from the new reading", "[clock]") {
    TestWorld world(new_year);
    world.call("cloudwatch", "PutMetricAlarm", simple_alarm());
    world.world.set_clock(ClockMode::frozen, parse_iso("2027-06-01T12:00:00Z").value(), 1, false);
    const Happened happened = world.advance(2min);
    CHECK(happened.evaluations == 2);
}

TEST_CASE("evaluate judges alarms at once, without moving the clock", "[clock]") {
    TestWorld world("2026-01-01T00:00:30Z");
    world.call("cloudwatch", "PutMetricAlarm", simple_alarm());
    world.put_metric("N", "m", 50);
    world.world.set_clock(ClockMode::frozen, parse_iso("2026-01-01T00:01:10Z").value(), 1, false);
    const std::vector<std::string> names{"a"};
    const Happened happened = world.world.evaluate(names);
    REQUIRE(happened.transitions.size() == 1);
    CHECK(happened.transitions[0].to == "ALARM");
    CHECK(happened.now == parse_iso("2026-01-01T00:01:10Z"));
}

TEST_CASE("a reset empties what it names and nothing else", "[reset]") {
    TestWorld world(new_year);
    world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
    world.call("cloudwatch", "PutMetricAlarm", simple_alarm());
    world.world.rules().add({{"id", "r"}, {"latency", 5}});

    CHECK(world.world.reset({"alarms"}) == std::vector<std::string>{"alarms"});
    CHECK(world.call("cloudwatch", "DescribeAlarms").at("MetricAlarms").empty());
    CHECK(world.call("logs", "DescribeLogGroups").at("logGroups").size() == 1);
    CHECK(world.world.rules().list().size() == 1);

    CHECK(world.world.reset({}).size() == World::scopes().size());
    CHECK(world.call("logs", "DescribeLogGroups").at("logGroups").empty());
    CHECK(world.world.rules().list().empty());
}

TEST_CASE("an unknown scope is refused by its place, and nothing is reset", "[reset]") {
    TestWorld world(new_year);
    world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
    try {
        world.world.reset({"logs", "nonsense"});
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.path == "/scopes/1");
        CHECK(error.status == 400);
    }
    CHECK(world.call("logs", "DescribeLogGroups").at("logGroups").size() == 1);
}

TEST_CASE("rules of the start and set-up calls come back after a full reset", "[reset]") {
    WorldOptions options;
    options.start_rules = {{{"id", "from-file"}, {"latency", 7}}};
    options.setup = {
        {.service = "logs", .operation = "CreateLogGroup", .input = {{"logGroupName", "ready"}}}};
    TestWorld world(new_year, std::move(options));
    world.world.rules().remove("from-file");
    world.call("logs", "DeleteLogGroup", {{"logGroupName", "ready"}});
    world.world.reset({});
    CHECK(world.world.rules().list().at(0).at("id") == "from-file");
    CHECK(world.call("logs", "DescribeLogGroups").at("logGroups").size() == 1);
}

TEST_CASE("start rules without a name get the same one after every full reset", "[reset][determinism]") {
    WorldOptions options;
    options.start_rules = {{{"latency", 7}}};
    TestWorld world(new_year, std::move(options));
    const auto name = [&] { return world.world.rules().list().at(0).at("id").get<std::string>(); };
    world.world.reset({});
    const std::string first = name();
    world.call("sqs", "CreateQueue", {{"QueueName", "q"}});
    world.call("sqs", "SendMessage",
               {{"QueueUrl", "http://127.0.0.1:4566/000000000000/q"}, {"MessageBody", "x"}});
    world.world.reset({});
    CHECK(name() == first);
}
