#include "rules/folding.hpp"

#include <re2/filtered_re2.h>

#include "support/catch.hpp"

namespace rockwatch::rules {

namespace {

/// As RE2 gives a literal.
std::string in_a_literal(const std::string& text) {
    re2::FilteredRE2 filter(1);
    int id = 0;
    std::vector<std::string> literals;
    filter.Add(text, re2::RE2::Options(), &id);
    filter.Compile(&literals);
    REQUIRE(literals.size() == 1);
    return literals[0];
}

}  // namespace

TEST_CASE("letters fold one by one, whatever their alphabet", "[rules][folding]") {
    CHECK(folded("Hello, WORLD 1!") == "hello, world 1!");
    CHECK(folded("ÄÖßẞ") == "äößß");
    CHECK(folded("\u212A\u017F") == "ks");  // the Kelvin sign, the long s
    CHECK(folded("Σςσ") == "σσσ");
    CHECK(folded("Й") == "й");
    CHECK(folded("\U00010400") == "\U00010428");
    CHECK(folded("日本") == "日本");
    CHECK(folded("").empty());
}

TEST_CASE("what is not UTF-8 stays, and letters beside it fold", "[rules][folding]") {
    CHECK(folded("\xff\xc3") == "\xff\xc3");
    CHECK(folded("\xe2\x84\xc3\x84\xc3") == "\xe2\x84\xc3\xa4\xc3");
    CHECK(folded("\xc4\xc3\x84") == "\xc4\xc3\xa4");
    CHECK(folded("\xf0\x90\xc3\x84\x80") == "\xf0\x90\xc3\xa4\x80");
    CHECK(folded("\x84\xed\xa0\x80Z") == "\x84\xed\xa0\x80z");
}

TEST_CASE("every character folds as RE2 folds literals", "[rules][folding]") {
    const auto add = [](std::string& text, std::uint32_t point) {
        if (point < 0x800) {
            text += static_cast<char>(0xc0U | (point >> 6U));
        } else {
            if (point < 0x10000) {
                text += static_cast<char>(0xe0U | (point >> 12U));
            } else {
                text += static_cast<char>(0xf0U | (point >> 18U));
                text += static_cast<char>(0x80U | ((point >> 12U) & 0x3fU));
            }
            text += static_cast<char>(0x80U | ((point >> 6U) & 0x3fU));
        }
        text += static_cast<char>(0x80U | (point & 0x3fU));
    };
    int folding = 0;
    std::uint32_t point = 0x80;
    while (point < 0x20000) {
        if (point == 0x4e00) point = 0xa000;  // twenty thousand of one kind, without case
        if (point == 0xac00) point = 0xe000;  // likewise, and surrogates
        std::string text;
        for (int count = 0; count < 32; ++count) add(text, point++);
        const std::string wanted = in_a_literal(text);
        CAPTURE(point);
        REQUIRE(folded(text) == wanted);
        REQUIRE(in_a_literal("(?i)" + text) == wanted);  // one form for all letters that are alike
        folding += wanted == text ? 0 : 1;
    }
    CHECK(folding > 50);
}

}  // namespace rockwatch::rules
