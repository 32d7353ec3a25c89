#include "runtime_world.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

Json breaking(const Json& error) {
    return {{"respond", {{"text", "one two three four five"}}},
            {"stream", {{"firstTokenMs", 100}, {"interTokenMs", 10}, {"tokensPerChunk", 1}}},
            {"error", error}};
}

std::size_t deltas(const ReplyPlan& plan) {
    std::size_t count = 0;
    for (const PlannedEvent& event : plan.events) count += event.type == "contentBlockDelta" ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("a rule's error is answered instead, with Bedrock's usual message where it gives none",
          "[runtime][faults]") {
    struct Row {
        Json error;
        std::string message;
        int status;
    };
    const auto row = GENERATE(values<Row>(
        {{{{"name", "ThrottlingException"}}, "Too many requests, please wait before trying again.", 0},
         {{{"name", "ThrottlingException"}, {"message", "slow down"}, {"status", 503}}, "slow down", 503},
         {{{"name", "ServiceUnavailableException"}}, "Bedrock is unable to process your request.", 0},
         {{{"name", "OwnException"}}, "", 0}}));
    RuntimeWorld world;
    world.book.add({{"id", "fails"}, {"error", row.error}, {"latency", 250}});
    const std::string operation = GENERATE("Converse", "ConverseStream");
    const ReplyPlan plan = world.play(operation, converse_input(titan, "hi"));
    REQUIRE(plan.error);
    CHECK(plan.error->code == row.error.at("name").get<std::string>());
    CHECK(plan.error->message == row.message);
    CHECK(plan.error->status == row.status);
    CHECK(plan.latency.count() == 250);
    CHECK_FALSE(plan.streamed);
    CHECK(plan.notes.rules == std::vector<std::string>{"fails"});
}

TEST_CASE("an error after some chunks ends the stream as an exception of the stream's own name",
          "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add(breaking({{"name", "ThrottlingException"}, {"afterChunks", 3}}));
    const ReplyPlan plan = world.play("ConverseStream", converse_input(haiku, "hi"));
    CHECK_FALSE(plan.error);
    CHECK(deltas(plan) == 3);
    CHECK(plan.events.back().type == "contentBlockDelta");
    REQUIRE(plan.stream_error);
    CHECK(plan.stream_error->first.count() == 120);
    CHECK(plan.stream_error->second.code == "ThrottlingException");
    CHECK(plan.stream_error->second.message == "Too many requests, please wait before trying again.");
    CHECK(world.last_record().at("errorCode") == "ThrottlingException");
    CHECK(world.metrics.values("InvocationThrottles") == std::vector<double>{1});
    CHECK(world.metrics.values("Invocations").empty());
}

TEST_CASE("an error after no chunk comes behind the message's start, one after all of them before its end",
          "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add({{"id", "a"},
                    {"error", {{"name", "ModelStreamErrorException"}, {"afterChunks", 0}}},
                    {"respond", {{"text", "abc"}}}});
    const ReplyPlan none = world.play("ConverseStream", converse_input(haiku, "hi"));
    REQUIRE(none.events.size() == 1);
    CHECK(none.events[0].type == "messageStart");
    REQUIRE(none.stream_error);
    world.book.put("a", {{"error", {{"name", "ModelStreamErrorException"}, {"afterChunks", 99}}},
                         {"respond", {{"text", "abc"}}}});
    const ReplyPlan all = world.play("ConverseStream", converse_input(haiku, "hi"));
    CHECK(deltas(all) == 1);
    CHECK(all.events.back().type == "contentBlockStop");
    CHECK(all.stream_error);
}

TEST_CASE("an error after some time ends the stream then", "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add(breaking({{"name", "InternalServerException"}, {"afterMs", 115}}));
    const ReplyPlan plan = world.play("ConverseStream", converse_input(haiku, "hi"));
    CHECK(deltas(plan) == 2);
    REQUIRE(plan.stream_error);
    CHECK(plan.stream_error->first.count() == 115);
    CHECK(world.metrics.values("InvocationServerErrors") == std::vector<double>{1});
}

