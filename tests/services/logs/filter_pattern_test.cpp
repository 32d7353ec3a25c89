#include "services/logs/filter_pattern.hpp"

#include "logs_bench.hpp"
#include "support/worker_stack.hpp"

namespace rockwatch::logs {

TEST_CASE("filter patterns match what AWS was seen or said to match", "[logs][patterns]") {
    for (const Json& example : case_file("filter_patterns.json")) {
        const std::string pattern = example.at("pattern");
        DYNAMIC_SECTION(example.at("group").get<std::string>()
                        << ": " << pattern << " (" << example.at("source").get<std::string>() << ")") {
            const FilterPattern parsed(pattern);
            for (const Json& message : example.at("matches")) {
                CAPTURE(message);
                CHECK(parsed.matches(message.get<std::string>()));
            }
            for (const Json& message : example.at("misses")) {
                CAPTURE(message);
                CHECK_FALSE(parsed.matches(message.get<std::string>()));
            }
        }
    }
}

TEST_CASE("filter patterns that AWS refuses are refused in its words", "[logs][patterns]") {
    for (const Json& example : case_file("refused_filter_patterns.json")) {
        const std::string pattern = example.at("pattern");
        DYNAMIC_SECTION(pattern) {
            try {
                const FilterPattern parsed(pattern);
                FAIL("the pattern was taken");
            } catch (const FilterPatternError& error) {
                CHECK(error.metric_filter_text == example.at("metricFilterText").get<std::string>());
                CHECK(error.events_text == example.at("eventsText").get<std::string>());
            }
        }
    }
}

TEST_CASE("terms can be optional, excluded, quoted and expressions", "[logs][patterns]") {
    struct Row {
        std::string pattern;
        std::string message;
        bool matches;
    };
    const auto row = GENERATE(values<Row>({
        {"?a ?b", "xbx", true},
        {"?a ?b", "xcx", false},
        {"?a ?b c", "c", true},
        {"?a ?b c", "a", false},
        {"-a", "b", true},
        {"-a", "ab", false},
        {"- \"a b\"", "a b", false},
        {"well-known", "a well-known fact", true},
        {"well-known", "well", false},
        {"\"\"", "anything", true},
        {"\"a\\\\b\"", "a\\b", true},
        {"%a{,2}b% c", "bc", true},
        {"%[{,]%", ",", true},
        {"-%\\d%", "no digits", true},
        {"-%\\d%", "1", false},
        {"\"caf\xC3\xA9\"", "un caf\xC3\xA9", true},
    }));
    CAPTURE(row.pattern, row.message);
    CHECK(FilterPattern(row.pattern).matches(row.message) == row.matches);
}

TEST_CASE("JSON patterns meet members however the message writes them", "[logs][patterns]") {
    struct Row {
        std::string pattern;
        std::string message;
        bool matches;
    };
    const auto row = GENERATE(values<Row>({
        {"{ $.error = \"Throttled\" }", R"({"error":"\u0054hrottled"})", true},
        {"{ $.error = \"Throttled\" }", R"({"err\u006fr":"Throttled"})", true},
        {"{ $.s = \"a/b\" }", R"({"s":"a\/b"})", true},
        {"{ $.s = \"\xF0\x9F\x98\x80\" }", R"({"s":"\ud83d\ude00"})", true},
        {"{ $.a.b NOT EXISTS }", "not json", false},
        {"{ $.a.b NOT EXISTS }", R"({"a":{}})", true},
        {"{ $.a NOT EXISTS }", R"({"a":null})", false},
        {"{ $[\"a b\"] = 1 }", R"({"a b":1})", true},
        {"{ $.a = 1 }", R"({"a":1} trailing)", false},
        {"{ $.a = 1 }", R"([{"a":1}])", false},
        {"{ $.a = 4* }", R"({"a":404})", true},
        {"{ $.a != 4* }", R"({"a":404})", false},
        {"{ $.a != %^4% }", R"({"a":"504"})", true},
        {"{ $.a[1][0] >= 2.5 }", R"({"a":[1,[2.5]]})", true},
        {"{ $.amazon-bedrock-invocationMetrics.invocationLatency > 10 }",
         R"({"amazon-bedrock-invocationMetrics":{"invocationLatency":11}})", true},
        {"{ ($.a = 1) || ($.b = 2 && ($.c = 3 || $.d = 4)) }", R"({"b":2,"d":4})", true},
    }));
    CAPTURE(row.pattern, row.message);
    CHECK(FilterPattern(row.pattern).matches(row.message) == row.matches);
}

TEST_CASE("column patterns cut messages at blanks, brackets and quotes", "[logs][patterns]") {
    struct Row {
        std::string pattern;
        std::string message;
        bool matches;
    };
    const auto row = GENERATE(values<Row>({
        {"[a, b]", "one", false},
        {"[a, b]", "  one \t two  ", true},
        {"[a, b = \"two three\"]", "one [two three]", true},
        {"[a, b = \"two three\"]", "one two three", true},
        {"[a, b > 1000]", "one 1534 extra", false},
        {"[a, b > 1000]", "one 1534", true},
        {"[a = x && b = y, b]", "x y", true},
        {"[a = x && b = y, b]", "x z", false},
        {"[..., a = 1,]", "0 1 2", true},
        {"[first, ...]", "", false},
        {"[...]", "", true},
        {"[a = \"[x]:\"]", "[x]:", true},
    }));
    CAPTURE(row.pattern, row.message);
    CHECK(FilterPattern(row.pattern).matches(row.message) == row.matches);
}

TEST_CASE("patterns outside the grammar are refused", "[logs][patterns]") {
    struct Row {
        std::string pattern;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {"a.b", "Invalid character(s) in term '.'"},
        {"a?b", "Invalid character(s) in term '?'"},
        {"-", "Invalid character(s) in term '-'"},
        {"caf\xC3\xA9", "Invalid character(s) in term '\xC3\xA9'"},
        {"%a", "Invalid character(s) in term '%a'"},
        {"%\\bword%", "Failed to compile regular expression."},
        {"%a b%", "Invalid character(s) in term '%a '"},
        {"{ $.a = foo-bar }", "Invalid character(s) in term 'foo-'"},
        {"{ $.a < x }", "Invalid character(s) in term 'x'"},
        {"{ $.a", "Invalid filter pattern"},
        {"{ $ = 1 }", "Invalid filter pattern"},
        {"{ $.a = 1 } x", "Invalid filter pattern"},
        {"{}", "Invalid filter pattern"},
        {"{ $.a IS null }", "Invalid filter pattern"},
        {"{ $.a[99999999999999999999] = 1 }", "Invalid filter pattern"},
        {"[a, b", "Invalid filter pattern"},
        {"[a = 1 && c = 2, b]", "Invalid filter pattern"},
        {"[a = %x% && a = %y%, b = %z%]",
         "Your input has exceeded the maximum of 2 regular expressions per filter pattern."},
    }));
    CAPTURE(row.pattern);
    try {
        const FilterPattern parsed(row.pattern);
        FAIL("the pattern was taken");
    } catch (const FilterPatternError& error) {
        CHECK(error.events_text == row.text);
    }
}

