#include "rules/rule_book.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "core/text_time.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

namespace {

const std::vector<Migrations> tables = {migrations()};
const Instant new_year = *parse_iso("2026-01-01T00:00:00Z");

struct Book {
    explicit Book(const std::string& path = ":memory:", std::uint64_t seed = 1)
        : random(seed), storage({.path = path, .writer_thread = false}, tables), rules(storage, random) {}

    Decision call(const std::string& prompt = "hi", const std::string& operation = "Converse",
                  Instant now = new_year, const std::string& model_id = "amazon.titan-text-express-v1") {
        const Json request = {
            {"messages",
             Json::array({Json{{"role", "user"}, {"content", Json::array({Json{{"text", prompt}}})}}})}};
        const Caller caller;
        return rules.decide(Invocation({.operation = operation,
                                        .model_id = model_id,
                                        .foundation_model_id = model_id,
                                        .caller = caller,
                                        .converse = request,
                                        .body = request}),
                            now);
    }
    std::vector<std::string> ids() const {
        std::vector<std::string> all;
        for (const Json& rule : rules.list()) all.push_back(rule.at("id"));
        return all;
    }
    std::uint64_t hits(const std::string& id) const {
        for (const Json& rule : rules.list()) {
            if (rule.at("id") == id) return rule.at("hits");
        }
        return UINT64_MAX;
    }

    Random random;
    Storage storage;
    RuleBook rules;
};

std::string code_of(const std::function<void()>& action, std::string* path = nullptr) {
    try {
        action();
    } catch (const InputError& error) {
        if (path != nullptr) *path = error.path;
        return std::to_string(error.status) + " " + error.code;
    }
    return "";
}

Json rule(const std::string& id, const Json& aspect) {
    Json document = aspect;
    document["id"] = id;
    return document;
}

}  // namespace

TEST_CASE("rules added later stand in front", "[rules][book]") {
    Book book;
    book.rules.add(rule("a", {{"latency", 1}}));
    book.rules.add({{"rules", {rule("b", {{"latency", 2}}), rule("c", {{"latency", 3}})}}});
    CHECK(book.ids() == std::vector<std::string>{"c", "b", "a"});
    const Decision decision = book.call();
    REQUIRE(decision.latency);
    CHECK(decision.latency->id == "c");
}

TEST_CASE("each aspect comes from the first matching rule that has it", "[rules][book]") {
    Book book;
    book.rules.add(rule("answer", {{"respond", {{"text", "a"}}}}));
    book.rules.add(rule("slow", {{"latency", 4038}}));
    book.rules.add(
        rule("elsewhere",
             {{"match", {{"modelId", "anthropic.*"}}}, {"latency", 1}, {"respond", {{"text", "b"}}}}));
    const Decision decision = book.call();
    REQUIRE(decision.latency);
    REQUIRE(decision.response);
    CHECK(decision.latency->id == "slow");
    CHECK(decision.response->text == "a");
    CHECK(decision.rules == std::vector<std::string>{"slow", "answer"});
    CHECK(book.hits("slow") == 1);
    CHECK(book.hits("answer") == 1);
    CHECK(book.hits("elsewhere") == 0);
}

TEST_CASE("ids are made up where absent, refused where taken", "[rules][book]") {
    Book book;
    const auto stored = book.rules.add({{"latency", 1}});
    REQUIRE(stored.size() == 1);
    CHECK_THAT(stored[0].at("id").get<std::string>(), StartsWith("rule-"));
    book.rules.add(rule("a", {{"latency", 1}}));
    std::string path;
    CHECK(code_of(
              [&] {
                  book.rules.add({{"rules", {rule("b", {{"latency", 1}}), rule("a", {{"latency", 1}})}}});
              },
              &path) == "409 RuleExists");
    CHECK(path == "/rules/1/id");
    CHECK(book.ids().size() == 2);  // all or none
}

