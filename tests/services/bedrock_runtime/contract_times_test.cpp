#include <fmt/format.h>

#include <algorithm>

#include "four_doors.hpp"
#include "support/catch.hpp"

/// What the contract says of matching, latency and streams (control-api.md, "Rules: canned answers, latency
/// and faults"), each member through each of the four operations.
namespace rockwatch::bedrock_runtime {

TEST_CASE("each condition of match is judged on Converse's requests and on native bodies alike",
          "[runtime][contract]") {
    const Json tools =
        parse_json(R"([{"toolSpec": {"name": "get_weather", "inputSchema": {"json": {}}}}])").value();
    const Json native_tools =
        parse_json(R"([{"name": "get_weather", "input_schema": {"type": "object"}}])").value();
    const Json turns = parse_json(R"([
        {"role": "user", "content": [{"text": "hello"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "toolu_1", "name": "get_weather", "input": {}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "toolu_1", "content": [{"text": "rain"}]}}]}])")
                           .value();
    const Json native_turns = parse_json(R"([
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "rain"}]}])")
                                  .value();
    const Asked plain{.prompt = "a REFUND, please",
                      .converse_more = {{"system", Json::array({{{"text", "Be polite."}}})},
                                        {"inferenceConfig", {{"temperature", 0}}},
                                        {"requestMetadata", {{"team", "search"}}}},
                      .native_more = {{"system", "Be polite."}, {"temperature", 0}}};
    const Asked with_tools{.converse_more = {{"messages", turns}, {"toolConfig", {{"tools", tools}}}},
                           .native_more = {{"messages", native_turns}, {"tools", native_tools}}};
    struct Row {
        Json holds;
        Json fails;
        bool tools;
    };
    const auto row = GENERATE(values<Row>({
        {{{"modelId", "anthropic.claude-3-haiku-*"}}, {{"modelId", "amazon.*"}}, false},
        {{{"modelId", {"amazon.*", "anthropic.*"}}}, {{"modelId", {"amazon.*", "meta.*"}}}, false},
        {{{"prompt", "(?i)refund"}}, {{"prompt", "refund"}}, false},
        {{{"system", "polite"}}, {{"system", "rude"}}, false},
        {{{"anyMessage", "REFUND"}}, {{"anyMessage", "weather"}}, false},
        {{{"turn", 1}}, {{"turn", 2}}, false},
        {{{"tool", "get_weather"}}, {{"tool", "get_time"}}, true},
        {{{"toolResult", "toolu_1"}}, {{"toolResult", "toolu_2"}}, true},
        {{{"toolResult", "get_weather"}}, {{"toolResult", "get_time"}}, true},
        {{{"anyMessage", "hello"}}, {{"prompt", "hello"}}, true},
        {{{"turn", 2}}, {{"turn", 1}}, true},
        {{{"account", "123456789012"}}, {{"account", "000000000000"}}, false},
        {{{"region", "us-east-1"}}, {{"region", "eu-west-1"}}, false},
        {{{"accessKeyId", "AKIAEXAMPLE"}}, {{"accessKeyId", "AKIAOTHER"}}, false},
    }));
    CAPTURE(row.holds.dump());
    for (const std::string& operation : all_operations) {
        CAPTURE(operation);
        RuntimeWorld world;
        world.book.add({{"match", row.holds}, {"respond", {{"text", "this one"}}}});
        world.book.add({{"match", row.fails}, {"respond", {{"text", "not this one"}}}});
        CHECK(text_of(ask(world, operation, row.tools ? with_tools : plain), operation) == "this one");
    }
}

TEST_CASE("a rule for an operation is for that one", "[runtime][contract]") {
    RuntimeWorld world;
    for (const std::string& operation : all_operations)
        world.book.add({{"match", {{"operation", operation}}}, {"respond", {{"text", "for " + operation}}}});
    for (const std::string& operation : all_operations)
        CHECK(text_of(ask(world, operation), operation) == "for " + operation);
}

TEST_CASE("a body condition looks at the request as it was sent", "[runtime][contract]") {
    RuntimeWorld world;
    world.book.add(
        {{"match", {{"body", {{"/inferenceConfig/temperature", 0}}}}}, {"respond", {{"text", "cold"}}}});
    world.book.add({{"match", {{"body", {{"/temperature", 0.0}, {"/messages/0/content", "hi"}}}}},
                    {"respond", {{"text", "native cold"}}}});
    world.book.add(
        {{"match", {{"requestMetadata", {{"team", "search"}}}}}, {"respond", {{"text", "of the team"}}}});
    const Asked cold{.converse_more = {{"inferenceConfig", {{"temperature", 0.0}}}},
                     .native_more = {{"temperature", 0}}};
    for (const std::string& operation : all_operations)
        CHECK(text_of(ask(world, operation, cold), operation) ==
              (is_native(operation) ? "native cold" : "cold"));
    const Asked team{.converse_more = {{"requestMetadata", {{"team", "search"}}}}};
    CHECK(text_of(ask(world, "Converse", team), "Converse") == "of the team");
    const ReplyPlan native = world.play(
        "InvokeModel",
        {{"modelId", titan}, {"body", R"({"inputText":"a"})"}, {"requestMetadata", R"({"team":"search"})"}});
    CHECK_THAT(native.body, ContainsSubstring("of the team"));
}

