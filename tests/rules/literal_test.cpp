#include "rules/literal.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "support/catch.hpp"

namespace rockwatch::rules {

TEST_CASE("a pattern's literals are the longest of which each match has one", "[rules][literal]") {
    struct Row {
        std::string pattern;
        std::string literal;
    };
    const auto row =
        GENERATE(values<Row>({{"refund", "refund"},
                              {"(?i)REFUND", "refund"},
                              {"^order (\\d+) of (alice|bob)$", " of bob| of alice"},
                              {"refund|return", "refund|return"},
                              {"(refund|return) policy", "refund policy|return policy"},
                              {"(refund|return)s?", "refund|return"},
                              {"(?i)^(hello|hi)\\b", "hi|hello"},
                              {"(refund)?it", "it"},
                              {"(refund)*it", "it"},
                              {"(refund){0,2}it", "it"},
                              {"(refund)+it", "refund"},
                              {"(refund){2}", "refundrefund"},
                              {"(refund){2,}", "refund"},
                              {"a|(b|.)", ""},
                              {"(abc|)", ""},
                              {"a(x|y)bcd|zz", "zz|axbcd|aybcd"},
                              {"a(x|y)bcd|(?i)S?|zz", ""},
                              {"x(?i)Ab", "xab"},
                              {"colou?r of", "r of"},
                              {"(ab|abc).*(def|ghij)", "def|ghij"},
                              {"(ab|wxyz).*(cd|efghij)", "cd|efghij"},
                              {"ab.*cdef.*gh", "cdef"},
                              {"[a-c]xyz", "axyz|bxyz|cxyz"},
                              {"[a-z]xyz", "xyz"},
                              {"a{3}bcd", "aaabcd"},
                              {"a{bc", "a{bc"},
                              {"gruß*e", "gru"},
                              {"grüß", "grüß"},
                              {"(?i)GRÜß", "grüß"},
                              {"Übe", "übe"},
                              {"(?i)kiss", "kiss"},
                              {"\u212A\u017F", "ks"},
                              {"a\\.b\\+c", "a.b+c"},
                              {"\\bword\\b", "word"},
                              {"\\x{1F600}1234\\x41z", "\U0001F6001234az"},
                              {"\\pLabc\\p{Greek}de", "abc"},
                              {"a\\Cbc", "bc"},
                              {"\\Qa|b\\E", "a|b"},
                              {".*", ""},
                              {"[^\\x00-\\x{10FFFF}]", ""},
                              {"", ""},
                              {"(?P<what>refund|(?:give|send) back)!", "refund!|give back!|send back!"}}));
    CAPTURE(row.pattern);
    const re2::RE2 pattern(row.pattern);
    REQUIRE(pattern.ok());
    CHECK(fmt::format("{}", fmt::join(required_literals(pattern), "|")) == row.literal);
}

TEST_CASE("a pattern of very many literals is judged rather than taken apart", "[rules][literal]") {
    const auto alternatives = [](int count) {
        std::string source = "a1000";  // RE2 would join neighbours that begin alike
        for (int number = 1001; number < 1000 + count; ++number)
            source += fmt::format("|{}{}", number % 2 == 0 ? 'a' : 'b', number);
        return required_literals(re2::RE2(source)).size();
    };
    CHECK(alternatives(200) == 200);
    CHECK(alternatives(300) == 0);
}

namespace {

/// A piece of a pattern, and texts that it may match.
struct Piece {
    std::string source;
    std::vector<std::string> texts;
};

const std::vector<Piece> pieces = {
    {"a", {"a"}},
    {"K", {"K"}},
    {"s", {"s"}},
    {"xy", {"xy"}},
    {"order 1", {"order 1"}},
    {"ä", {"ä"}},
    {"STRAßE", {"STRAßE"}},
    {"\u212A", {"\u212A"}},  // the Kelvin sign
    {"\u017F", {"\u017F"}},  // the long s
    {"Σς", {"Σς"}},
    {"Йй", {"Йй"}},
    {"İı", {"İı"}},
    {"日本", {"日本"}},
    {"\\x{10400}", {"\U00010400"}},  // Deseret, which has case
    {"\\x6b", {"k"}},
    {"\\.", {"."}},
    {".", {"a", "Ä", "."}},
    {"\\C\\C", {"ab", "Ä"}},
    {"\\d", {"1"}},
    {"[a-k]", {"a", "k"}},
    {"[KsÄ]", {"K", "s", "Ä"}},
    {"[^a-z]", {"K", "1", "ä"}},
    {"\\p{Greek}", {"Σ"}},
    {"(xy|s)", {"xy", "s"}},
    {"(?:kilo|Äks|)", {"kilo", "Äks", ""}},
    {"(a|b1|(?:ks|SK)x)", {"a", "b1", "ksx", "SKx"}},
    {"(?P<n>xy|1)", {"xy", "1"}},
    {"(?i)", {""}},
    {"(?-i)", {""}},
    {"(?i:ksä)", {"ksä", "KSÄ", "\u212A\u017Fä"}},
    {"(?i:σй)", {"ςЙ", "Σй"}},
    {"\\Qa|K.\\E", {"a|K."}},
    {"*", {""}},
    {"+", {""}},
    {"?", {""}},
    {"??", {""}},
    {"{2}", {""}},
    {"{0,1}", {""}},
    {"{1,}", {""}},
    {"|", {""}},
    {"^", {""}},
    {"$", {""}},
    {"\\b", {""}},
    {"(?:", {""}},
    {"(", {""}},
    {")", {""}},
};

/// The same letters in other cases, and bytes that are no UTF-8.
const std::vector<std::vector<std::string>> alike = {
    {"k", "K", "\u212A"},
    {"s", "S", "\u017F"},
    {"ä", "Ä", "\xe4", "\xc4"},
    {"σ", "ς", "Σ"},
    {"й", "Й"},
    {"x", "X"},
    {"\U00010400", "\U00010428"},
    {"ß", "ẞ"},
    {"", "\xe2\x84", "\xc5", "\xff", "\xed\xa0\x80", "a"},
};

bool is_beyond_ascii(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char byte) { return byte >= 0x80; });
}