TEST_CASE("a wrong rule in a list is named by its place, and none is added", "[rules][book]") {
    Book book;
    std::string path;
    CHECK(code_of(
              [&] {
                  book.rules.add(
                      {{"rules", {rule("a", {{"latency", 1}}), rule("b", {{"latency", {{"ms", -1}}}})}}});
              },
              &path) == "400 InvalidRule");
    CHECK(path == "/rules/1/latency/ms");
    CHECK(book.ids().empty());
    CHECK(code_of([&] { book.rules.add({{"rules", 1}}); }, &path) == "400 InvalidRule");
    CHECK(path == "/rules");
}

TEST_CASE("a rule is replaced where it stands, removed, and all are cleared", "[rules][book]") {
    Book book;
    for (const char* id : {"a", "b", "c"}) book.rules.add(rule(id, {{"latency", 1}}));
    CHECK_FALSE(book.rules.put("b", {{"latency", 7}}));
    CHECK(book.rules.put("d", {{"id", "d"}, {"latency", 8}}));
    CHECK(book.ids() == std::vector<std::string>{"d", "c", "b", "a"});
    CHECK(book.rules.list().at(2).at("latency") == 7);
    std::string path;
    CHECK(code_of([&] { book.rules.put("b", rule("x", {{"latency", 1}})); }, &path) == "400 InvalidRule");
    CHECK(path == "/id");
    CHECK(book.rules.remove("c"));
    CHECK_FALSE(book.rules.remove("c"));
    CHECK(book.ids() == std::vector<std::string>{"d", "b", "a"});
    book.rules.clear();
    CHECK(book.ids().empty());
    CHECK_FALSE(book.call().latency);
}

TEST_CASE("rules and their order survive a restart; hits do not", "[rules][book]") {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("rule_book_" + std::to_string(::getpid()) + ".db"))
            .string();
    std::filesystem::remove(path);
    {
        Book book(path);
        for (const char* id : {"a", "b", "c"}) book.rules.add(rule(id, {{"latency", 1}}));
        book.rules.put("b", {{"latency", 2}});
        book.rules.remove("a");
        book.call();
        CHECK(book.hits("c") == 1);
    }
    {
        Book book(path);
        CHECK(book.ids() == std::vector<std::string>{"c", "b"});
        CHECK(book.rules.list().at(1).at("latency") == 2);
        CHECK(book.hits("c") == 0);
        CHECK(book.call().latency->id == "c");
    }
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-lock");
}

TEST_CASE("start rules stand behind added ones, come back after a reset, and are replaced by the next start",
          "[rules][book]") {
    Book book;
    book.rules.add(rule("own", {{"latency", 1}}));
    book.rules.start_rules({rule("first", {{"latency", 2}}), rule("second", {{"latency", 3}})});
    CHECK(book.ids() == std::vector<std::string>{"own", "second", "first"});
    book.rules.remove("first");
    book.rules.reset();
    CHECK(book.ids() == std::vector<std::string>{"second", "first"});
    book.rules.put("first", {{"latency", 9}});
    book.rules.start_rules({rule("first", {{"latency", 4}}), rule("third", {{"latency", 5}})});
    CHECK(book.ids() == std::vector<std::string>{"first", "third"});
    CHECK(book.rules.list().front().at("latency") == 9);  // a call has replaced it
    CHECK(code_of([&] {
              book.rules.start_rules({rule("x", {{"latency", 1}}), rule("x", {{"latency", 1}})});
          }) == "409 RuleExists");
}

TEST_CASE("a start rule whose id a call has taken is not in force, and the log names it", "[rules][book]") {
    Book book;
    book.rules.put("spike", {{"latency", 1}});
    book.rules.put("own", {{"latency", 2}});
    std::ostringstream told;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(told)));
    book.rules.start_rules({rule("spike", {{"latency", 8000}}), rule("calm", {{"latency", 3}})});
    const std::string first = told.str();
    told.str("");
    book.rules.reset();  // goes back to the files
    spdlog::set_default_logger(before);
    CHECK(first.find("not in force: spike. ") != std::string::npos);
    CHECK(told.str().empty());
    CHECK(book.ids() == std::vector<std::string>{"calm", "spike"});
    CHECK(book.rules.start_rules_in_force() == 2);
    book.rules.put("calm", {{"latency", 4}});
    CHECK(book.rules.start_rules_in_force() == 1);
}

