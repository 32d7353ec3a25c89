#include "rules/literal.hpp"

#include <algorithm>
#include <cstring>

namespace rockwatch::rules {

namespace {

constexpr std::string_view kelvin_sign = "\xe2\x84\xaa";
constexpr std::string_view long_s = "\xc5\xbf";

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_word(char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool is_repetition(char letter) { return letter == '*' || letter == '?' || letter == '{' || letter == '+'; }

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }

/// Literals one of which every match contains; empty: none is known.
using Needs = std::vector<std::string>;

constexpr std::size_t needs_max = 32;

std::size_t shortest(const Needs& needs) {
    std::size_t size = needs.empty() ? 0 : needs.front().size();
    for (const std::string& literal : needs) size = std::min(size, literal.size());
    return size;
}

/// Walks a pattern that RE2 has accepted.
class Walk {
public:
    explicit Walk(std::string_view pattern) : pattern_(pattern) {
        // Where case may be ignored, other letters than ASCII's fold in ways that we do not follow.
        ascii_alone_ = pattern.find("(?") != std::string_view::npos;
    }

    /// Nothing is known of patterns with oddities that nobody writes.
    Needs needs() {
        Needs all = alternatives();
        return odd_ ? Needs() : std::move(all);
    }

private:
    /// Up to the end, or the parenthesis that closes the group.
    Needs alternatives() {
        Needs all = sequence();
        bool every = !all.empty();
        while (next() == '|') {
            ++at_;
            const Needs one = sequence();
            every = every && !one.empty();
            all.insert(all.end(), one.begin(), one.end());
        }
        return every && all.size() <= needs_max ? all : Needs();
    }

    /// One alternative, as far as it has been walked.
    struct Sequence {
        std::string run;
        Needs best;
    };

    char next() const { return at_ < pattern_.size() ? pattern_[at_] : '\0'; }

    Needs sequence() {
        Sequence own;
        while (at_ < pattern_.size() && next() != '|' && next() != ')') step(own);
        end_run(own);
        return std::move(own.best);
    }

    void step(Sequence& own) {
        switch (next()) {
            case '\\':
                return escape(own);
            case '[':
                end_run(own);
                return skip_class();
            case '(':
                return group(own);
            case '*':
            case '?':
                drop_last(own);
                break;
            case '{':
                drop_last(own);
                return skip_repetition();
            case '+':
            case '.':
            case '^':
            case '$':
                end_run(own);
                break;
            default:
                take(own, next());
        }
        ++at_;
    }

    void take(Sequence& own, char byte) const {
        if (ascii_alone_ && !is_ascii(byte)) return end_run(own);
        own.run += byte;
    }

    static void offer(Sequence& own, Needs needs) {
        if (shortest(needs) > shortest(own.best)) own.best = std::move(needs);
    }

    static void end_run(Sequence& own) {
        offer(own, {folded(own.run)});
        own.run.clear();
    }

    /// The last character may be absent.
    static void drop_last(Sequence& own) {
        std::string& run = own.run;
        while (!run.empty() && (static_cast<unsigned char>(run.back()) & 0xc0U) == 0x80U) run.pop_back();
        if (!run.empty()) run.pop_back();
        end_run(own);
    }

    void group(Sequence& own) {
        if (pattern_.substr(at_, 2) == "(?") {
            const std::size_t flags_end = pattern_.find_first_not_of("imsU-", at_ + 2);
            if (flags_end != std::string_view::npos && pattern_[flags_end] == ')') {
                // It stands for nothing; a repetition behind it would be that of what came before.
                at_ = flags_end + 1;
                odd_ = odd_ || is_repetition(next());
                return;
            }
            // (?i:…), (?P<name>…)
            at_ = std::min(pattern_.size(), pattern_.find_first_of(":>", at_));
        }
        ++at_;
        end_run(own);
        Needs needs = alternatives();
        ++at_;
        if (!is_repetition(next()) || next() == '+') offer(own, std::move(needs));
    }

    /// {2}, {2,}, {2,5}; any other brace stands for itself, which we do not use.
    void skip_repetition() {
        ++at_;
        std::size_t end = at_;
        while (end < pattern_.size() && (is_digit(pattern_[end]) || pattern_[end] == ',')) ++end;
        if (end > at_ && end < pattern_.size() && pattern_[end] == '}') at_ = end + 1;
    }

    void escape(Sequence& own) {
        const char kind = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
        at_ += 2;
        if (!is_word(kind)) return take(own, kind);
        end_run(own);
        if ((kind == 'x' || kind == 'p' || kind == 'P') && next() == '{') {
            at_ = std::min(pattern_.size(), pattern_.find('}', at_)) + 1;
        } else if (kind == 'x') {
            at_ += 2;
        } else if (kind == 'p' || kind == 'P') {
            at_ += 1;
        } else if (is_digit(kind)) {
            for (int digits = 0; digits < 2 && is_digit(next()); ++digits) ++at_;
        }
    }

    void skip_class() {
        ++at_;
        if (next() == '^') ++at_;
        if (next() == ']') ++at_;  // the first one stands for itself
        while (at_ < pattern_.size() && next() != ']') {
            if (next() == '\\') {
                at_ += 2;
            } else if (pattern_.substr(at_, 2) == "[:") {
                at_ = std::min(pattern_.size(), pattern_.find(":]", at_)) + 2;
            } else {
                ++at_;
            }
        }
        ++at_;
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    bool ascii_alone_ = false;
    bool odd_ = false;
};

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

}  // namespace

std::string folded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char byte = text[at];
        if (byte >= 'A' && byte <= 'Z') {
            out += static_cast<char>(byte + ('a' - 'A'));
        } else if (byte == kelvin_sign[0] && text.substr(at, kelvin_sign.size()) == kelvin_sign) {
            out += 'k';
            at += kelvin_sign.size() - 1;
        } else if (byte == long_s[0] && text.substr(at, long_s.size()) == long_s) {
            out += 's';
            at += long_s.size() - 1;
        } else {
            out += byte;
        }
    }
    return out;
}

std::vector<std::string> required_literals(std::string_view pattern) {
    if (pattern.find("\\Q") != std::string_view::npos) return {};  // quotes are another language
    return Walk(pattern).needs();
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
