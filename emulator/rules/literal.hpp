#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

/// Which of many patterns may be found in a text, told by letters that they cannot do without. Pure.
namespace rockwatch::rules {

/// Literals, folded (rules/folding.hpp), of which every match of the pattern contains at least one: of those
/// that RE2 filters by, the longest that do. Empty when none is known.
std::vector<std::string> required_literals(const re2::RE2& pattern);

/// Finds which of many literals a text contains, in one pass over it, however many there are. A RE2::Set of
/// the literals does so, too, and fast in texts like those before; in new ones it is 5 to 40 times slower,
/// and it is made anew whenever a rule is added: half a second for ten thousand long literals.
class LiteralIndex {
public:
    static constexpr std::size_t literal_bytes_min = 2;

    /// `literal` is folded and has at least literal_bytes_min bytes; `rule` comes back from find().
    void add(const std::string& literal, std::uint32_t rule);
    /// After the last add(), before the first find().
    void build();
    bool empty() const { return literals_.empty(); }

    /// Appends the rules of all literals that are in `text`, each at least once; perhaps more rules than that
    /// when a text has so many of the literals' parts that judging all rules is cheaper.
    void find(std::string_view text, std::vector<std::uint32_t>& rules) const;

private:
    static constexpr std::size_t filter_bits = 1U << 16U;

    struct Literal {
        std::string text;
        std::vector<std::uint32_t> rules;
    };
    struct Place {
        std::uint32_t literal;
        std::uint32_t offset;  ///< of the gram in the literal
    };

    /// Each literal stands by those of its bytes that fewest others have.
    struct Table {
        std::size_t gram_bytes;
        std::unordered_map<std::uint32_t, std::vector<Place>> places;
        std::bitset<filter_bits> filter;  ///< most grams of a text are nobody's
    };
    struct Search {
        std::vector<bool> found;  ///< by literal
        std::size_t comparisons_left;
        std::vector<std::uint32_t>& rules;
    };

    Table& table_of(const Literal& literal);
    /// False when the text has more to compare than is worth it.
    bool find_in(const Table& table, std::string_view text, Search& search) const;

    std::vector<Literal> literals_;
    std::unordered_map<std::string, std::uint32_t> numbers_;  // of literals by their text
    Table long_{.gram_bytes = 4};
    Table short_{.gram_bytes = 2};
};

}  // namespace rockwatch::rules
