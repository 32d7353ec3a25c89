#include "services/bedrock_runtime/answer.hpp"

#include "core/text.hpp"
#include "runtime_world.hpp"
#include "services/bedrock_runtime/tokens.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

Json answered(RuntimeWorld& world, Json input) {
    return parse_json(world.play("Converse", std::move(input)).body).value();
}

}  // namespace

TEST_CASE("a token is four characters, rounded up", "[runtime][tokens]") {
    struct Row {
        std::string text;
        std::int64_t tokens;
    };
    const auto row = GENERATE(values<Row>({{"", 0},
                                           {"a", 1},
                                           {"abcd", 1},
                                           {"abcde", 2},
                                           {"Say this is a test", 5},
                                           {"äöüß", 1},
                                           {"日本語です", 2}}));
    CHECK(tokens_of(row.text) == row.tokens);
}

TEST_CASE("a cut never splits a character", "[runtime][tokens]") {
    const std::string text = "äöüß日本語です";
    for (std::int64_t tokens = 0; tokens < 5; ++tokens)
        CHECK(is_utf8(text.substr(0, bytes_of_tokens(text, tokens))));
    CHECK(text.substr(0, bytes_of_tokens(text, 1)) == "äöüß");
}

TEST_CASE("the default answer depends on prompt and model alone", "[runtime][answer]") {
    RuntimeWorld one;
    RuntimeWorld other;
    const std::string text = converse_text(one.play("Converse", converse_input(titan, "hello")));
    CHECK(text == converse_text(other.play("ConverseStream", converse_input(titan, "hello"))));
    CHECK(text != converse_text(other.play("Converse", converse_input(titan, "good bye"))));
    CHECK(text.find("\"hello\"") != std::string::npos);
}

TEST_CASE("maxTokens cuts default and canned texts", "[runtime][answer]") {
    RuntimeWorld world;
    if (GENERATE(false, true)) world.book.add({{"respond", {{"text", std::string(400, 'x')}}}});
    Json input = converse_input(titan, "hello");
    input["inferenceConfig"] = {{"maxTokens", 7}};
    const Json answer = answered(world, input);
    CHECK(answer.at("stopReason") == "max_tokens");
    CHECK(answer.at("usage").at("outputTokens") == 7);
    CHECK(answer.at("output").at("message").at("content").at(0).at("text").get<std::string>().size() == 28);
}

TEST_CASE("the first stop sequence cuts the text and is named", "[runtime][answer]") {
    RuntimeWorld world;
    world.book.add({{"respond", {{"text", "one; two. three"}}}});
    Json input = converse_input(titan, "hello");
    input["inferenceConfig"] = {{"stopSequences", {".", ";", "?"}}};
    const Json answer = answered(world, input);
    CHECK(answer.at("stopReason") == "stop_sequence");
    CHECK(answer.at("output").at("message").at("content").at(0).at("text") == "one");
}

TEST_CASE("a rule's content goes out as written, and its stop reason has the last word",
          "[runtime][answer]") {
    RuntimeWorld world;
    world.book.add(
        {{"respond", {{"content", {{{"text", "a long text"}}}}, {"stopReason", "content_filtered"}}}});
    Json input = converse_input(titan, "hello");
    input["inferenceConfig"] = {{"maxTokens", 1}};
    const Json answer = answered(world, input);
    CHECK(answer.at("stopReason") == "content_filtered");
    CHECK(answer.at("output").at("message").at("content").at(0).at("text") == "a long text");
}

TEST_CASE("a rule may give nothing but usage beside the default answer", "[runtime][answer]") {
    RuntimeWorld world;
    world.book.add({{"respond", {{"usage", {{"inputTokens", 200}, {"outputTokens", 250}}}}}});
    const Json answer = answered(world, converse_input(titan, "hello"));
    CHECK(answer.at("usage").at("inputTokens") == 200);
    CHECK(answer.at("usage").at("outputTokens") == 250);
    CHECK(answer.at("usage").at("totalTokens") == 450);
}

TEST_CASE("a request that insists on a tool gets a call that fits the tool's schema", "[runtime][answer]") {
    RuntimeWorld world;
    Json input = converse_input(nova_lite, "hello");
    input["toolConfig"] = parse_json(R"({"tools": [
        {"toolSpec": {"name": "first", "inputSchema": {"json": {}}}},
        {"toolSpec": {"name": "book", "inputSchema": {"json": {"type": "object", "required": ["city", "nights", "late", "room"], "properties": {
            "city": {"type": "string"}, "nights": {"type": "integer", "minimum": 2}, "late": {"type": "boolean"}, "more": {"type": "string"},
            "room": {"type": "string", "enum": ["single", "double"]}}}}}}],
        "toolChoice": {"tool": {"name": "book"}}})")
                              .value();
    const Json answer = answered(world, input);
    const Json& tool = answer.at("output").at("message").at("content").at(0).at("toolUse");
    CHECK(tool.at("name") == "book");
    CHECK(tool.at("input") == Json{{"city", "example"}, {"nights", 2}, {"late", true}, {"room", "single"}});
    CHECK(answer.at("stopReason") == "tool_use");
    input["toolConfig"]["toolChoice"] = {{"any", Json::object()}};
    CHECK(answered(world, input).at("output").at("message").at("content").at(0).at("toolUse").at("name") ==
          "first");
    input["toolConfig"]["toolChoice"] = {{"auto", Json::object()}};
    CHECK(answered(world, input).at("output").at("message").at("content").at(0).contains("text"));
}

TEST_CASE("a request for a document of a schema gets one", "[runtime][answer]") {
    RuntimeWorld world;
    Json input = converse_input(us_sonnet, "hello");
    input["outputConfig"]["textFormat"] = {
        {"type", "json_schema"},
        {"structure",
         {{"jsonSchema",
           {{"schema", R"({"type":"object","required":["n"],"properties":{"n":{"type":"number"}}})"}}}}}};
    CHECK(converse_text(world.play("Converse", input)) == R"({"n":1})");
}

TEST_CASE("the input's tokens count texts, tools and media", "[runtime][tokens]") {
    CHECK(input_tokens(converse_input(titan, "Say this is a test")) == 5);
    CHECK(input_tokens(Json::object()) == 1);
    Json input = converse_input(titan, "abcd");
    input["system"] = Json::array({Json{{"text", "efgh"}}});
    CHECK(input_tokens(input) == 2);
    input["messages"][0]["content"].push_back({{"image", {{"format", "png"}}}});
    CHECK(input_tokens(input) == 752);
    input["toolConfig"]["tools"] = parse_json(R"([{"toolSpec": {"name": "abcdefgh"}}])").value();
    CHECK(input_tokens(input) == 757);
}

}  // namespace rockwatch::bedrock_runtime