TEST_CASE("start rules that are read again keep their counts where their text is the same", "[rules][book]") {
    Book book;
    const Json nameless = {{"latency", 1},
                           {"respond", {{"sequence", {{{"text", "one"}}, {{"text", "two"}}}}}}};
    book.rules.start_rules(
        {rule("same", {{"latency", 2}}), rule("other", {{"error", {{"name", "X"}}}}), nameless});
    const auto before = book.rules.list();
    book.call();
    CHECK(book.hits("other") == 1);
    CHECK(book.rules.list().front().at("hits") == 1);
    book.rules.start_rules(
        {rule("other", {{"error", {{"name", "Y"}}}}), nameless, rule("same", {{"latency", 2}})});
    CHECK(book.hits("other") == 0);
    CHECK(book.rules.list()[1].at("id") == before.front().at("id"));
    CHECK(book.rules.list()[1].at("hits") == 1);
    // A reset counts anew.
    book.rules.reset();
    CHECK(book.rules.list()[1].at("hits") == 0);
}

TEST_CASE("when picks among the matching calls, counted for each rule", "[rules][book]") {
    struct Row {
        Json when;
        std::string held;  // by call, from the first
    };
    const auto row = GENERATE(values<Row>({{{{"calls", "2"}}, "010000"},
                                           {{{"calls", "3-5"}}, "001110"},
                                           {{{"calls", "5-"}}, "000011"},
                                           {{{"calls", "-2"}}, "110000"},
                                           {{{"every", 3}}, "001001"},
                                           {{{"every", 2}, {"calls", "3-"}}, "000101"},
                                           {{{"probability", 0}}, "000000"},
                                           {{{"probability", 1}}, "111111"}}));
    CAPTURE(row.when.dump());
    Book book;
    book.rules.add(rule("a", {{"match", {{"prompt", "hi"}}}, {"when", row.when}, {"latency", 1}}));
    std::string held;
    for (int call = 0; call < 6; ++call) {
        book.call("nope");  // does not match, does not count
        held += book.call().latency ? '1' : '0';
    }
    CHECK(held == row.held);
}

TEST_CASE("a rule is in force from one time until another, the end excluded", "[rules][book]") {
    Book book;
    book.rules.add(rule("a", {{"when", {{"from", "2026-01-01T00:20:00Z"}, {"until", "2026-01-01T00:35:00Z"}}},
                              {"latency", 1}}));
    using std::chrono::minutes;
    CHECK_FALSE(book.call("hi", "Converse", new_year + minutes(20) - Milliseconds(1)).latency);
    CHECK(book.call("hi", "Converse", new_year + minutes(20)).latency);
    CHECK(book.call("hi", "Converse", new_year + minutes(35) - Milliseconds(1)).latency);
    CHECK_FALSE(book.call("hi", "Converse", new_year + minutes(35)).latency);
}

TEST_CASE("a probability with a seed picks the same calls every time, about as many as it says",
          "[rules][book]") {
    const auto picks = [](const Json& when, std::uint64_t book_seed) {
        Book book(":memory:", book_seed);
        book.rules.add(rule("a", {{"when", when}, {"latency", 1}}));
        std::string held;
        for (int call = 0; call < 400; ++call) held += book.call().latency ? '1' : '0';
        return held;
    };
    const std::string seeded = picks({{"probability", 0.2}, {"seed", 7}}, 1);
    CHECK(seeded == picks({{"probability", 0.2}, {"seed", 7}}, 2));
    CHECK(seeded != picks({{"probability", 0.2}, {"seed", 8}}, 1));
    CHECK(picks({{"probability", 0.2}}, 1) == picks({{"probability", 0.2}}, 1));
    CHECK(picks({{"probability", 0.2}}, 1) != picks({{"probability", 0.2}}, 2));
    const auto count = std::count(seeded.begin(), seeded.end(), '1');
    CHECK(count > 50);
    CHECK(count < 110);
}

