#include "rules/literal.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "core/random.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

TEST_CASE("a pattern's literals are the longest of which each match has one", "[rules][literal]") {
    struct Row {
        std::string pattern;
        std::string literal;
    };
    const auto row = GENERATE(values<Row>({{"refund", "refund"},
                                           {"(?i)REFUND", "refund"},
                                           {"^order (\\d+) of (alice|bob)$", "order "},
                                           {"refund|return", "refund|return"},
                                           {"(refund|return) policy", " policy"},
                                           {"(refund|return)s?", "refund|return"},
                                           {"(?i)^(hello|hi)\\b", "hello|hi"},
                                           {"(refund)?it", "it"},
                                           {"(refund)*it", "it"},
                                           {"(refund){0,2}it", "it"},
                                           {"(refund)+it", "refund"},
                                           {"a|(b|.)", ""},
                                           {"(a|)bc", "bc"},
                                           {"a(x|y)bcd|(?i)S?|zz", ""},
                                           {"a(x|y)bcd|(?i)Ss?|zz", "bcd|s|zz"},
                                           {"x(?i)?Ab", ""},
                                           {"x(?i)Ab", "xab"},
                                           {"colou?r of", "colo"},
                                           {"ab+cd", "ab"},
                                           {"a{3}bcd", "bcd"},
                                           {"a{bc", "bc"},
                                           {"gru\xc3\x9f*e", "gru"},
                                           {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
                                           {"(?i)gr\xc3\xbc\xc3\x9f", "gr"},
                                           {"a\\.b\\+c", "a.b+c"},
                                           {"\\bword\\b", "word"},
                                           {"\\x{1F600}1234\\x41z", "1234"},
                                           {"\\pLabc\\p{Greek}de", "abc"},
                                           {"\\0411234", "1234"},
                                           {"[^]a-z\\]]xyz[[:alpha:]]w", "xyz"},
                                           {"(a(b[)]c)d)efgh", "efgh"},
                                           {"\\Qa|b\\E", ""},
                                           {".*", ""},
                                           {"(?i:refund)", "refund"},
                                           {"", ""},
                                           {"(?P<what>refund|(?:give|send) back)!", "refund| back"}}));
    CAPTURE(row.pattern);
    REQUIRE(re2::RE2(row.pattern).ok());
    CHECK(fmt::format("{}", fmt::join(required_literals(row.pattern), "|")) == row.literal);
}

TEST_CASE("whatever a pattern matches contains one of its literals", "[rules][literal]") {
    const std::array<std::string, 28> pieces = {
        "a",       "K", "s",     "xy",  "\xc3\xa4", "\xe2\x84\xaa", "\xc5\xbf",
        "S",       "k", ".",     "\\d", "[a-k]",    "(xy|s)",       "(?i)",
        "(?i:ks)", "*", "+",     "?",   "{2}",      "{0,1}",        "|",
        "^",       "$", "\\x6b", "\\.", "(?:ab)",   "(a|b1)",       "(?P<n>xy|1)"};
    const std::array<std::string, 14> letters = {
        "a", "K", "k", "s", "S", "x", "y", "\xc3\xa4", "\xc3\x84", "\xe2\x84\xaa", "\xc5\xbf", "1", ".", "b"};
    Random random(3);
    const auto made_of = [&](const auto& parts, std::uint64_t longest) {
        std::string text;
        for (std::uint64_t left = random.below(longest); left > 0; --left)
            text += parts[random.below(parts.size())];
        return text;
    };
    re2::RE2::Options options;
    options.set_log_errors(false);
    int matched = 0;
    int with_literal = 0;
    for (int count = 0; count < 20'000; ++count) {
        const std::string source = made_of(pieces, 7);
        const re2::RE2 pattern(source, options);
        if (!pattern.ok()) continue;
        const auto literals = required_literals(source);
        for (int tries = 0; tries < 8; ++tries) {
            const std::string text = made_of(letters, 9);
            if (!re2::RE2::PartialMatch(text, pattern)) continue;
            ++matched;
            with_literal += literals.empty() ? 0 : 1;
            if (literals.empty()) continue;
            const bool one_there = std::any_of(
                literals.begin(), literals.end(),
                [&](const std::string& literal) { return folded(text).find(literal) != std::string::npos; });
            CAPTURE(source, text);
            REQUIRE(one_there);
        }
    }
    CHECK(matched > 5'000);
    CHECK(with_literal > 500);
}

TEST_CASE("an index finds the literals that a text contains, and no others", "[rules][literal]") {
    LiteralIndex index;
    for (std::uint32_t rule = 0; rule < 10'000; ++rule)
        index.add("order " + std::to_string(10'000 + rule), rule);
    index.add("order 10007", 10'000);
    index.add("gr\xc3\xbc\xc3\x9f", 10'001);
    index.build();
    const auto found = [&](const std::string& text) {
        std::vector<std::uint32_t> rules;
        index.find(text, rules);
        std::sort(rules.begin(), rules.end());
        return rules;
    };
    CHECK(found("my ORDER 10007, please").size() == 2);
    CHECK(found("order 10008 and order 19999") == std::vector<std::uint32_t>{8, 9'999});
    CHECK(found("gr\xc3\xbc\xc3\x9f"
                "e") == std::vector<std::uint32_t>{10'001});
    CHECK(found("order 1000").empty());
    CHECK(found("").empty());
    CHECK(found(std::string(100'000, 'o')).empty());
}

TEST_CASE("a text full of literals' parts gives up rather than compare them all", "[rules][literal]") {
    LiteralIndex index;
    constexpr std::uint32_t literals = 2'000;
    for (std::uint32_t rule = 0; rule < literals; ++rule)
        index.add(std::string(4 + rule % 200, 'a') + "b" + std::string(rule / 200, 'a'), rule);
    index.build();
    std::vector<std::uint32_t> rules;
    index.find(std::string(200'000, 'a') + "b" + std::string(200'000, 'a'), rules);
    std::sort(rules.begin(), rules.end());
    rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
    CHECK(rules.size() == literals);
}

}  // namespace rockwatch::rules
