#include "runtime_world.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

TEST_CASE("Converse answers compact JSON with its keys in the alphabet's order", "[runtime][converse]") {
    RuntimeWorld world;
    world.book.add(
        {{"latency", 1562},
         {"respond", {{"text", "Say \"hi\"\n"}, {"usage", {{"inputTokens", 13}, {"outputTokens", 67}}}}}});
    const ReplyPlan plan = world.play("Converse", converse_input(haiku, "hi"));
    CHECK(
        plan.body ==
        R"({"metrics":{"latencyMs":1562},"output":{"message":{"content":[{"text":"Say \"hi\"\n"}],"role":"assistant"}},)"
        R"("stopReason":"end_turn","usage":{"inputTokens":13,"outputTokens":67,"serverToolUsage":{},"totalTokens":80}})");
    CHECK(plan.content_type == "application/json");
    CHECK(plan.headers.size() == 0);
}

TEST_CASE("a caching model tells cache counts under both their names, and adds them to the total",
          "[runtime][converse]") {
    RuntimeWorld world;
    world.book.add(
        {{"respond",
          {{"text", "a"},
           {"usage", {{"inputTokens", 2}, {"outputTokens", 5}, {"cacheReadInputTokens", 1322}}}}}});
    const ReplyPlan plan = world.play("Converse", converse_input(us_sonnet, "hi"));
    CHECK(
        plan.body.find(
            R"("usage":{"cacheReadInputTokenCount":1322,"cacheReadInputTokens":1322,"cacheWriteInputTokenCount":0,)"
            R"("cacheWriteInputTokens":0,"inputTokens":2,"outputTokens":5,"serverToolUsage":{},"totalTokens":1329}})") !=
        std::string::npos);
}

TEST_CASE("a tool call stands in the answer as a block and ends the turn", "[runtime][converse]") {
    RuntimeWorld world;
    world.book.add({{"match", {{"prompt", "weather in (\\w+)"}}},
                    {"respond",
                     {{"reasoning", "I need a tool."},
                      {"toolUse", {{{"name", "get_weather"}, {"input", {{"city", "{{match.1}}"}}}}}}}}});
    const Json answer =
        parse_json(world.play("Converse", converse_input(nova_lite, "the weather in Oslo")).body).value();
    const Json& content = answer.at("output").at("message").at("content");
    REQUIRE(content.size() == 2);
    CHECK(content[0].at("reasoningContent").at("reasoningText").at("text") == "I need a tool.");
    const Json& tool = content[1].at("toolUse");
    CHECK(tool.at("name") == "get_weather");
    CHECK(tool.at("input") == Json{{"city", "Oslo"}});
    CHECK_THAT(tool.at("toolUseId").get<std::string>(), StartsWith("tooluse_"));
    CHECK(tool.at("toolUseId").get<std::string>().size() == 30);
    CHECK(answer.at("stopReason") == "tool_use");
}

TEST_CASE("templates in an answer are filled in", "[runtime][converse]") {
    RuntimeWorld world;
    world.book.add(
        {{"match", {{"prompt", "order (\\d+)"}}},
         {"respond", {{"text", "{{match.1}}|{{prompt}}|{{modelId}}|{{turn}}|{{requestId}}|{{now}}"}}}});
    CHECK(converse_text(world.play("Converse", converse_input(titan, "my order 42"))) ==
          "42|my order "
          "42|amazon.titan-text-express-v1|1|7e000000-0000-4000-8000-000000000001|2026-01-01T00:00:00.000Z");
}

TEST_CASE("performanceConfig and serviceTier are told back", "[runtime][converse]") {
    RuntimeWorld world;
    Json input = converse_input(haiku, "hi");
    input["performanceConfig"] = {{"latency", "optimized"}};
    input["serviceTier"] = {{"type", "priority"}};
    const Json answer = parse_json(world.play("Converse", input).body).value();
    CHECK(answer.at("performanceConfig") == Json{{"latency", "optimized"}});
    CHECK(answer.at("serviceTier") == Json{{"type", "priority"}});
    CHECK(world.last_record().at("performanceConfig") == Json{{"latency", "optimized"}});
    const ReplyPlan native = world.play("InvokeModel", {{"modelId", titan},
                                                        {"body", R"({"inputText":"a"})"},
                                                        {"performanceConfigLatency", "optimized"},
                                                        {"serviceTier", "flex"}});
    CHECK(native.headers.get("X-Amzn-Bedrock-PerformanceConfig-Latency") == "optimized");
    CHECK(native.headers.get("X-Amzn-Bedrock-Service-Tier") == "flex");
}

TEST_CASE("additionalModelResponseFieldPaths pick from the native answer", "[runtime][converse]") {
    RuntimeWorld world;
    Json input = converse_input(haiku, "hi");
    input["additionalModelResponseFieldPaths"] = {"/stop_sequence", "/nothing/here"};
    const Json answer = parse_json(world.play("Converse", input).body).value();
    CHECK(answer.at("additionalModelResponseFields") == Json{{"stop_sequence", nullptr}});
    const ReplyPlan stream = world.play("ConverseStream", input);
    const auto& stop = stream.events.at(stream.events.size() - 2);
    CHECK(stop.type == "messageStop");
    CHECK(stop.payload.at("additionalModelResponseFields") == Json{{"delta", {{"stop_sequence", nullptr}}}});
}

}  // namespace rockwatch::bedrock_runtime
