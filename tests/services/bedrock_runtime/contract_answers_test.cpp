#include <fmt/format.h>

#include <algorithm>

#include "four_doors.hpp"
#include "support/catch.hpp"

/// What the contract says of answers (control-api.md, "Rules: canned answers, latency and faults"), each
/// member through each of the four operations.
namespace rockwatch::bedrock_runtime {

TEST_CASE("templates are filled in wherever a rule writes a text, through every door",
          "[runtime][contract]") {
    const std::string all = "{{prompt}}|{{modelId}}|{{turn}}|{{requestId}}|{{now}}|{{match.1}}|{{match.0}}";
    const std::string filled = fmt::format(
        "order 42|{}|1|7e000000-0000-4000-8000-000000000001|2026-01-01T00:00:00.000Z|42|order 42", haiku);
    const auto form = GENERATE_COPY(values<Json>({{{"text", all}},
                                                  {{"content", Json::array({{{"text", all}}})}},
                                                  {{"sequence", Json::array({{{"text", all}}})}}}));
    for (const std::string& operation : all_operations) {
        CAPTURE(operation, form.dump());
        RuntimeWorld world;
        world.book.add({{"match", {{"prompt", "order (\\d+)"}}}, {"respond", form}});
        CHECK(text_of(ask(world, operation, {.prompt = "order 42"}), operation) == filled);
    }
    RuntimeWorld world;
    world.book.add(
        {{"match", {{"prompt", "order (\\d+)"}}},
         {"respond", {{"reasoning", all}, {"toolUse", {{"name", "f"}, {"input", {{"deep", {all, 1}}}}}}}}});
    const Json answer = parse_json(ask(world, "Converse", {.prompt = "order 42"}).body).value();
    const Json& content = answer.at("output").at("message").at("content");
    CHECK(content[0].at("reasoningContent").at("reasoningText").at("text") == filled);
    CHECK(content[1].at("toolUse").at("input") == Json{{"deep", {filled, 1}}});
}

TEST_CASE("the kinds of an answer and their companions go out through every door", "[runtime][contract]") {
    const Json usage = {{"inputTokens", 21}, {"outputTokens", 250}};
    for (const std::string& operation : all_operations) {
        CAPTURE(operation);
        RuntimeWorld world;
        world.book.add(
            {{"respond",
              {{"content",
                {{{"text", "Let me look."}},
                 {{"toolUse",
                   {{"toolUseId", "tooluse_1"}, {"name", "get_weather"}, {"input", {{"city", "Oslo"}}}}}}}},
               {"reasoning", "A tool will know."},
               {"usage", usage}}}});
        const ReplyPlan plan = ask(world, operation);
        CHECK(text_of(plan, operation) == "Let me look.");
        std::string all = plan.body;
        for (const PlannedEvent& event : plan.events) {
            if (!is_native(operation)) all += event.payload.dump();
        }
        if (is_native(operation) && plan.streamed) {
            for (const Json& chunk : decoded_chunks(plan)) all += chunk.dump();
        }
        CHECK_THAT(all, ContainsSubstring("A tool will know.") || ContainsSubstring("A tool w"));
        CHECK_THAT(all, ContainsSubstring("get_weather"));
        CHECK_THAT(all, ContainsSubstring("tool_use"));  // the stop reason, in both tongues
        CHECK(world.metrics.values("InputTokenCount", haiku) == std::vector<double>{21});
        CHECK(world.metrics.values("OutputTokenCount", haiku) == std::vector<double>{250});
    }
}

TEST_CASE("a stop reason is told in the door's own words", "[runtime][contract]") {
    for (const std::string& operation : all_operations) {
        RuntimeWorld world;
        world.book.add({{"respond", {{"text", "a"}, {"stopReason", "max_tokens"}}}});
        const ReplyPlan plan = ask(world, operation);
        std::string told;
        if (operation == "Converse") told = parse_json(plan.body).value().at("stopReason");
        if (operation == "InvokeModel") told = parse_json(plan.body).value().at("stop_reason");
        if (operation == "ConverseStream")
            told = plan.events.at(plan.events.size() - 2).payload.at("stopReason");
        if (operation == "InvokeModelWithResponseStream")
            told = decoded_chunks(plan).at(plan.events.size() - 2).at("delta").at("stop_reason");
        CHECK(told == "max_tokens");
    }
}

TEST_CASE("a sequence is gone through by all doors together, and its last repeats or it begins anew",
          "[runtime][contract]") {
    const bool cycle = GENERATE(true, false);
    RuntimeWorld world;
    Json respond = {{"sequence", {{{"text", "one"}}, {{"text", "two"}}, {{"text", "three"}}}}};
    if (cycle) respond["cycle"] = true;
    world.book.add({{"respond", respond}});
    std::vector<std::string> told;
    for (int call = 0; call < 5; ++call) {
        const std::string& operation = all_operations[static_cast<std::size_t>(call) % 4];
        told.push_back(text_of(ask(world, operation), operation));
    }
    CHECK(told == (cycle ? std::vector<std::string>{"one", "two", "three", "one", "two"}
                         : std::vector<std::string>{"one", "two", "three", "three", "three"}));
}

TEST_CASE("a native body goes out verbatim, and its text through the other doors", "[runtime][contract]") {
    const Json body =
        parse_json(
            R"({"id": "msg_mine", "own": [1, {"b": null}], "content": [{"type": "text", "text": "verbatim"}],
        "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 4}})")
            .value();
    for (const std::string& operation : all_operations) {
        RuntimeWorld world;
        world.book.add({{"respond", {{"body", body}}}});
        const ReplyPlan plan = ask(world, operation);
        CHECK(text_of(plan, operation) == "verbatim");
        if (operation == "InvokeModel") CHECK(parse_json(plan.body) == body);
        CHECK(world.metrics.values("OutputTokenCount", haiku) == std::vector<double>{4});
    }
}

TEST_CASE("an embedding is a unit vector of the size and seed that a rule gives", "[runtime][contract]") {
    RuntimeWorld world;
    world.book.add({{"id", "e"}, {"respond", {{"embedding", {{"dimensions", 8}, {"seed", 1}}}}}});
    const auto vector = [&] {
        const auto plan =
            world.play_native("InvokeModel", "amazon.titan-embed-text-v2:0", R"({"inputText":"four"})");
        return parse_json(plan.body).value().at("embedding").get<std::vector<double>>();
    };
    const auto one = vector();
    CHECK(one == vector());
    REQUIRE(one.size() == 8);
    double squares = 0;
    for (const double component : one) squares += component * component;
    CHECK(squares == Approx(1).epsilon(1e-6));
    world.book.put("e", {{"respond", {{"embedding", {{"dimensions", 8}, {"seed", 2}}}}}});
    CHECK(one != vector());
}

TEST_CASE("an image and redacted reasoning stand in Converse's answers, plain, streamed and recorded",
          "[runtime][contract]") {
    RuntimeWorld world;
    const Json content =
        parse_json(R"([{"reasoningContent": {"redactedContent": "c2VjcmV0"}}, {"text": "Here it is."},
        {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}},
        {"image": {"format": "webp", "source": {"s3Location": {"uri": "s3://b/k"}}}}])")
            .value();
    world.book.add({{"respond", {{"content", content}}}});
    const ReplyPlan whole = ask(world, "Converse");
    CHECK(parse_json(whole.body).value().at("output").at("message").at("content") == content);
    Json recorded =
        world.last_record().at("output").at("outputBodyJson").at("output").at("message").at("content");
    CHECK(recorded[2] ==
          Json{{"image", {{"format", "png"}, {"source", Json::object()}}}});  // bytes go to S3 alone
    CHECK(recorded[3] == content[3]);

    const ReplyPlan stream = ask(world, "ConverseStream");
    std::vector<Json> told;
    for (const PlannedEvent& event : stream.events) {
        if (event.type == "contentBlockStart") told.push_back(event.payload.at("start"));
        if (event.type == "contentBlockDelta" && !event.payload.at("delta").contains("text"))
            told.push_back(event.payload.at("delta"));
    }
    CHECK(told == std::vector<Json>{content[0],
                                    {{"image", {{"format", "png"}}}},
                                    {{"image", {{"source", content[2].at("image").at("source")}}}},
                                    {{"image", {{"format", "webp"}}}},
                                    {{"image", {{"source", content[3].at("image").at("source")}}}}});
    for (const std::string operation : {"InvokeModel", "InvokeModelWithResponseStream"}) {
        const ReplyPlan native = ask(world, operation);
        REQUIRE(native.error);
        CHECK(native.error->code == "NotImplemented");
        CHECK_THAT(native.error->message, ContainsSubstring("no place for images"));
    }
}