namespace {

/// `{(((…$.a = 1…)))}`; with `chained`, each level is an expression of its own: `($.a = 1 && ($.a = 1 || (…`.
std::string nested(std::size_t depth, bool chained) {
    std::string text = "$.a=1";
    for (std::size_t level = 0; level < depth; ++level) {
        const char* before = !chained ? "(" : level % 2 == 0 ? "($.a=1&&" : "($.b=1||";
        text.insert(0, before);
        text += ")";
    }
    return "{" + text + "}";
}

}  // namespace

TEST_CASE("parentheses are taken 64 levels deep on a worker's stack", "[logs][patterns]") {
    const bool chained = GENERATE(false, true);
    CAPTURE(chained);
    on_worker_stack([&] {
        const FilterPattern pattern(nested(64, chained));
        CHECK(pattern.matches(R"({"a":1})"));
        CHECK_FALSE(pattern.matches(R"({"a":2})"));
        CHECK_THROWS_AS(FilterPattern(nested(65, chained)), FilterPatternError);
    });
    const std::string one = nested(64, chained);
    const FilterPattern side_by_side(one.substr(0, one.size() - 1) + "&&" + one.substr(1));
    CHECK(side_by_side.matches(R"({"a":1})"));
}

TEST_CASE("a pattern of nothing but open parentheses is refused on a worker's stack", "[logs][patterns]") {
    on_worker_stack([&] {
        try {
            const FilterPattern parsed("{" + std::string(1020, '('));
            FAIL("the pattern was taken");
        } catch (const FilterPatternError& error) {
            CHECK(error.events_text == "Invalid filter pattern");
            CHECK(error.metric_filter_text == "Invalid metric filter pattern");
        }
    });
}

TEST_CASE("long patterns and deep messages fit on a worker's stack", "[logs][patterns]") {
    const auto repeated = [](std::size_t count, std::string_view text) {
        std::string all;
        while (count-- > 0) all += text;
        return all;
    };
    const std::string message = repeated(127, R"({"a":)") + "1" + repeated(127, "}");
    const auto pattern =
        GENERATE_COPY(as<std::string>{}, "{ $" + repeated(500, ".a") + " NOT EXISTS }",
                      "{ $" + repeated(127, ".a") + " = 1 }",
                      "{ $.b=1" + repeated(140, "||$.b=1") + "||$.a NOT EXISTS||$.b NOT EXISTS}",
                      repeated(1024, "a"), repeated(500, "?a "), "%" + repeated(500, "a*") + "%");
    CAPTURE(pattern);
    on_worker_stack([&] { CHECK_NOTHROW(FilterPattern(pattern).matches(message)); });
}

}  // namespace rockwatch::logs
