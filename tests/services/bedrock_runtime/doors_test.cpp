#include "runtime_world.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

struct Door {
    std::string model;
    std::string body;
};

/// The text that a native stream's chunks hold, whatever the family.
std::string native_text(const ReplyPlan& plan) {
    std::string text;
    for (const Json& chunk : decoded_chunks(plan)) {
        text += text_or_empty(chunk, "outputText") + text_or_empty(chunk, "completion") +
                text_or_empty(chunk, "generation");
        if (chunk.value("event_type", "") == "text-generation") text += text_or_empty(chunk, "text");
        if (chunk.contains("message")) text += text_or_empty(chunk, "message");
        if (chunk.contains("generations")) text += text_or_empty(chunk.at("generations").at(0), "text");
        if (chunk.contains("choices")) {
            const Json& choice = chunk.at("choices").at(0);
            text += text_or_empty(choice, "text");
            for (const char* holder : {"delta", "message"}) {
                if (choice.contains(holder)) text += text_or_empty(choice.at(holder), "content");
            }
        }
        if (chunk.contains("delta")) text += text_or_empty(chunk.at("delta"), "text");
        if (chunk.contains("contentBlockDelta"))
            text += text_or_empty(chunk.at("contentBlockDelta").at("delta"), "text");
        if (chunk.contains("outputs")) text += text_or_empty(chunk.at("outputs").at(0), "text");
    }
    return text;
}

}  // namespace

TEST_CASE("one rule answers the same text through every door of a family", "[runtime][doors]") {
    const auto door = GENERATE(values<Door>(
        {{titan, R"({"inputText":"go"})"},
         {haiku,
          R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":500,"messages":[{"role":"user","content":"go"}]})"},
         {us_sonnet,
          R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":500,"messages":[{"role":"user","content":"go"}]})"},
         {nova_lite, R"({"messages":[{"role":"user","content":[{"text":"go"}]}]})"},
         {"anthropic.claude-v2:1", R"({"prompt":"\n\nHuman: go\n\nAssistant:","max_tokens_to_sample":500})"},
         {"meta.llama3-8b-instruct-v1:0", R"({"prompt":"go"})"},
         {"mistral.mistral-7b-instruct-v0:2", R"({"prompt":"go"})"},
         {"openai.gpt-oss-20b-1:0", R"({"messages":[{"role":"user","content":"go"}]})"},
         {"mistral.mistral-large-2407-v1:0", R"({"messages":[{"role":"user","content":"go"}]})"},
         {"ai21.jamba-1-5-mini-v1:0", R"({"messages":[{"role":"user","content":"go"}]})"},
         {"cohere.command-text-v14", R"({"prompt":"go"})"},
         {"cohere.command-r-v1:0", R"({"message":"go"})"},
         {"deepseek.r1-v1:0", R"({"prompt":"go"})"},
         {"twelvelabs.pegasus-1-2-v1:0", R"({"inputPrompt":"go","mediaSource":{"base64String":"AAAA"}})"}}));
    CAPTURE(door.model);
    RuntimeWorld world;
    const std::string text =
        "Grüße, 日本! The answer has several pieces, and a \"quote\".\nAnd a second line.";
    world.book.add(
        {{"match", {{"prompt", "go"}}}, {"respond", {{"text", text}}}, {"stream", {{"tokensPerChunk", 3}}}});
    CHECK(converse_text(world.play("Converse", converse_input(door.model, "go"))) == text);
    CHECK(converse_text(world.play("ConverseStream", converse_input(door.model, "go"))) == text);
    const std::string whole = world.play_native("InvokeModel", door.model, door.body).body;
    CHECK(whole.find(R"(Grüße, 日本! The answer has several pieces, and a \"quote\".\nAnd a second line.)") !=
          std::string::npos);
    const std::string streamed =
        native_text(world.play_native("InvokeModelWithResponseStream", door.model, door.body));
    CHECK(streamed.substr(streamed.find("Gr")) == text);
    CHECK(world.metrics.values("Invocations").size() == 4);
}

TEST_CASE("a native body of a rule is told through Converse", "[runtime][doors]") {
    RuntimeWorld world;
    world.book.add({{"respond",
                     {{"body",
                       {{"content",
                         {{{"type", "text"}, {"text", "Hi"}},
                          {{"type", "tool_use"}, {"id", "t"}, {"name", "f"}, {"input", {{"a", 1}}}}}},
                        {"stop_reason", "tool_use"},
                        {"usage", {{"input_tokens", 3}, {"output_tokens", 4}}}}}}}});
    const Json answer = parse_json(world.play("Converse", converse_input(haiku, "go")).body).value();
    CHECK(answer.at("output").at("message").at("content") ==
          parse_json(R"([{"text":"Hi"},{"toolUse":{"input":{"a":1},"name":"f","toolUseId":"t"}}])").value());
    CHECK(answer.at("stopReason") == "tool_use");
    CHECK(answer.at("usage").at("totalTokens") == 7);
}

TEST_CASE("a native body that is none of the model's family is refused through Converse, naming the rule",
          "[runtime][doors]") {
    RuntimeWorld world;
    world.book.add({{"id", "odd"}, {"respond", {{"body", {{"generation", "Hi"}}}}}});
    const ReplyPlan plan = world.play("Converse", converse_input(haiku, "go"));
    REQUIRE(plan.error);
    CHECK(plan.error->code == "NotImplemented");
    CHECK_THAT(plan.error->message, ContainsSubstring("rule odd"));
}

TEST_CASE("every text model speaks Converse, whatever its native format", "[runtime][doors]") {
    RuntimeWorld world;
    CHECK_FALSE(world.play("Converse", converse_input("cohere.command-r-v1:0", "go")).error);
    CHECK_FALSE(world.play("ConverseStream", converse_input("cohere.command-r-v1:0", "go")).error);
}

TEST_CASE("a model is found by its ARN and by a profile's", "[runtime][doors]") {
    RuntimeWorld world;
    CHECK_FALSE(
        world.play("Converse", converse_input("arn:aws:bedrock:us-east-1::foundation-model/" + haiku, "go"))
            .error);
    CHECK_FALSE(world
                    .play("Converse",
                          converse_input(
                              "arn:aws:bedrock:us-east-1:123456789012:inference-profile/" + us_sonnet, "go"))
                    .error);
}

TEST_CASE("the same seed and the same calls give the same bytes", "[runtime][doors]") {
    const auto bytes = [] {
        RuntimeWorld world;
        world.book.add({{"latency", {{"lognormal", {{"p50", 900}, {"p99", 4000}}}}},
                        {"stream", {{"interTokenMs", {{"uniform", {5, 30}}}}, {"jitterMs", 3}}}});
        std::string all = world.play("Converse", converse_input(haiku, "go")).body;
        for (const PlannedEvent& event : world.play("ConverseStream", converse_input(haiku, "go")).events) {
            all += event.payload.dump() + std::to_string(event.due.count());
        }
        all +=
            world
                .play_native(
                    "InvokeModel", haiku,
                    R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":500,"messages":[{"role":"user","content":"go"}]})")
                .body;
        for (const LogLine& line : world.logs.lines) all += line.message;
        return all;
    };
    CHECK(bytes() == bytes());
}

}  // namespace rockwatch::bedrock_runtime
