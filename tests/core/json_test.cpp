#include "core/json.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace rockwatch;

namespace {

std::string nested(int levels, char open, char close) {
    return std::string(std::size_t(levels), open) + std::string(std::size_t(levels), close);
}

}  // namespace

TEST_CASE("JSON is parsed into a tree and written compactly with its keys sorted", "[core][json]") {
    const auto json = parse_json(R"( {"b": [1, 2.5, null, true], "a": "\u00e9"} )");
    REQUIRE(json);
    CHECK(to_text(*json) == "{\"a\":\"\xc3\xa9\",\"b\":[1,2.5,null,true]}");
}

TEST_CASE("nesting up to 128 levels is taken and a level more is refused before it is built",
          "[core][json]") {
    CHECK(parse_json(nested(128, '[', ']')));
    std::string error;
    CHECK_FALSE(parse_json(nested(129, '[', ']'), &error));
    CHECK(error == "the document is nested deeper than 128 levels");

    std::string objects;
    for (int level = 0; level < 129; ++level) objects += R"({"a":)";
    objects += '1' + std::string(129, '}');
    CHECK_FALSE(parse_json(objects, &error));
    CHECK(error == "the document is nested deeper than 128 levels");
}

TEST_CASE("an object takes 10,000 members, beside others, and not one more, even of one name",
          "[core][json]") {
    const auto members = [](int count, bool same_name) {
        std::string text = "{";
        for (int index = 0; index < count; ++index) {
            text += (index == 0 ? "\"" : ",\"") + std::to_string(same_name ? 0 : index) + R"(":{"x":0})";
        }
        return text + "}";
    };
    CHECK(parse_json("[" + members(10'000, false) + "," + members(10'000, true) + "]"));
    for (const bool same_name : {false, true}) {
        std::string error;
        CHECK_FALSE(parse_json(members(10'001, same_name), &error));
        CHECK(error == "an object has more than 10000 members");
    }
}

TEST_CASE("a document takes a million values of all kinds and not one more", "[core][json]") {
    const auto zeros = [](int count) {
        std::string text = R"([{"a":["",null,true,-1,0.5]})";  // seven values
        for (int index = 0; index < count; ++index) text += ",0";
        return text + "]";
    };
    CHECK(parse_json(zeros(1'000'000 - 8)));
    std::string error;
    CHECK_FALSE(parse_json(zeros(1'000'000 - 7), &error));
    CHECK(error == "the document has more than 1000000 values");
}

TEST_CASE("a text with more commas and brackets than a document may have values is a text", "[core][json]") {
    std::string text;
    while (text.size() < 3'000'000) text += "[,{";
    const auto json = parse_json("[\"" + text + "\"]");
    REQUIRE(json);
    CHECK(json->at(0) == text);
}

TEST_CASE("a million brackets neither crash nor pass", "[core][json]") {
    CHECK_FALSE(parse_json(std::string(1'000'000, '[')));
    CHECK_FALSE(parse_json(nested(1'000'000, '[', ']')));
}

TEST_CASE("levels side by side do not add up", "[core][json]") {
    std::string text = "[";
    for (int index = 0; index < 100; ++index) text += "[{}],";
    CHECK(parse_json(text + "0]"));
}

TEST_CASE("what is not JSON in UTF-8 is refused with a line that says where", "[core][json]") {
    struct Row {
        std::string text;
        std::string error;
    };
    const auto row = GENERATE(values<Row>({
        {"", "unexpected end of input"},
        {"{", "unexpected end of input"},
        {"{\"a\":1,}", "column 8"},
        {"[1] x", "column 5"},
        {"{'a':1}", "column 2"},
        {"nul", "invalid literal"},
        {"\"\xc3\x28\"", "UTF-8"},
        {"\"\xed\xa0\x80\"", "UTF-8"},
        {"\"\xff\"", "UTF-8"},
        {"\"\\ud800\"", "surrogate"},
        {"\"a\tb\"", "control character"},
        {"1e999", "number overflow"},
        {"[NaN]", "invalid literal"},
    }));
    CAPTURE(row.text);
    std::string error;
    CHECK_FALSE(parse_json(row.text, &error));
    CHECK_THAT(error, ContainsSubstring(row.error));
    CHECK(error.find("json.exception") == std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
}

TEST_CASE("broken UTF-8 inside a tree is written as U+FFFD", "[core][json]") {
    CHECK(to_text(Json{{"a", "x\xffy"}}) == "{\"a\":\"x\xef\xbf\xbdy\"}");
}

TEST_CASE("an ordered tree keeps its order", "[core][json]") {
    OrderedJson json;
    json["version"] = "1.0";
    json["statistic"] = "Average";
    CHECK(to_text(json) == R"({"version":"1.0","statistic":"Average"})");
}

TEST_CASE("members are read with a fallback", "[core][json]") {
    const Json json{{"limit", 5}, {"name", "x"}};
    CHECK(value_or(json, "limit", 10) == 5);
    CHECK(value_or(json, "other", 10) == 10);
    CHECK(value_or(json, "name", std::string("y")) == "x");
    CHECK(text_or_empty(json, "name") == "x");
    CHECK(text_or_empty(json, "limit").empty());
    CHECK(text_or_empty(json, "other").empty());
    CHECK(text_or_empty(Json("text"), "name").empty());
}

TEST_CASE("doubles are written as Java writes them", "[core][json]") {
    struct Row {
        double value;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {10, "10.0"},
        {0.1, "0.1"},
        {0, "0.0"},
        {-4038.25, "-4038.25"},
        {100000, "100000.0"},
        {9999999, "9999999.0"},
        {1e7, "1.0E7"},
        {20971520, "2.097152E7"},
        {1e21, "1.0E21"},
        {0.001, "0.001"},
        {0.00025, "2.5E-4"},
        {1.0 / 3, "0.3333333333333333"},
        {std::numeric_limits<double>::infinity(), "Infinity"},
        {-std::numeric_limits<double>::infinity(), "-Infinity"},
        {std::numeric_limits<double>::quiet_NaN(), "NaN"},
    }));
    CHECK(double_text(row.value) == row.text);
}
