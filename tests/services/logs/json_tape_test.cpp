#include "services/logs/json_tape.hpp"

#include "core/json.hpp"
#include "support/catch.hpp"

namespace rockwatch::logs {

TEST_CASE("a tape takes exactly what is JSON", "[logs][json]") {
    struct Row {
        std::string text;
        bool good;
    };
    const std::string deep(128, '[');
    const std::string deep_end(128, ']');
    const auto row = GENERATE_COPY(values<Row>({
        {"", false},
        {"{}", true},
        {" [1, 2.5e-3, -0] ", true},
        {"[1,]", false},
        {"[,]", false},
        {"[1 2]", false},
        {"{\"a\"}", false},
        {"{\"a\":}", false},
        {"{\"a\":1,}", false},
        {"{a:1}", false},
        {"01", false},
        {"1.", false},
        {".5", false},
        {"+1", false},
        {"1e", false},
        {"--1", false},
        {"nul", false},
        {"true", true},
        {"\"\\u12g4\"", false},
        {"\"\\x\"", false},
        {"\"a", false},
        {"\"a\nb\"", false},
        {"\"\\", false},
        {"{} {}", false},
        {deep + deep_end, true},
        {"[" + deep + deep_end + "]", false},
        {deep, false},
    }));
    CAPTURE(row.text);
    CHECK(JsonTape::parse(row.text).has_value() == row.good);
    CHECK(parse_json(row.text).has_value() == row.good);  // the house's parser thinks the same
}

TEST_CASE("a tape finds members and elements, the last of equal names", "[logs][json]") {
    const std::string text =
        R"({"a":{"x":[1,{"y":2},"three"]},"b":1,"b":1.50,"\u0063":"\ud83d\ude00\n\ud800"})";
    const auto tape = JsonTape::parse(text);
    REQUIRE(tape);
    const auto* b = tape->member(tape->root(), "b");
    REQUIRE(b != nullptr);
    CHECK(b->text == "1.50");
    const auto* x = tape->member(*tape->member(tape->root(), "a"), "x");
    REQUIRE(x != nullptr);
    REQUIRE(tape->element(*x, 2) != nullptr);
    CHECK(tape->element(*x, 2)->text == "three");
    CHECK(tape->element(*x, 3) == nullptr);
    CHECK(tape->member(*x, "y") == nullptr);
    CHECK(tape->element(tape->root(), 0) == nullptr);
    const auto* c = tape->member(tape->root(), "c");
    REQUIRE(c != nullptr);
    std::string buffer;
    CHECK(JsonTape::characters(*c, buffer) == "\xF0\x9F\x98\x80\n\xEF\xBF\xBD");
}

}  // namespace rockwatch::logs