class Maker {
public:
    struct Made {
        std::string pattern;
        std::string text;
    };

    /// The text often matches.
    Made next() {
        Made made;
        for (std::uint64_t left = 1 + random_.below(7); left > 0; --left) {
            const Piece& piece = pieces[random_.below(pieces.size())];
            made.pattern += piece.source;
            made.text += piece.texts[random_.below(piece.texts.size())];
        }
        return made;
    }

    /// With letters in other cases, here and there; some letters lost.
    std::string changed(const std::string& text) {
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            const auto& letters = alike[random_.below(alike.size())];
            const auto& from = letters[random_.below(letters.size())];
            if (text.compare(at, from.size(), from) == 0 && random_.below(2) == 0) {
                out += letters[random_.below(letters.size())];
                at += from.size();
                if (!from.empty()) continue;
            }
            if (random_.below(20) != 0) out += text[at];
            ++at;
        }
        return out;
    }

private:
    Random random_{3};
};

}  // namespace

TEST_CASE("whatever a pattern matches contains one of its literals", "[rules][literal]") {
    Maker maker;
    re2::RE2::Options options;
    options.set_log_errors(false);
    int matched = 0;
    int beyond_ascii = 0;
    for (int count = 0; count < 30'000; ++count) {
        const auto made = maker.next();
        const re2::RE2 pattern(made.pattern, options);
        if (!pattern.ok()) continue;
        const auto literals = required_literals(pattern);
        if (literals.empty()) continue;
        LiteralIndex index;
        for (const std::string& literal : literals) index.add(literal, 0);
        index.build();
        for (int tries = 0; tries < 6; ++tries) {
            const std::string text = tries == 0 ? made.text : maker.changed(made.text);
            if (!re2::RE2::PartialMatch(text, pattern)) continue;
            ++matched;
            beyond_ascii += std::any_of(literals.begin(), literals.end(), is_beyond_ascii) ? 1 : 0;
            std::vector<std::uint32_t> found;
            index.find(text, found);
            CAPTURE(made.pattern, text, literals);
            REQUIRE_FALSE(found.empty());
        }
    }
    CHECK(matched > 10'000);
    CHECK(beyond_ascii > 3'000);
}

TEST_CASE("an index finds the literals that a text contains, and no others", "[rules][literal]") {
    LiteralIndex index;
    for (std::uint32_t rule = 0; rule < 10'000; ++rule)
        index.add("order " + std::to_string(10'000 + rule), rule);
    index.add("order 10007", 10'000);
    index.add("grüß", 10'001);
    index.build();
    const auto found = [&](const std::string& text) {
        std::vector<std::uint32_t> rules;
        index.find(text, rules);
        std::sort(rules.begin(), rules.end());
        return rules;
    };
    CHECK(found("my ORDER 10007, please").size() == 2);
    CHECK(found("order 10008 and order 19999") == std::vector<std::uint32_t>{8, 9'999});
    CHECK(found("grüße") == std::vector<std::uint32_t>{10'001});
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
