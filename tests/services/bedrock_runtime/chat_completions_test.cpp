#include <limits>

#include "core/text_time.hpp"
#include "runtime_world.hpp"
#include "support/catch.hpp"

/// The OpenAI-compatible door; the format itself is told by native_test, the wire by
/// tests/sdk/test_openai_client.py.
namespace rockwatch::bedrock_runtime {

namespace {

constexpr const char* gpt = "openai.gpt-oss-20b-1:0";
const std::string sonnet_profile = std::string("us.") + sonnet;

Json chat(const std::string& model, const std::string& prompt, Json more = Json::object()) {
    Json body = {{"model", model}, {"messages", {{{"role", "user"}, {"content", prompt}}}}};
    body.update(more);
    return body;
}

ReplyPlan ask(RuntimeWorld& world, const Json& body) {
    const std::string text = to_text(body);
    return world.play("ChatCompletions",
                      {{"body", Json::binary(std::vector<std::uint8_t>(text.begin(), text.end()))}});
}

Json answered(const ReplyPlan& plan) {
    REQUIRE_FALSE(plan.error);
    return parse_json(plan.body).value();
}

std::string refusal(RuntimeWorld& world, const Json& body) {
    const ReplyPlan plan = ask(world, body);
    REQUIRE(plan.error);
    return plan.error->code + ": " + plan.error->message;
}

}  // namespace

TEST_CASE("a chat completion is InvokeModel for rules, record and metrics", "[runtime][openai]") {
    RuntimeWorld world;
    world.book.add(
        {{"id", "whole"}, {"match", {{"operation", "InvokeModel"}}}, {"respond", {{"text", "Whole."}}}});
    world.book.add({{"id", "streamed"},
                    {"match", {{"operation", "InvokeModelWithResponseStream"}}},
                    {"respond", {{"text", "Streamed."}}}});

    const ReplyPlan whole = ask(world, chat(gpt, "hi"));
    CHECK(answered(whole)["choices"][0]["message"]["content"] == "Whole.");
    CHECK(whole.notes.model_id == gpt);
    CHECK(whole.headers.size() == 0);
    CHECK(world.last_record()["operation"] == "InvokeModel");
    CHECK(world.last_record()["input"]["inputBodyJson"] == chat(gpt, "hi"));
    CHECK(world.last_record()["output"]["outputBodyJson"] == answered(whole));

    const ReplyPlan streamed = ask(world, chat(gpt, "hi", {{"stream", true}}));
    REQUIRE(streamed.streamed);
    std::string text;
    Json told = Json::array();
    for (const PlannedEvent& event : streamed.events) {
        CHECK(event.type == "data");
        told.push_back(parse_json(event.payload.get_ref<const std::string&>()).value());
        text += told.back()["choices"][0]["delta"].value("content", "");
    }
    CHECK(text == "Streamed.");
    CHECK_FALSE(told.back().contains("amazon-bedrock-invocationMetrics"));
    CHECK(world.last_record()["operation"] == "InvokeModelWithResponseStream");
    CHECK(world.last_record()["output"]["outputBodyJson"] == told);
    CHECK(world.metrics.values("Invocations", gpt) == std::vector<double>{1, 1});
    CHECK(world.metrics.values("TimeToFirstToken", gpt).size() == 1);
}

TEST_CASE("the last chunk tells the usage when it is asked for", "[runtime][openai]") {
    RuntimeWorld world;
    const ReplyPlan plan =
        ask(world, chat(gpt, "hi", {{"stream", true}, {"stream_options", {{"include_usage", true}}}}));
    const Json last = parse_json(plan.events.back().payload.get_ref<const std::string&>()).value();
    CHECK(last["choices"].empty());
    CHECK(last["usage"]["prompt_tokens"] == world.last_record()["input"]["inputTokenCount"]);
    CHECK(last["usage"]["completion_tokens"] == world.last_record()["output"]["outputTokenCount"]);
    CHECK(refusal(world, chat(gpt, "hi", {{"stream_options", {{"include_usage", true}}}})) ==
          "ValidationException: The model returned the following errors: stream_options is only allowed when "
          "stream is enabled");
}

TEST_CASE("a rule's body is answered as it is, or translated from the model's own format",
          "[runtime][openai]") {
    RuntimeWorld world;
    const Json claude = {{"content", {{{"type", "text"}, {"text", "Mine."}}}},
                         {"stop_reason", "max_tokens"},
                         {"usage", {{"input_tokens", 3}, {"output_tokens", 5}}}};
    const Json own = {
        {"choices", {{{"index", 0}, {"finish_reason", "stop"}, {"message", {{"content", "Its."}}}}}},
        {"anything", 1}};
    world.book.add({{"id", "claude"}, {"match", {{"prompt", "claude"}}}, {"respond", {{"body", claude}}}});
    world.book.add({{"id", "own"}, {"match", {{"prompt", "own"}}}, {"respond", {{"body", own}}}});
    world.book.add({{"id", "odd"}, {"match", {{"prompt", "odd"}}}, {"respond", {{"body", {{"x", 1}}}}}});

    const Json translated = answered(ask(world, chat(sonnet_profile, "claude")));
    CHECK(translated["choices"][0]["message"]["content"] == "Mine.");
    CHECK(translated["choices"][0]["finish_reason"] == "length");
    CHECK(translated["usage"]["prompt_tokens"] == 3);
    CHECK(translated["usage"]["completion_tokens"] == 5);
    CHECK(answered(ask(world, chat(gpt, "own"))) == own);
    CHECK(
        refusal(world, chat(gpt, "odd")).starts_with("NotImplemented: The body of rule odd cannot be told"));
}

TEST_CASE("what does not speak chat completions is refused in Bedrock's words", "[runtime][openai]") {
    RuntimeWorld world;
    const auto unsupported = [](const std::string& model) {
        return "ValidationException: The model '" + model +
               "' does not support the '/v1/chat/completions' API";
    };
    for (const std::string& model : std::vector<std::string>{
             titan, nova_lite, haiku, "amazon.titan-embed-text-v1", "amazon.nova-canvas-v1:0"}) {
        CHECK(refusal(world, chat(model, "hi")) == unsupported(model));
        CHECK(world.last_record()["errorCode"] == "ValidationException");
        CHECK(world.last_record()["modelId"] == model);
    }
    CHECK_FALSE(ask(world, chat(sonnet_profile, "hi")).error);
    CHECK(refusal(world, chat("openai.gpt-9", "hi")) ==
          "ValidationException: The provided model identifier is invalid.");
    CHECK(refusal(world, {{"messages", Json::array()}}) ==
          "ValidationException: The request names no model.");
    CHECK(refusal(world, Json::array()) == "ValidationException: The request body is not a JSON object.");
    CHECK(refusal(world, chat(gpt, "hi", {{"stream", "yes"}})) ==
          "ValidationException: stream must be true or false.");
    RuntimeWorld open({.unknown_models = UnknownModels::accept});
    CHECK_FALSE(ask(open, chat("openai.gpt-9", "hi")).error);
}

TEST_CASE("counts that a rule's body tells are held within what can be added up", "[runtime][openai]") {
    RuntimeWorld world;
    const Json usage = {
        {"prompt_tokens", std::numeric_limits<std::int64_t>::min()},
        {"completion_tokens", std::numeric_limits<std::uint64_t>::max()},
        {"prompt_tokens_details", {{"cached_tokens", std::numeric_limits<std::int64_t>::max()}}}};
    const Json body = {{"choices", {{{"message", {{"content", "x"}}}}}}, {"usage", usage}};
    world.book.add({{"id", "odd"}, {"respond", {{"body", body}}}});
    CHECK_FALSE(ask(world, chat(gpt, "hi")).error);
    CHECK(world.last_record()["input"]["inputTokenCount"].get<std::int64_t>() >= 0);
    CHECK(world.last_record()["output"]["outputTokenCount"] == std::int64_t{1} << 53U);
}

TEST_CASE("the list of models names those that the door takes", "[runtime][openai]") {
    RuntimeWorld world;
    const auto lease = world.storage->read();
    const Json list = world.runtime.call("ListModels", *lease, world.clock.now(), world.caller, {});
    CHECK(world.runtime.access("ListModels") == Access::read);
    CHECK(list["object"] == "list");
    std::vector<std::string> ids;
    for (const Json& model : list["data"]) {
        ids.push_back(model["id"]);
        CHECK(model["object"] == "model");
        CHECK(ids.back().find(model["owned_by"].get<std::string>() + ".") != std::string::npos);
        CHECK_FALSE(ask(world, chat(ids.back(), "hi")).error);
    }
    CHECK(std::find(ids.begin(), ids.end(), gpt) != ids.end());
}

}  // namespace rockwatch::bedrock_runtime