TEST_CASE("Claude's own format has redacted reasoning, Nova's has not", "[runtime][contract]") {
    RuntimeWorld world;
    world.book.add(
        {{"respond",
          {{"content", {{{"reasoningContent", {{"redactedContent", "c2VjcmV0"}}}}, {{"text", "Hi"}}}}}}});
    const Json block = {{"type", "redacted_thinking"}, {"data", "c2VjcmV0"}};
    CHECK(parse_json(ask(world, "InvokeModel").body).value().at("content").at(0) == block);
    const ReplyPlan stream = ask(world, "InvokeModelWithResponseStream");
    const auto chunks = decoded_chunks(stream);
    CHECK(chunks.at(1).at("content_block") == block);
    CHECK(chunks.at(2).at("type") == "content_block_stop");
    const auto nova = world.play_native("InvokeModel", nova_lite,
                                        R"({"messages":[{"role":"user","content":[{"text":"go"}]}]})");
    REQUIRE(nova.error);
    CHECK(nova.error->code == "NotImplemented");
    // And back: what a rule's native body holds is told through Converse.
    world.book.clear();
    world.book.add({{"respond", {{"body", {{"content", {block, {{"type", "text"}, {"text", "Hi"}}}}}}}}});
    CHECK(parse_json(ask(world, "Converse").body).value().at("output").at("message").at("content").at(0) ==
          Json{{"reasoningContent", {{"redactedContent", "c2VjcmV0"}}}});
}

TEST_CASE("without a rule the answer is sized by maxTokens and cites the prompt, the same through every door",
          "[runtime][contract]") {
    std::vector<std::string> texts;
    for (const std::string& operation : all_operations) {
        RuntimeWorld world;
        texts.push_back(text_of(ask(world, operation, {.prompt = "What is CloudWatch?"}), operation));
        const Asked little{.prompt = "What is CloudWatch?",
                           .converse_more = {{"inferenceConfig", {{"maxTokens", 3}}}},
                           .native_more = {{"max_tokens", 3}}};
        CHECK(text_of(ask(world, operation, little), operation) == texts.back().substr(0, 12));
        CHECK(world.metrics.values("OutputTokenCount", haiku).back() == 3);
    }
    CHECK(std::count(texts.begin(), texts.end(), texts.front()) == 4);
    CHECK_THAT(texts.front(), ContainsSubstring("What is CloudWatch?"));
}

}  // namespace rockwatch::bedrock_runtime
