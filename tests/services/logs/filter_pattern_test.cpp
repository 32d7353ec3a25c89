#include "services/logs/filter_pattern.hpp"

#include "logs_bench.hpp"

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
                CHECK(error.metric_filter_text == example.at("metricFilterText"));
                CHECK(error.events_text == example.at("eventsText"));
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

}  // namespace rockwatch::logs