TEST_CASE("a native stream breaks after as many pieces of its answer", "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add(breaking({{"name", "ThrottlingException"}, {"afterChunks", 2}}));
    const ReplyPlan plan = world.play_native(
        "InvokeModelWithResponseStream", haiku,
        R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"a"}]})");
    const auto chunks = decoded_chunks(plan);
    REQUIRE(chunks.size() == 4);
    CHECK(chunks[0].at("type") == "message_start");
    CHECK(chunks[3].at("delta").at("text") == "two ");
    CHECK_FALSE(chunks[3].contains("amazon-bedrock-invocationMetrics"));
    CHECK(plan.stream_error);
}

TEST_CASE("an error placed in a stream is a plain error where nothing is streamed", "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add(breaking({{"name", "ThrottlingException"}, {"afterChunks", 2}}));
    CHECK(world.play("Converse", converse_input(haiku, "hi")).error);
}

TEST_CASE("a connection fault takes the place of the answer", "[runtime][faults]") {
    struct Row {
        std::string connection;
        Ending ending;
    };
    const auto row = GENERATE(values<Row>({{"reset", Ending::reset}, {"hang", Ending::hang}}));
    const std::string operation = GENERATE("Converse", "ConverseStream");
    RuntimeWorld world;
    world.book.add({{"error", {{"connection", row.connection}}}});
    const ReplyPlan plan = world.play(operation, converse_input(haiku, "hi"));
    CHECK(plan.ending == row.ending);
    CHECK_FALSE(plan.error);
    CHECK(plan.body.empty());
    CHECK(plan.events.empty());
    CHECK(world.metrics.values("Invocations") == std::vector<double>{1});  // the way back broke, not the call
}

TEST_CASE("a truncated answer stops in the middle, or after as many chunks as the rule says",
          "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add({{"id", "cut"}, {"error", {{"connection", "truncate"}}}});
    const ReplyPlan plain = world.play("Converse", converse_input(haiku, "hi"));
    CHECK(plain.ending == Ending::truncate);
    CHECK(plain.truncate_after == plain.body.size() / 2);
    const ReplyPlan stream = world.play("ConverseStream", converse_input(haiku, "hi"));
    CHECK(stream.truncate_after == stream.events.size() / 2);
    world.book.put("cut", breaking({{"connection", "truncate"}, {"afterChunks", 2}}));
    const ReplyPlan counted = world.play("ConverseStream", converse_input(haiku, "hi"));
    CHECK(deltas(counted) == 2);
    CHECK(counted.truncate_after == counted.events.size());
    CHECK_FALSE(counted.stream_error);
}

TEST_CASE("a connection fault that names an error is logged and counted as that", "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add({{"error", {{"connection", "reset"}, {"name", "InternalServerException"}}}});
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.last_record().at("errorCode") == "InternalServerException");
    CHECK(world.metrics.values("InvocationServerErrors") == std::vector<double>{1});
}

TEST_CASE("notes tell the journal which rules took part and which nearly did", "[runtime][faults]") {
    RuntimeWorld world;
    world.book.add({{"id", "spike"}, {"latency", 4038}});
    world.book.add({{"id", "refund"}, {"match", {{"prompt", "refund"}}}, {"respond", {{"text", "a"}}}});
    const ReplyPlan plan = world.play("Converse", converse_input(titan, "hi"));
    CHECK(plan.notes.model_id == titan);
    CHECK(plan.notes.latency.count() == 4038);
    CHECK(plan.notes.rules == std::vector<std::string>{"spike"});
    REQUIRE(plan.notes.near_misses.size() == 1);
    CHECK(plan.notes.near_misses[0].rule == "refund");
    CHECK(plan.notes.near_misses[0].failed == "/match/prompt");
}

}  // namespace rockwatch::bedrock_runtime
