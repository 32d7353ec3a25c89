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

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }

/// Walks a pattern that RE2 has accepted, on its outermost level.
class Walk {
public:
    explicit Walk(std::string_view pattern) : pattern_(pattern) {
        // Where case may be ignored, other letters than ASCII's fold in ways that we do not follow.
        ascii_alone_ = pattern.find("(?") != std::string_view::npos;
    }

    std::vector<std::string> longest() {
        if (pattern_.find("\\Q") != std::string_view::npos) return {""};
        while (at_ < pattern_.size()) step();
        end_alternative();
        return std::move(alternatives_);
    }

private:
    void step() {
        switch (pattern_[at_]) {
            case '\\':
                return escape();
            case '[':
                end_run();
                return skip_class();
            case '(':
                if (skip_flags()) return;
                end_run();
                return skip_group();
            case '|':
                end_alternative();
                break;
            case '*':
            case '?':
                drop_last();
                break;
            case '{':
                drop_last();
                skip_repetition();
                return;
            case '+':
            case '.':
            case '^':
            case '$':
                end_run();
                break;
            default:
                take(pattern_[at_]);
        }
        ++at_;
    }

    void take(char byte) {
        if (ascii_alone_ && !is_ascii(byte)) return end_run();
        run_ += byte;
    }

    void end_run() {
        if (run_.size() > best_.size()) best_ = run_;
        run_.clear();
    }

    void end_alternative() {
        end_run();
        alternatives_.push_back(folded(best_));
        best_.clear();
    }

    /// (?i) and its like stand for nothing: a repetition behind it is that of the character before.
    bool skip_flags() {
        if (pattern_.substr(at_, 2) != "(?") return false;
        const std::size_t end = pattern_.find_first_not_of("imsU-", at_ + 2);
        if (end == std::string_view::npos || pattern_[end] != ')') return false;
        at_ = end + 1;
        return true;
    }

    /// The last character may be absent.
    void drop_last() {
        while (!run_.empty() && (static_cast<unsigned char>(run_.back()) & 0xc0U) == 0x80U) run_.pop_back();
        if (!run_.empty()) run_.pop_back();
        end_run();
    }

    /// {2}, {2,}, {2,5}; any other brace stands for itself, which we do not use.
    void skip_repetition() {
        ++at_;
        std::size_t end = at_;
        while (end < pattern_.size() && (is_digit(pattern_[end]) || pattern_[end] == ',')) ++end;
        if (end > at_ && end < pattern_.size() && pattern_[end] == '}') at_ = end + 1;
    }

    void escape() {
        const char kind = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
        at_ += 2;
        if (!is_word(kind)) return take(kind);
        end_run();
        const bool braced = at_ < pattern_.size() && pattern_[at_] == '{';
        if ((kind == 'x' || kind == 'p' || kind == 'P') && braced) {
            at_ = std::min(pattern_.size(), pattern_.find('}', at_)) + 1;
        } else if (kind == 'x') {
            at_ += 2;
        } else if (kind == 'p' || kind == 'P') {
            at_ += 1;
        } else if (is_digit(kind)) {
            for (int digits = 0; digits < 2 && at_ < pattern_.size() && is_digit(pattern_[at_]); ++digits)
                ++at_;
        }
    }

    void skip_class() {
        ++at_;
        if (at_ < pattern_.size() && pattern_[at_] == '^') ++at_;
        if (at_ < pattern_.size() && pattern_[at_] == ']') ++at_;  // the first one stands for itself
        while (at_ < pattern_.size() && pattern_[at_] != ']') {
            if (pattern_[at_] == '\\') {
                at_ += 2;
            } else if (pattern_.substr(at_, 2) == "[:") {
                at_ = std::min(pattern_.size(), pattern_.find(":]", at_)) + 2;
            } else {
                ++at_;
            }
        }
        ++at_;
    }

    void skip_group() {
        int depth = 0;
        while (at_ < pattern_.size()) {
            const char letter = pattern_[at_];
            if (letter == '\\') {
                at_ += 2;
                continue;
            }
            if (letter == '[') {
                skip_class();
                continue;
            }
            ++at_;
            if (letter == '(') ++depth;
            if (letter == ')' && --depth == 0) return;
        }
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    bool ascii_alone_ = false;
    std::string run_;
    std::string best_;
    std::vector<std::string> alternatives_;
};

std::uint32_t gram_at(const char* bytes) {
    std::uint32_t gram = 0;
    std::memcpy(&gram, bytes, sizeof gram);
    return gram;
}

std::size_t filter_bit(std::uint32_t gram) {
    constexpr std::uint32_t golden = 0x9e3779b9U;
    return (gram * golden) >> 16U;
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

std::vector<std::string> required_literals(std::string_view pattern) { return Walk(pattern).longest(); }

void LiteralIndex::add(const std::string& literal, std::uint32_t rule) {
    const auto [known, fresh] = numbers_.try_emplace(literal, static_cast<std::uint32_t>(literals_.size()));
    if (fresh) literals_.push_back({.text = literal});
    literals_[known->second].rules.push_back(rule);
}

void LiteralIndex::build() {
    std::unordered_map<std::uint32_t, std::uint32_t> uses;
    const auto each_gram = [](const std::string& text, auto&& action) {
        for (std::size_t at = 0; at + literal_bytes_min <= text.size(); ++at) action(gram_at(&text[at]), at);
    };
    for (const Literal& literal : literals_) {
        each_gram(literal.text, [&](std::uint32_t gram, std::size_t) { ++uses[gram]; });
    }
    for (std::uint32_t number = 0; number < literals_.size(); ++number) {
        std::uint32_t rarest = 0;
        std::uint32_t fewest = UINT32_MAX;
        std::size_t offset = 0;
        each_gram(literals_[number].text, [&](std::uint32_t gram, std::size_t at) {
            const std::uint32_t count = uses[gram];
            if (count >= fewest) return;
            fewest = count;
            rarest = gram;
            offset = at;
        });
        by_gram_[rarest].push_back({number, static_cast<std::uint32_t>(offset)});
        filter_.set(filter_bit(rarest));
    }
}

void LiteralIndex::find(std::string_view text, std::vector<std::uint32_t>& rules) const {
    if (literals_.empty() || text.size() < literal_bytes_min) return;
    const std::string searched = folded(text);
    std::size_t comparisons_left = 8 * literals_.size() + 4 * searched.size();
    std::vector<bool> found(literals_.size());
    for (std::size_t at = 0; at + literal_bytes_min <= searched.size(); ++at) {
        const std::uint32_t gram = gram_at(&searched[at]);
        if (!filter_.test(filter_bit(gram))) continue;
        const auto places = by_gram_.find(gram);
        if (places == by_gram_.end()) continue;
        if (places->second.size() > comparisons_left) {
            for (const Literal& literal : literals_)
                rules.insert(rules.end(), literal.rules.begin(), literal.rules.end());
            return;
        }
        comparisons_left -= places->second.size();
        for (const Place& place : places->second) {
            const Literal& literal = literals_[place.literal];
            if (found[place.literal] || place.offset > at) continue;
            if (searched.compare(at - place.offset, literal.text.size(), literal.text) != 0) continue;
            found[place.literal] = true;
            rules.insert(rules.end(), literal.rules.begin(), literal.rules.end());
        }
    }
}

}  // namespace rockwatch::rules
