#include "rules/literal.hpp"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "rules/folding.hpp"

namespace rockwatch::rules {

namespace {

// Beyond, judging the rule costs less than to find out what it needs.
constexpr std::size_t literals_max = 256;

/// The first bytes as a number.
std::uint32_t gram_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t gram = 0;
    std::memcpy(&gram, bytes.data() + at, size);
    return gram;
}

std::size_t filter_bit(std::uint32_t gram) {
    constexpr std::uint32_t golden = 0x9e3779b9U;
    return (gram * golden) >> 16U;
}

template <class F>
void each_gram(std::string_view text, std::size_t size, F&& action) {
    for (std::size_t at = 0; at + size <= text.size(); ++at) action(gram_at(text, at, size), at);
}

/// Their numbers; those of one length in an order that does not hang on RE2's.
std::vector<int> shortest_first(const std::vector<std::string>& literals) {
    std::vector<int> numbers(literals.size());
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto rank = [&](int number) {
        const std::string& literal = literals[static_cast<std::size_t>(number)];
        return std::pair(literal.size(), std::string_view(literal));
    };
    std::sort(numbers.begin(), numbers.end(), [&](int one, int other) { return rank(one) < rank(other); });
    return numbers;
}

}  // namespace

std::vector<std::string> required_literals(const re2::RE2& pattern) {
    re2::FilteredRE2 filter(static_cast<int>(LiteralIndex::literal_bytes_min));
    int id = 0;
    std::vector<std::string> literals;
    if (filter.Add(pattern.pattern(), pattern.options(), &id) != re2::RE2::NoError) return {};
    filter.Compile(&literals);
    if (literals.size() > literals_max) return {};

    // The filter is an expression of "and" and "or" over the literals that RE2 shows by its verdicts alone.
    // While it refuses a text that has those `there`, a match has one of the others: the fewer and longer,
    // the better.
    std::vector<int> there;
    std::vector<int> matching;
    const auto may_match = [&] {
        filter.AllPotentials(there, &matching);
        return !matching.empty();
    };
    if (may_match()) return {};
    std::vector<std::string> needed;
    for (const int literal : shortest_first(literals)) {
        there.push_back(literal);
        if (!may_match()) continue;
        there.pop_back();
        needed.push_back(literals[static_cast<std::size_t>(literal)]);
    }
    return needed;
}

void LiteralIndex::add(const std::string& literal, std::uint32_t rule) {
    const auto [known, fresh] = numbers_.try_emplace(literal, static_cast<std::uint32_t>(literals_.size()));
    if (fresh) literals_.push_back({.text = literal});
    literals_[known->second].rules.push_back(rule);
}

void LiteralIndex::build() {
    for (Table* table : {&long_, &short_}) {
        const std::size_t size = table->gram_bytes;
        std::unordered_map<std::uint32_t, std::uint32_t> uses;
        for (const Literal& literal : literals_) {
            if (&table_of(literal) == table)
                each_gram(literal.text, size, [&](std::uint32_t gram, std::size_t) { ++uses[gram]; });
        }
        for (std::uint32_t number = 0; number < literals_.size(); ++number) {
            if (&table_of(literals_[number]) != table) continue;
            std::uint32_t rarest = 0;
            std::uint32_t fewest = UINT32_MAX;
            std::size_t offset = 0;
            each_gram(literals_[number].text, size, [&](std::uint32_t gram, std::size_t at) {
                if (uses[gram] >= fewest) return;
                fewest = uses[gram];
                rarest = gram;
                offset = at;
            });
            table->places[rarest].push_back({number, static_cast<std::uint32_t>(offset)});
            table->filter.set(filter_bit(rarest));
        }
    }
}

LiteralIndex::Table& LiteralIndex::table_of(const Literal& literal) {
    return literal.text.size() < long_.gram_bytes ? short_ : long_;
}

bool LiteralIndex::find_in(const Table& table, std::string_view text, Search& search) const {
    const std::size_t size = table.gram_bytes;
    for (std::size_t at = 0; !table.places.empty() && at + size <= text.size(); ++at) {
        const std::uint32_t gram = gram_at(text, at, size);
        if (!table.filter.test(filter_bit(gram))) continue;
        const auto places = table.places.find(gram);
        if (places == table.places.end()) continue;
        if (places->second.size() > search.comparisons_left) return false;
        search.comparisons_left -= places->second.size();
        for (const Place& place : places->second) {
            const Literal& literal = literals_[place.literal];
            if (search.found[place.literal] || place.offset > at) continue;
            if (text.substr(at - place.offset, literal.text.size()) != literal.text) continue;
            search.found[place.literal] = true;
            search.rules.insert(search.rules.end(), literal.rules.begin(), literal.rules.end());
        }
    }
    return true;
}

void LiteralIndex::find(std::string_view text, std::vector<std::uint32_t>& rules) const {
    if (literals_.empty()) return;
    const std::string searched = folded(text);
    Search search{.found = std::vector<bool>(literals_.size()),
                  .comparisons_left = 8 * literals_.size() + 4 * searched.size(),
                  .rules = rules};
    if (find_in(long_, searched, search) && find_in(short_, searched, search)) return;
    for (const Literal& literal : literals_)
        rules.insert(rules.end(), literal.rules.begin(), literal.rules.end());
}

}  // namespace rockwatch::rules
