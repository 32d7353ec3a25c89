#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// Which of many patterns may be found in a text, told by letters that they cannot do without. Pure.
namespace rockwatch::rules {

/// The text in the one form in which literals are compared: ASCII letters small, and so the two letters
/// beside them that fold to ASCII (the Kelvin sign and the long s), since a pattern may ignore case.
std::string folded(std::string_view text);

/// Of each outermost alternative of the RE2 pattern the longest run of characters that its matches contain,
/// folded: every match of the pattern contains one of them. A run is empty when there is none, or none that
/// is seen at a glance: groups and classes are not looked into.
std::vector<std::string> required_literals(std::string_view pattern);

/// Finds which of many literals a text contains, in one pass over it, however many there are.
class LiteralIndex {
public:
    static constexpr std::size_t literal_bytes_min = 4;

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

    std::vector<Literal> literals_;
    std::unordered_map<std::string, std::uint32_t> numbers_;         // of literals by their text
    std::unordered_map<std::uint32_t, std::vector<Place>> by_gram_;  // each literal by its rarest four bytes
    std::bitset<filter_bits> filter_;                                // most grams of a text are nobody's
};

}  // namespace rockwatch::rules
