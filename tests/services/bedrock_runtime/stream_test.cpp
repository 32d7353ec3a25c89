#include "runtime_world.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

/// "type@due" of each event.
std::vector<std::string> events_of(const ReplyPlan& plan) {
    std::vector<std::string> all;
    for (const PlannedEvent& event : plan.events)
        all.push_back(event.type + "@" + std::to_string(event.due.count()));
    return all;
}

std::vector<std::int64_t> deltas_due(const ReplyPlan& plan) {
    std::vector<std::int64_t> dues;
    for (const PlannedEvent& event : plan.events) {
        if (event.type == "contentBlockDelta") dues.push_back(event.due.count());
    }
    return dues;
}

}  // namespace

TEST_CASE("ConverseStream sends flat payloads in Bedrock's order, without a start for texts",
          "[runtime][stream]") {
    RuntimeWorld world;
    world.book.add({{"respond", {{"text", "Hello"}, {"usage", {{"inputTokens", 8}, {"outputTokens", 10}}}}},
                    {"stream", {{"chunks", {"He", "llo"}}}}});
    ReplyPlan plan = world.play("ConverseStream", converse_input(haiku, "hi"));
    CHECK(plan.streamed);
    CHECK(plan.content_type == "application/vnd.amazon.eventstream");
    for (PlannedEvent& event : plan.events) {
        const std::string p = event.payload.at("p");
        CHECK(p.size() >= 2);
        CHECK(p.size() <= 61);
        CHECK(std::string("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").starts_with(p));
        event.payload.erase("p");
    }
    const auto text = [&](std::size_t index) {
        return plan.events.at(index).type + plan.events.at(index).payload.dump();
    };
    REQUIRE(plan.events.size() == 6);
    CHECK(text(0) == R"(messageStart{"role":"assistant"})");
    CHECK(text(1) == R"(contentBlockDelta{"contentBlockIndex":0,"delta":{"text":"He"}})");
    CHECK(text(2) == R"(contentBlockDelta{"contentBlockIndex":0,"delta":{"text":"llo"}})");
    CHECK(text(3) == R"(contentBlockStop{"contentBlockIndex":0})");
    CHECK(text(4) == R"(messageStop{"stopReason":"end_turn"})");
    CHECK(
        text(5) ==
        R"(metadata{"metrics":{"latencyMs":1},"usage":{"inputTokens":8,"outputTokens":10,"serverToolUsage":{},"totalTokens":18}})");
}

TEST_CASE("a tool call is streamed with a start and its input as text", "[runtime][stream]") {
    RuntimeWorld world;
    world.book.add(
        {{"respond",
          {{"content",
            {{{"text", "ok"}},
             {{"toolUse", {{"name", "f"}, {"toolUseId", "t1"}, {"input", {{"city", "Oslo"}}}}}}}}}}});
    const auto fragments = [&](const std::string& model) {
        std::vector<std::string> all;
        for (const PlannedEvent& event : world.play("ConverseStream", converse_input(model, "hi")).events) {
            if (event.type == "contentBlockStart") {
                CHECK(event.payload.at("start") ==
                      parse_json(R"({"toolUse":{"name":"f","toolUseId":"t1"}})").value());
                CHECK(event.payload.at("contentBlockIndex") == 1);
            }
            if (event.type == "contentBlockDelta" && event.payload.at("delta").contains("toolUse")) {
                all.push_back(event.payload.at("delta").at("toolUse").at("input"));
            }
        }
        return all;
    };
    CHECK(fragments(nova_lite) == std::vector<std::string>{R"({"city":"Oslo"})"});
    CHECK(fragments(haiku) == std::vector<std::string>{"", R"({"city":"Oslo"})"});
}

TEST_CASE("reasoning is streamed as text and a last signature", "[runtime][stream]") {
    RuntimeWorld world;
    world.book.add({{"respond",
                     {{"content",
                       {{{"reasoningContent", {{"reasoningText", {{"text", "Hm"}, {"signature", "Eq"}}}}}},
                        {{"text", "ok"}}}}}}});
    std::vector<std::string> deltas;
    for (const PlannedEvent& event : world.play("ConverseStream", converse_input(us_sonnet, "hi")).events) {
        CHECK(event.type != "contentBlockStart");
        if (event.type == "contentBlockDelta") deltas.push_back(event.payload.at("delta").dump());
    }
    CHECK(deltas == std::vector<std::string>{R"({"reasoningContent":{"text":"Hm"}})",
                                             R"({"reasoningContent":{"signature":"Eq"}})",
                                             R"({"text":"ok"})"});
}

TEST_CASE("a stream keeps the pace of its rule", "[runtime][stream]") {
    RuntimeWorld world;
    world.clock.set(ClockMode::real, world.clock.now());
    world.book.add({{"respond", {{"text", "one two three fo"}}},
                    {"stream", {{"firstTokenMs", 300}, {"interTokenMs", 20}, {"tokensPerChunk", 1}}}});
    const ReplyPlan plan = world.plan("ConverseStream", converse_input(haiku, "hi"));
    CHECK(events_of(plan) == std::vector<std::string>{"messageStart@0", "contentBlockDelta@300",
                                                      "contentBlockDelta@320", "contentBlockDelta@340",
                                                      "contentBlockDelta@360", "contentBlockStop@360",
                                                      "messageStop@360", "metadata@360"});
    CHECK(plan.latency.count() == 0);
    CHECK(plan.sleeps);
    CHECK(plan.notes.latency.count() == 360);
    CHECK(plan.events.back().payload.at("metrics").at("latencyMs") == 360);
}

