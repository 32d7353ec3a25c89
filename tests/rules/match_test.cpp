#include "rules/match.hpp"

#include "case_file.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

namespace {

const Json conversation = parse_json(R"({
    "system": [{"text": "Be kind."}],
    "inferenceConfig": {"temperature": 0.0},
    "toolConfig": {"tools": [{"toolSpec": {"name": "get_order", "inputSchema": {"json": {}}}}]},
    "messages": [
        {"role": "user", "content": [{"text": "hello"}]},
        {"role": "assistant", "content": [{"text": "How can I help?"}, {"toolUse": {"toolUseId": "tooluse_1", "name": "get_order", "input": {}}}]},
        {"role": "user", "content": [{"text": "A refund, please"}, {"toolResult": {"toolUseId": "tooluse_1", "content": [{"text": "42"}]}}]}
    ]})")
                              .value();

Caller some_caller() {
    Caller caller;
    caller.account = "123456789012";
    caller.region = "us-east-1";
    caller.access_key = "AKIAEXAMPLE";
    return caller;
}

}  // namespace

TEST_CASE("a rule matches when every condition holds, and names the first that does not", "[rules]") {
    const std::string haiku = "anthropic.claude-3-haiku-20240307-v1:0";
    const Caller caller = some_caller();
    const Json metadata = {{"team", "search"}};
    for (const Json& example : case_file("rules/match.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const std::string model_id = value_or<std::string>(example, "modelId", haiku);
            const Invocation invocation({.operation = "Converse",
                                         .model_id = model_id,
                                         .foundation_model_id = haiku,
                                         .caller = caller,
                                         .converse = conversation,
                                         .body = conversation,
                                         .metadata = &metadata});
            const auto failure = first_failure(match_from_json(example.at("match"), "/match"), invocation);
            CHECK((failure ? failure->pointer : "") == text_or_empty(example, "failed"));
        }
    }
}

TEST_CASE("a glob matches the model's ARN though the call names the id", "[rules]") {
    struct Row {
        std::string glob;
        bool matches;
    };
    const auto row =
        GENERATE(values<Row>({{"*foundation-model/anthropic.*", true},
                              {"arn:aws:bedrock:*:haiku*", false},
                              {"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku*", true},
                              {"a?n:*haiku*", true},
                              {"*:eu-west-1:*", false},
                              {"anthropic.*", true},
                              {"amazon.*", false}}));
    CAPTURE(row.glob);
    const Caller caller = some_caller();
    const std::string haiku = "anthropic.claude-3-haiku-20240307-v1:0";
    const Invocation invocation({.operation = "Converse",
                                 .model_id = haiku,
                                 .foundation_model_id = haiku,
                                 .caller = caller,
                                 .converse = conversation,
                                 .body = conversation});
    CHECK(names_model(match_from_json({{"modelId", row.glob}}, "/match"), invocation) == row.matches);
    CHECK((may_match_arn(row.glob) || !row.matches || row.glob == "anthropic.*"));
}

TEST_CASE("a request of any shape is matched without a fault", "[rules]") {
    const Caller caller = some_caller();
    const Match match = match_from_json(
        {{"prompt", "a"}, {"tool", "t"}, {"toolResult", "r"}, {"turn", 1}, {"body", {{"/a/b", 1}}}}, "");
    const auto text = GENERATE(values<std::string>(
        {"null", "[]", "{}", R"({"messages":1})", R"({"messages":[1,{"role":2,"content":"x"}]})",
         R"({"messages":[{"role":"user","content":[null,{"text":5},{"toolResult":3}]}]})"}));
    const Json request = parse_json(text).value();
    const Invocation invocation({.operation = "InvokeModel",
                                 .model_id = "m",
                                 .foundation_model_id = "m",
                                 .caller = caller,
                                 .converse = request,
                                 .body = request});
    CHECK(first_failure(match, invocation));
}

TEST_CASE("the prompt's groups are told, the whole match first", "[rules]") {
    const Caller caller = some_caller();
    const Invocation invocation({.operation = "Converse",
                                 .model_id = "m",
                                 .foundation_model_id = "m",
                                 .caller = caller,
                                 .converse = conversation,
                                 .body = conversation});
    const Match match = match_from_json({{"prompt", "(ref)(und)?(x)?"}}, "");
    CHECK(prompt_groups(match, invocation) == std::vector<std::string_view>{"refund", "ref", "und", ""});
}

}  // namespace rockwatch::rules
