#include "rules/rule.hpp"

#include <filesystem>

#include "case_file.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

namespace {

InputError refusal(const Json& document) {
    try {
        rule_from_json(document);
    } catch (const InputError& error) {
        return error;
    }
    FAIL("the rule was accepted");
    return {0, "", ""};
}

}  // namespace

TEST_CASE("a rule that is wrong is refused with the place at fault", "[rules]") {
    for (const Json& example : case_file("rules/refused.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const InputError error = refusal(example.at("rule"));
            CHECK(error.status == 400);
            CHECK(error.code == "InvalidRule");
            CHECK(error.path == example.at("path").get<std::string>());
            CHECK_THAT(error.what(), ContainsSubstring(example.at("message").get<std::string>()));
        }
    }
}

TEST_CASE("a rule in any of the contract's forms is read", "[rules]") {
    for (const Json& example : case_file("rules/accepted.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            CHECK_NOTHROW(rule_from_json(example.at("rule")));
        }
    }
}

TEST_CASE("a pattern may have 4096 bytes and no more", "[rules]") {
    CHECK_NOTHROW(rule_from_json({{"match", {{"prompt", std::string(4096, 'a')}}}, {"latency", 1}}));
    CHECK(refusal({{"match", {{"prompt", std::string(4097, 'a')}}}, {"latency", 1}}).path == "/match/prompt");
}

TEST_CASE("the contract's example of a rule is read in all its parts", "[rules]") {
    const Rule rule = rule_from_json(case_file("rules/contract.json"));
    CHECK(rule.id == "spike");
    CHECK(rule.match.model_ids == std::vector<std::string>{"anthropic.claude-*"});
    CHECK(rule.match.turn == 2);
    CHECK(rule.when.calls_from == 3);
    CHECK(rule.when.calls_to == 5);
    CHECK(rule.when.every == 10);
    CHECK(rule.when.probability == 0.2);
    CHECK(rule.when.seed == 7);
    REQUIRE(rule.latency);
    CHECK(rule.latency->time.first == 4038);
    CHECK(rule.latency->sleep == true);
    REQUIRE(rule.stream);
    CHECK(rule.stream->first_token->first == 300);
    CHECK(rule.stream->inter_token->first == 20);
    CHECK(rule.stream->jitter_ms == 5);
    CHECK(rule.stream->tokens_per_chunk == 4);
    REQUIRE(rule.error);
    CHECK(rule.error->name == "ThrottlingException");
    CHECK(rule.error->status == 429);
    CHECK(rule.error->after_chunks == 3);
    REQUIRE(rule.respond);
    CHECK(rule.respond->answers.at(0).text == "Hello {{prompt}}");
    CHECK(rule.respond->answers.at(0).usage.output_tokens == 250);
}

TEST_CASE("calls name one call, a range, or a range that is open at one end", "[rules]") {
    struct Row {
        Json calls;
        std::uint64_t from;
        std::uint64_t to;
    };
    const auto row =
        GENERATE(values<Row>({{"2", 2, 2}, {2, 2, 2}, {"3-5", 3, 5}, {"3-", 3, UINT64_MAX}, {"-5", 1, 5}}));
    const Rule rule = rule_from_json({{"when", {{"calls", row.calls}}}, {"latency", 1}});
    CHECK(rule.when.calls_from == row.from);
    CHECK(rule.when.calls_to == row.to);
}

TEST_CASE("a file holds one rule, a list of rules, or a list under rules", "[rules]") {
    CHECK(rules_from_text(R"({"latency": 1})").size() == 1);
    CHECK(rules_from_text(R"([{"latency": 1}, {"latency": 2}])").size() == 2);
    CHECK(rules_from_text(R"({"rules": [{"latency": 1}, {"latency": 2}]})").size() == 2);
    CHECK(rules_from_text(R"({"$schema": "../schema/rule.schema.json", "rules": [{"latency": 1}]})").size() ==
          1);
}

TEST_CASE("a wrong rule in a file is named by its place in the file", "[rules]") {
    struct Row {
        std::string text;
        std::string path;
    };
    const auto row = GENERATE(values<Row>({{R"([{"latency": 1}, {"latency": {"ms": -1}}])", "/1/latency/ms"},
                                           {R"({"rules": [{"latency": {"ms": -1}}]})", "/rules/0/latency/ms"},
                                           {R"({"rules": {}})", "/rules"},
                                           {R"({"$schema": 1, "rules": []})", "/$schema"},
                                           {R"({"$schema": "x", "latency": 1})", "/$schema"},
                                           {R"([{"$schema": "x", "latency": 1}])", "/0/$schema"},
                                           {R"({"schema": "x", "rules": []})", "/schema"},
                                           {R"({"latency": )", ""}}));
    try {
        rules_from_text(row.text);
        FAIL("the file was accepted");
    } catch (const InputError& error) {
        CHECK(error.code == "InvalidRule");
        CHECK(error.path == row.path);
    }
}

TEST_CASE("every rule file of the fixtures is valid", "[rules][fixtures]") {
    std::size_t files = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(std::string(ROCKWATCH_SOURCE_DIR) + "/fixtures/rules")) {
        DYNAMIC_SECTION(file.path().filename().string()) {
            CHECK_FALSE(
                rules_from_text(checkout_text("fixtures/rules/" + file.path().filename().string())).empty());
        }
        ++files;
    }
    CHECK(files >= 5);
}

TEST_CASE("a sequence goes on with its last answer, or begins again when it cycles", "[rules]") {
    Json respond = {{"sequence", {{{"text", "one"}}, {{"text", "two"}}}}};
    const Rule once = rule_from_json({{"respond", respond}});
    CHECK(once.respond->answer(0).text == "one");
    CHECK(once.respond->answer(1).text == "two");
    CHECK(once.respond->answer(7).text == "two");
    respond["cycle"] = true;
    const Rule round = rule_from_json({{"respond", respond}});
    CHECK(round.respond->answer(2).text == "one");
    CHECK(round.respond->answer(3).text == "two");
}

TEST_CASE("what stands beside a sequence holds for each of its answers that does not say otherwise",
          "[rules]") {
    const Rule rule =
        rule_from_json({{"respond",
                         {{"sequence", {{{"text", "a"}}, {{"text", "b"}, {"usage", {{"inputTokens", 3}}}}}},
                          {"stopReason", "max_tokens"},
                          {"usage", {{"inputTokens", 1}, {"outputTokens", 2}}}}}});
    CHECK(rule.respond->answer(0).stop_reason == "max_tokens");
    CHECK(rule.respond->answer(0).usage.input_tokens == 1);
    CHECK(rule.respond->answer(1).usage.input_tokens == 3);
    CHECK(rule.respond->answer(1).usage.output_tokens == 2);
}

}  // namespace rockwatch::rules