TEST_CASE("a piece of several tokens takes their time together, a piece cut by hand one gap",
          "[runtime][stream]") {
    RuntimeWorld world;
    world.book.add({{"id", "a"},
                    {"respond", {{"text", "one two three fo"}}},
                    {"stream", {{"firstTokenMs", 300}, {"interTokenMs", 20}, {"tokensPerChunk", 2}}}});
    CHECK(deltas_due(world.plan("ConverseStream", converse_input(haiku, "hi"))) ==
          std::vector<std::int64_t>{300, 340});
    world.book.put(
        "a", {{"respond", {{"text", "one two three fo"}}},
              {"stream",
               {{"firstTokenMs", 300}, {"interTokenMs", 20}, {"chunks", {"one two ", "three", " fo"}}}}});
    CHECK(deltas_due(world.plan("ConverseStream", converse_input(haiku, "hi"))) ==
          std::vector<std::int64_t>{300, 320, 340});
}

TEST_CASE("a latency is the time to the first byte of a stream, and the pace counts from there",
          "[runtime][stream]") {
    RuntimeWorld world;
    world.book.add({{"id", "slow"}, {"latency", 4038}});
    const ReplyPlan alone = world.plan("ConverseStream", converse_input(titan, "hi"));
    for (const PlannedEvent& event : alone.events) CHECK(event.due.count() == 4038);
    CHECK(alone.latency.count() == 4038);
    CHECK(alone.notes.latency.count() == 4038);
    world.book.add({{"stream", {{"firstTokenMs", 100}}}});
    const ReplyPlan paced = world.plan("ConverseStream", converse_input(titan, "hi"));
    CHECK(paced.events.front().due.count() == 4038);
    CHECK(deltas_due(paced).front() == 4138);
    CHECK(paced.notes.latency.count() == 4138);
}

TEST_CASE("jitter moves every gap by no more than it says, and never backwards", "[runtime][stream]") {
    RuntimeWorld world;
    world.book.add({{"respond", {{"text", std::string(400, 'x')}}},
                    {"stream", {{"interTokenMs", 10}, {"jitterMs", 4}, {"tokensPerChunk", 1}}}});
    const auto dues = deltas_due(world.plan("ConverseStream", converse_input(haiku, "hi")));
    REQUIRE(dues.size() == 100);
    bool moved = false;
    for (std::size_t index = 1; index < dues.size(); ++index) {
        const auto gap = dues[index] - dues[index - 1];
        CHECK(gap >= 5);   // 6, less the rounding
        CHECK(gap <= 15);  // 14, and the rounding
        moved = moved || gap != 10;
    }
    CHECK(moved);
}

TEST_CASE("Titan streams its answer in one piece unless a rule paces it", "[runtime][stream]") {
    RuntimeWorld world;
    CHECK(deltas_due(world.plan("ConverseStream", converse_input(titan, "hi"))).size() == 1);
    CHECK(deltas_due(world.plan("ConverseStream", converse_input(haiku, "hi"))).size() > 1);
    world.book.add({{"stream", {{"interTokenMs", 5}}}});
    CHECK(deltas_due(world.plan("ConverseStream", converse_input(titan, "hi"))).size() > 1);
}

TEST_CASE("a realistic latency gives a time to the first token and a speed", "[runtime][latency]") {
    RuntimeWorld world({.latency = DefaultLatency::realistic});
    const ReplyPlan plan = world.plan("ConverseStream", converse_input("amazon.nova-micro-v1:0", "hi"));
    const auto dues = deltas_due(plan);
    CHECK(dues.front() > 60);
    CHECK(dues.front() < 800);
    CHECK(dues.back() > dues.front());
    const ReplyPlan whole = world.plan("Converse", converse_input(us_sonnet, "hi"));
    CHECK(whole.latency.count() > 200);
    CHECK(whole.notes.latency == whole.latency);
    world.book.add({{"latency", {{"profile", "realistic"}}}});
    CHECK(world.plan("Converse", converse_input(us_sonnet, "hi")).latency.count() > 200);
}

TEST_CASE("a latency is slept if the rule says so, else unless the clock is frozen", "[runtime][latency]") {
    struct Row {
        Json latency;
        ClockMode mode;
        bool sleeps;
    };
    const auto row = GENERATE(values<Row>({{4038, ClockMode::real, true},
                                           {{{"ms", 4038}, {"sleep", true}}, ClockMode::real, true},
                                           {{{"ms", 4038}, {"sleep", false}}, ClockMode::real, false},
                                           {4038, ClockMode::scaled, true},
                                           {4038, ClockMode::frozen, false},
                                           {{{"ms", 4038}, {"sleep", true}}, ClockMode::frozen, true},
                                           {{{"ms", 4038}, {"sleep", false}}, ClockMode::frozen, false}}));
    RuntimeWorld world;
    world.clock.set(row.mode, world.clock.now(), 60);
    world.book.add({{"latency", row.latency}});
    const ReplyPlan plan = world.plan("Converse", converse_input(titan, "hi"));
    CHECK(plan.latency.count() == 4038);
    CHECK(plan.sleeps == row.sleeps);
    CHECK(parse_json(plan.body).value().at("metrics").at("latencyMs") == 4038);
}

TEST_CASE("without any latency nobody waits and one millisecond is reported", "[runtime][latency]") {
    RuntimeWorld world;
    world.clock.set(ClockMode::real, world.clock.now());
    const ReplyPlan plan = world.plan("Converse", converse_input(titan, "hi"));
    CHECK(plan.latency.count() == 0);
    CHECK_FALSE(plan.sleeps);
    CHECK(plan.notes.latency.count() == 1);
    CHECK(parse_json(plan.body).value().at("metrics").at("latencyMs") == 1);
}

}  // namespace rockwatch::bedrock_runtime
