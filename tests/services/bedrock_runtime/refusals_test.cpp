#include "case_file.hpp"
#include "runtime_world.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

/// A native body stands there as its text, or as JSON.
std::string body_text(const Json& body) { return body.is_string() ? body.get<std::string>() : body.dump(); }

}  // namespace

TEST_CASE("what Bedrock refuses is refused with its code and words", "[runtime]") {
    const std::string file = GENERATE("refusals", "chat_refusals", "text_family_refusals", "media_refusals");
    for (const Json& example : case_file("bedrock_runtime/" + file + ".json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            RuntimeWorld world;
            const std::string operation = example.at("operation");
            const ReplyPlan plan =
                example.contains("body")
                    ? world.play_native(operation, example.at("modelId"), body_text(example.at("body")))
                    : world.play(operation, example.at("request"));
            REQUIRE(plan.error);
            CHECK(plan.error->code == value_or<std::string>(example, "code", "ValidationException"));
            CHECK(plan.error->message == example.at("message").get<std::string>());
            CHECK(plan.events.empty());
            CHECK(plan.body.empty());
        }
    }
}

TEST_CASE("an unknown model is taken for a chat model when the user says so", "[runtime]") {
    RuntimeWorld world({.unknown_models = UnknownModels::accept});
    CHECK_FALSE(world.play("Converse", converse_input("acme.model-v1", "hi")).error);
    const ReplyPlan claude = world.play_native(
        "InvokeModel", "eu.anthropic.claude-opus-9-v1:0",
        R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":"a"}]})");
    CHECK_FALSE(claude.error);
    CHECK_THAT(claude.body, StartsWith(R"({"model":"claude-opus-9")"));
}

TEST_CASE("a call that no rule answers is refused when the user says so, naming the nearest rules",
          "[runtime]") {
    RuntimeWorld world({.unmatched = Unmatched::reject});
    world.book.add({{"id", "refund"}, {"match", {{"prompt", "refund"}}}, {"respond", {{"text", "a"}}}});
    world.book.add({{"id", "slow"}, {"latency", 5}});
    const ReplyPlan refused = world.play("Converse", converse_input(titan, "hi"));
    REQUIRE(refused.error);
    CHECK(refused.error->code == "ValidationException");
    CHECK(refused.error->message ==
          "No rule answers this Converse of amazon.titan-text-express-v1. Rule refund missed at "
          "/match/prompt.");
    CHECK_FALSE(world.play("Converse", converse_input(titan, "a refund")).error);
}

TEST_CASE("every operation that is no invocation is unknown to the table", "[runtime]") {
    RuntimeWorld world;
    CHECK(world.runtime.operations() ==
          std::vector<std::string_view>{"Converse", "ConverseStream", "InvokeModel",
                                        "InvokeModelWithResponseStream", "ChatCompletions", "ListModels"});
    CHECK(world.runtime.access("Converse") == Access::invoke);
    for (const char* name :
         {"CountTokens", "ApplyGuardrail", "StartAsyncInvoke", "InvokeModelWithBidirectionalStream"}) {
        CHECK_FALSE(world.runtime.access(name));
    }
}

}  // namespace rockwatch::bedrock_runtime
