#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "case_file.hpp"
#include "runtime_world.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

/// Replaces what the expectation leaves open with "*".
void forget_ids(Json& actual, const Json& expected) {
    if (expected == "*") {
        actual = "*";
    } else if (expected.is_object() && actual.is_object()) {
        for (auto& [name, value] : actual.items()) {
            if (expected.contains(name)) forget_ids(value, expected.at(name));
        }
    } else if (expected.is_array() && actual.is_array() && actual.size() == expected.size()) {
        for (std::size_t index = 0; index < actual.size(); ++index)
            forget_ids(actual[index], expected[index]);
    }
}

/// The examples of all families.
std::vector<Json> examples() {
    std::vector<Json> all;
    for (const char* file : {"native", "chat", "text_families"}) {
        for (Json& example : case_file(std::string("bedrock_runtime/") + file + ".json"))
            all.push_back(std::move(example));
    }
    return all;
}

/// The tree once for each of its nodes and each odd value, with that value in the node's place.
std::vector<Json> bent(const Json& tree) {
    const std::vector<Json> odd = {
        nullptr, true, -1, 0.5, "odd", Json::array(), Json::object(), Json::array({5}), {{"type", "odd"}}};
    std::vector<Json> all;
    const Json flat = tree.flatten();
    std::set<Json::json_pointer> places;
    for (const auto& [pointer, value] : flat.items()) {
        for (Json::json_pointer place(pointer); !place.empty(); place.pop_back()) places.insert(place);
    }
    for (const Json::json_pointer& place : places) {
        for (const Json& value : odd) {
            all.push_back(tree);
            all.back()[place] = value;
        }
    }
    return all;
}

}  // namespace

TEST_CASE("a body with an odd value somewhere is answered or refused, never a fault of ours",
          "[runtime][families]") {
    RuntimeWorld world;
    for (const Json& example : examples()) {
        if (!example.contains("body")) continue;
        CAPTURE(example.at("name").get<std::string>());
        for (const Json& body : bent(example.at("body"))) {
            CAPTURE(body.dump());
            std::optional<ReplyPlan> plan;
            REQUIRE_NOTHROW(plan = world.play_native("InvokeModel", example.at("modelId"), body.dump()));
            if (plan->error)
                CHECK((plan->error->code == "ValidationException" || plan->error->code == "NotImplemented"));
        }
    }
}

TEST_CASE("a rule's body with an odd value somewhere is read or is not, and nothing else",
          "[runtime][families]") {
    for (const Json& example : examples()) {
        const Json whole = value_or<Json>(example, "told", value_or<Json>(example, "answer", Json()));
        if (!whole.is_object()) continue;
        CAPTURE(example.at("name").get<std::string>());
        const auto model = FewModels().find({}, example.at("modelId").get<std::string>());
        REQUIRE(model);
        const Family* family = find_family(model->model_id, Json::object());
        REQUIRE(family != nullptr);
        for (const Json& body : bent(whole)) {
            CAPTURE(body.dump());
            CHECK_NOTHROW(family->read_body(body));
        }
    }
}

TEST_CASE("a family's request is read in Converse's terms", "[runtime][families]") {
    for (const Json& example : examples()) {
        if (!example.contains("converse")) continue;
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const Family* family = find_family(example.at("modelId").get<std::string>(), example.at("body"));
            REQUIRE(family != nullptr);
            CHECK(family->to_converse(example.at("body")) == example.at("converse"));
        }
    }
}

TEST_CASE("a rule's native body is told through Converse", "[runtime][families]") {
    for (const Json& example : examples()) {
        if (!example.contains("told")) continue;
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            RuntimeWorld world;
            world.book.add({{"respond", {{"body", example.at("told")}}}});
            const ReplyPlan plan = world.play("Converse", converse_input(example.at("modelId"), "go"));
            REQUIRE_FALSE(plan.error);
            const Json answer = parse_json(plan.body).value();
            CHECK(answer.at("output").at("message").at("content") == example.at("content"));
            CHECK(answer.at("stopReason") == example.at("stopReason"));
            for (const char* count : {"inputTokens", "outputTokens"}) {
                if (example.contains(count)) CHECK(answer.at("usage").at(count) == example.at(count));
            }
        }
    }
}

TEST_CASE("a family's answer has the family's own form", "[runtime][families]") {
    for (const Json& example : examples()) {
        if (!example.contains("answer")) continue;
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            RuntimeWorld world;
            world.book.add(example.at("rule"));
            const ReplyPlan plan =
                world.play_native("InvokeModel", example.at("modelId"), example.at("body").dump());
            REQUIRE_FALSE(plan.error);
            CHECK(plan.content_type == "application/json");
            Json answer = parse_json(plan.body).value();
            forget_ids(answer, example.at("answer"));
            CHECK(answer == example.at("answer"));
        }
    }
}