TEST_CASE("every form of a latency is the time of every operation, in its log and metric, too",
          "[runtime][contract]") {
    struct Row {
        Json latency;
        std::int64_t min;
        std::int64_t max;
    };
    const auto row =
        GENERATE(values<Row>({{4038, 4038, 4038},
                              {12.5, 12, 13},
                              {{{"ms", 4038}}, 4038, 4038},
                              {{{"uniform", {200, 900}}}, 200, 900},
                              {{{"normal", {{"mean", 800}, {"stddev", 20}}}}, 650, 950},
                              {{{"lognormal", {{"p50", 900}, {"p99", 1000}}}}, 700, 1200},
                              {{{"percentiles", {{"p50", 900}, {"p90", 1500}, {"p99", 4000}}}}, 450, 4000},
                              {{{"profile", "realistic"}}, 100, 60'000},
                              {{{"ms", 70}, {"sleep", false}}, 70, 70}}));
    CAPTURE(row.latency.dump());
    for (const std::string& operation : all_operations) {
        CAPTURE(operation);
        RuntimeWorld world;
        world.book.add({{"latency", row.latency}});
        const ReplyPlan plan = ask(world, operation);
        const std::int64_t told = plan.notes.latency.count();
        CHECK(told >= row.min);
        CHECK(told <= row.max);
        CHECK(world.metrics.values("InvocationLatency", haiku) ==
              std::vector<double>{static_cast<double>(told)});
        if (operation == "Converse")
            CHECK(parse_json(plan.body).value().at("metrics").at("latencyMs") == told);
        if (operation == "ConverseStream")
            CHECK(plan.events.back().payload.at("metrics").at("latencyMs") == told);
        if (operation == "InvokeModel")
            CHECK(plan.headers.get("X-Amzn-Bedrock-Invocation-Latency") == std::to_string(told));
        if (operation == "InvokeModelWithResponseStream")
            CHECK(
                decoded_chunks(plan).back().at("amazon-bedrock-invocationMetrics").at("invocationLatency") ==
                told);
    }
}

TEST_CASE("sleep says of every form whether it is waited for", "[runtime][contract]") {
    const Json form = GENERATE(values<Json>({{{"ms", 9}},
                                             {{"uniform", {5, 9}}},
                                             {{"normal", {{"mean", 800}, {"stddev", 120}}}},
                                             {{"lognormal", {{"p50", 900}, {"p99", 4000}}}},
                                             {{"percentiles", {{"p50", 900}}}},
                                             {{"profile", "realistic"}}}));
    const std::string operation =
        GENERATE("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream");
    for (const bool sleep : {true, false}) {
        RuntimeWorld world;
        world.clock.set(ClockMode::real, world.clock.now());
        Json latency = form;
        latency["sleep"] = sleep;
        world.book.add({{"latency", latency}});
        CHECK(ask(world, operation).sleeps == sleep);
    }
}

TEST_CASE("both times of a stream may be any distribution", "[runtime][contract]") {
    struct Row {
        Json time;
        std::int64_t min;
        std::int64_t max;
    };
    const auto row = GENERATE(values<Row>({{50, 50, 50},
                                           {{{"ms", 50}}, 50, 50},
                                           {{{"uniform", {20, 90}}}, 20, 90},
                                           {{{"normal", {{"mean", 80}, {"stddev", 2}}}}, 65, 95},
                                           {{{"lognormal", {{"p50", 90}, {"p99", 100}}}}, 70, 120},
                                           {{{"percentiles", {{"p50", 20}, {"p99", 90}}}}, 10, 90}}));
    CAPTURE(row.time.dump());
    for (const std::string operation : {"ConverseStream", "InvokeModelWithResponseStream"}) {
        RuntimeWorld world;
        world.book.add(
            {{"respond", {{"text", std::string(80, 'x')}}},
             {"stream", {{"firstTokenMs", row.time}, {"interTokenMs", row.time}, {"tokensPerChunk", 1}}}});
        const auto sent = pieces(ask(world, operation), operation);
        REQUIRE(sent.size() == 20);
        std::int64_t before = 0;
        for (const Piece& piece : sent) {
            CHECK(piece.due - before >= row.min - 1);  // the timeline rounds
            CHECK(piece.due - before <= row.max + 1);
            before = piece.due;
        }
    }
}

TEST_CASE("tokensPerChunk and chunks set the cuts of a stream", "[runtime][contract]") {
    for (const std::string operation : {"ConverseStream", "InvokeModelWithResponseStream"}) {
        RuntimeWorld world;
        world.book.add({{"id", "a"},
                        {"respond", {{"text", "0123456789abcdefghij"}}},
                        {"stream", {{"tokensPerChunk", 2}}}});
        const auto texts = [&] {
            std::vector<std::string> all;
            for (const Piece& piece : pieces(ask(world, operation), operation)) all.push_back(piece.text);
            return all;
        };
        CHECK(texts() == std::vector<std::string>{"01234567", "89abcdef", "ghij"});
        world.book.put("a", {{"respond", {{"text", "Hello"}}}, {"stream", {{"chunks", {"He", "llo"}}}}});
        CHECK(texts() == std::vector<std::string>{"He", "llo"});
        // Over the answer of another rule the cuts go by their lengths, and what is left comes last.
        world.book.clear();
        world.book.add({{"respond", {{"text", "Grüße, 日本!"}}}});
        world.book.add({{"stream", {{"chunks", {"12345", "1"}}}}});
        CHECK(texts() == std::vector<std::string>{"Grüße", ",", " 日本!"});
    }
}

}  // namespace rockwatch::bedrock_runtime