TEST_CASE("a sequence moves on with the calls that it answers", "[rules][book]") {
    Book book;
    book.rules.add(rule("story", {{"respond", {{"sequence", {{{"text", "one"}}, {{"text", "two"}}}}}}}));
    book.rules.add(
        rule("fails-first", {{"when", {{"calls", "1"}}}, {"error", {{"name", "ThrottlingException"}}}}));
    const Decision failed = book.call();
    CHECK(failed.error);
    CHECK_FALSE(failed.respond);
    CHECK(book.hits("story") == 0);
    CHECK(book.call().response->text == "one");
    CHECK(book.call().response->text == "two");
    CHECK(book.call().response->text == "two");
    CHECK(book.hits("story") == 3);
}

TEST_CASE("an error within a stream leaves the answer to be broken", "[rules][book]") {
    Book book;
    book.rules.add(rule("answer", {{"respond", {{"text", "a"}}}}));
    book.rules.add(rule("breaks", {{"error", {{"name", "ThrottlingException"}, {"afterChunks", 1}}}}));
    CHECK(book.call("hi", "ConverseStream").respond);
    CHECK_FALSE(book.call("hi", "Converse").respond);
}

TEST_CASE("a stream's pace takes part in streamed calls alone", "[rules][book]") {
    Book book;
    book.rules.add(rule("pace", {{"stream", {{"firstTokenMs", 5}}}}));
    CHECK_FALSE(book.call().stream);
    CHECK(book.hits("pace") == 0);
    CHECK(book.call("hi", "ConverseStream").stream);
    CHECK(book.hits("pace") == 1);
}

TEST_CASE("near misses are told with their first failed condition, the nearest first, three at most",
          "[rules][book]") {
    Book book;
    book.rules.add(rule(
        "tools",
        {{"match", {{"modelId", "amazon.*"}, {"operation", "Converse"}, {"tool", "t"}}}, {"latency", 1}}));
    book.rules.add(rule("refund", {{"match", {{"prompt", "refund"}}}, {"latency", 1}}));
    book.rules.add(rule("third-call", {{"when", {{"calls", "3"}}}, {"latency", 1}}));
    book.rules.add(rule(
        "streams", {{"match", {{"modelId", "amazon.*"}, {"operation", "ConverseStream"}}}, {"latency", 1}}));
    book.rules.add(rule("claude", {{"match", {{"modelId", "anthropic.*"}}}, {"latency", 1}}));
    const Decision decision = book.call();
    REQUIRE(decision.near_misses.size() == 3);
    CHECK(decision.near_misses[0].rule == "third-call");
    CHECK(decision.near_misses[0].failed == "/when/calls");
    CHECK(decision.near_misses[1].rule == "tools");
    CHECK(decision.near_misses[1].failed == "/match/tool");
    CHECK(decision.near_misses[2].rule == "streams");
    CHECK(decision.near_misses[2].failed == "/match/operation");
}

TEST_CASE("rules for other models are near misses only when nobody answers", "[rules][book]") {
    Book book;
    book.rules.add(
        rule("claude", {{"match", {{"modelId", "anthropic.claude-v2"}}}, {"respond", {{"text", "a"}}}}));
    REQUIRE(book.call().near_misses.size() == 1);
    CHECK(book.call().near_misses[0].failed == "/match/modelId");
    book.rules.add(rule("any", {{"respond", {{"text", "b"}}}}));
    CHECK(book.call().near_misses.empty());
}

TEST_CASE("a rule is found among ten thousand for other models", "[rules][book]") {
    Book book;
    Json list = Json::array();
    for (int number = 0; number < 9'998; ++number) {
        list.push_back({{"match", {{"modelId", "model-" + std::to_string(number)}}}, {"latency", number}});
    }
    book.rules.add({{"rules", list}});
    book.rules.add(rule("any", {{"respond", {{"text", "a"}}}}));
    const Decision decision = book.call("hi", "Converse", new_year, "model-77");
    REQUIRE(decision.latency);
    CHECK(decision.latency->latency->time.first == 77);
    CHECK(decision.respond->id == "any");
    book.rules.add(rule("last", {{"latency", 1}}));
    CHECK(code_of([&] { book.rules.add({{"latency", 1}}); }) == "400 TooManyRules");
    CHECK(code_of([&] { book.rules.put("one-more", {{"latency", 1}}); }) == "400 TooManyRules");
    CHECK(book.rules.size() == 10'000);
}

}  // namespace rockwatch::rules