TEST_CASE("a family's streamed answer comes in the family's own chunks", "[runtime][families][stream]") {
    for (const Json& example : examples()) {
        if (!example.contains("chunks")) continue;
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            RuntimeWorld world;
            world.book.add(example.at("rule"));
            const ReplyPlan plan = world.play_native("InvokeModelWithResponseStream", example.at("modelId"),
                                                     example.at("body").dump());
            REQUIRE_FALSE(plan.error);
            CHECK(plan.streamed);
            CHECK(plan.headers.get("X-Amzn-Bedrock-Content-Type") == "application/json");
            std::vector<Json> chunks = decoded_chunks(plan);
            const Json& expected = example.at("chunks");
            REQUIRE(chunks.size() == expected.size());
            for (std::size_t index = 0; index < chunks.size(); ++index) {
                forget_ids(chunks[index], expected[index]);
                CHECK(chunks[index] == expected[index]);
            }
        }
    }
}

TEST_CASE("a chat's chunks tell the message piece by piece", "[runtime][families][stream]") {
    for (const Json& example : examples()) {
        if (!example.contains("pieces")) continue;
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            RuntimeWorld world;
            world.book.add(example.at("rule"));
            const ReplyPlan plan = world.play_native("InvokeModelWithResponseStream", example.at("modelId"),
                                                     example.at("body").dump());
            REQUIRE_FALSE(plan.error);
            Json pieces = Json::array();
            for (const Json& chunk : decoded_chunks(plan))
                pieces.push_back(chunk.at("choices").front().at("delta"));
            CHECK(pieces == example.at("pieces"));
        }
    }
}

TEST_CASE("InvokeModel tells latency and tokens in headers", "[runtime][families]") {
    RuntimeWorld world;
    world.book.add({{"latency", 186},
                    {"respond",
                     {{"text", "a"},
                      {"usage", {{"inputTokens", 14}, {"outputTokens", 10}, {"cacheReadInputTokens", 3}}}}}});
    const ReplyPlan old = world.play_native("InvokeModel", titan, R"({"inputText":"a"})");
    CHECK(old.headers.get("X-Amzn-Bedrock-Invocation-Latency") == "186");
    CHECK(old.headers.get("X-Amzn-Bedrock-Input-Token-Count") == "14");
    CHECK(old.headers.get("X-Amzn-Bedrock-Output-Token-Count") == "10");
    CHECK(old.headers.find("X-Amzn-Bedrock-Cache-Read-Input-Token-Count") == nullptr);
    const ReplyPlan caching = world.play_native("InvokeModel", nova_lite,
                                                R"({"messages":[{"role":"user","content":[{"text":"a"}]}]})");
    CHECK(caching.headers.get("X-Amzn-Bedrock-Cache-Read-Input-Token-Count") == "3");
    CHECK(caching.headers.get("X-Amzn-Bedrock-Cache-Write-Input-Token-Count") == "0");
    const ReplyPlan embedding =
        world.play_native("InvokeModel", "amazon.titan-embed-text-v1", R"({"inputText":"a"})");
    CHECK(embedding.headers.find("X-Amzn-Bedrock-Output-Token-Count") == nullptr);
}

TEST_CASE("an embedding is a unit vector that depends on the text and the seed", "[runtime][families]") {
    RuntimeWorld world;
    const auto vector_of = [&](const std::string& model, const std::string& body) {
        return parse_json(world.play_native("InvokeModel", model, body).body)
            .value()
            .at("embedding")
            .get<std::vector<double>>();
    };
    const auto length = [](const std::vector<double>& vector) {
        double squares = 0;
        for (const double component : vector) squares += component * component;
        return std::sqrt(squares);
    };
    const std::string v2 = "amazon.titan-embed-text-v2:0";
    const auto hello = vector_of(v2, R"({"inputText":"hello"})");
    CHECK(hello.size() == 1024);
    CHECK(length(hello) == Approx(1));
    CHECK(hello == vector_of(v2, R"({"inputText":"hello"})"));
    CHECK(hello != vector_of(v2, R"({"inputText":"hallo"})"));
    CHECK(vector_of(v2, R"({"inputText":"hello","dimensions":256})").size() == 256);
    CHECK(vector_of("amazon.titan-embed-text-v1", R"({"inputText":"hello"})").size() == 1536);
    CHECK(length(vector_of(v2, R"({"inputText":"hello","normalize":false})")) == Approx(8));
    world.book.add({{"respond", {{"embedding", {{"dimensions", 8}, {"seed", 3}}}}}});
    CHECK(vector_of(v2, R"({"inputText":"hello"})").size() == 8);
}

TEST_CASE("Titan's second embedding model answers the types that it is asked for", "[runtime][families]") {
    RuntimeWorld world;
    const ReplyPlan plan =
        world.play_native("InvokeModel", "amazon.titan-embed-text-v2:0",
                          R"({"inputText":"hello","dimensions":256,"embeddingTypes":["binary"]})");
    const Json answer = parse_json(plan.body).value();
    CHECK_FALSE(answer.contains("embedding"));
    CHECK(answer.at("embeddingsByType").at("binary").size() == 256);
    CHECK(answer.at("inputTextTokenCount") == 2);
}

TEST_CASE("every model of the catalogue has its native format, but for those named here",
          "[runtime][families]") {
    const std::map<std::string, std::string> without = {
        {"amazon.nova-sonic-v1:0", "speaks over a bidirectional stream alone"},
        {"amazon.nova-2-sonic-v1:0", "speaks over a bidirectional stream alone"},
        {"amazon.nova-reel-v1:0", "is started by StartAsyncInvoke"},
        {"amazon.nova-reel-v1:1", "is started by StartAsyncInvoke"},
        {"luma.ray-v2:0", "is started by StartAsyncInvoke"},
        {"openai.gpt-5.4", "is not invoked on bedrock-runtime"},
        {"openai.gpt-5.5", "is not invoked on bedrock-runtime"},
        {"xai.grok-4.3", "is not invoked on bedrock-runtime"}};
    const Json catalogue = parse_json(checkout_text("fixtures/models.json")).value();
    for (const Json& model : catalogue.at("models")) {
        const std::string id = model.at("modelId");
        CAPTURE(id);
        CHECK((find_family(id, Json::object()) == nullptr) == without.contains(id));
    }
    CHECK(catalogue.at("models").size() > 100);
}

TEST_CASE("what a family's format has no place for is refused, whole and streamed", "[runtime][families]") {
    struct Row {
        std::string model;
        std::string body;
        Json block;
        std::string message;
    };
    const Json call = {{"toolUse", {{"name", "f"}, {"input", Json::object()}}}};
    const Json thought = {{"reasoningContent", {{"reasoningText", {{"text", "a"}}}}}};
    const Json hidden = {{"reasoningContent", {{"redactedContent", "AAAA"}}}};
    const std::string chat = R"({"messages":[{"role":"user","content":"a"}]})";
    const std::vector<Row> rows = {
        {"openai.gpt-oss-20b-1:0", chat, hidden,
         "OpenAI chat completions has no place for redacted reasoning."},
        {"mistral.mistral-large-2407-v1:0", chat, thought, "Mistral chat has no place for reasoning."},
        {"ai21.jamba-1-5-mini-v1:0", chat, thought, "Jamba has no place for reasoning."},
        {"cohere.command-text-v14", R"({"prompt":"a"})", call,
         "Cohere Command has no place for tool calls, reasoning and images."},
        {"cohere.command-r-v1:0", R"({"message":"a"})", thought,
         "Cohere Command R has no place for reasoning."},
        {"deepseek.r1-v1:0", R"({"prompt":"a"})", call,
         "DeepSeek text has no place for tool calls, images and redacted reasoning."},
        {"twelvelabs.pegasus-1-2-v1:0", R"({"inputPrompt":"a","mediaSource":{"base64String":"AAAA"}})", call,
         "Pegasus has no place for tool calls, reasoning and images."}};
    for (const Row& row : rows) {
        CAPTURE(row.model);
        RuntimeWorld world;
        world.book.add({{"respond", {{"content", Json::array({row.block})}}}});
        for (const char* operation : {"InvokeModel", "InvokeModelWithResponseStream"}) {
            const ReplyPlan plan = world.play_native(operation, row.model, row.body);
            REQUIRE(plan.error);
            CHECK(plan.error->code == "NotImplemented");
            CHECK(plan.error->message == "The native format of " + row.message);
        }
    }
}

TEST_CASE("the default answer calls the tool that a chat insists on", "[runtime][families]") {
    RuntimeWorld world;
    const ReplyPlan plan = world.play_native(
        "InvokeModel", "openai.gpt-oss-20b-1:0",
        R"({"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}},
            {"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"function","function":{"name":"g"}}})");
    const Json message = parse_json(plan.body).value().at("choices").at(0).at("message");
    CHECK(message.at("tool_calls").at(0).at("function").at("name") == "g");
}

TEST_CASE("a chat's body may name the service tier, and the header has the last word",
          "[runtime][families]") {
    RuntimeWorld world;
    const std::string body = R"({"messages":[{"role":"user","content":"a"}],"service_tier":"flex"})";
    const ReplyPlan by_body = world.play_native("InvokeModel", "openai.gpt-oss-20b-1:0", body);
    CHECK(by_body.headers.get("X-Amzn-Bedrock-Service-Tier") == "flex");
    const ReplyPlan by_header = world.play(
        "InvokeModel", {{"modelId", "openai.gpt-oss-20b-1:0"},
                        {"serviceTier", "priority"},
                        {"body", Json::binary(std::vector<std::uint8_t>(body.begin(), body.end()))}});
    CHECK(parse_json(by_header.body).value().at("service_tier") == "priority");
}

TEST_CASE("a native format without tool calls refuses a rule that makes one", "[runtime][families]") {
    RuntimeWorld world;
    world.book.add({{"respond", {{"toolUse", {{"name", "f"}}}}}});
    const ReplyPlan plan = world.play_native("InvokeModel", titan, R"({"inputText":"a"})");
    REQUIRE(plan.error);
    CHECK(plan.error->code == "NotImplemented");
    CHECK(plan.error->message ==
          "The native format of Titan Text has no place for tool calls, reasoning and images.");
}

}  // namespace rockwatch::bedrock_runtime
