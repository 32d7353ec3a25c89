#include "services/logs/term_pattern.hpp"

#include <algorithm>
#include <vector>

#include "services/logs/pattern_lexer.hpp"
#include "services/logs/pattern_value.hpp"

namespace rockwatch::logs {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// A term: characters that a message holds, or a regular expression found in it.
struct Term {
    std::string text;
    std::optional<PatternRegex> regex;

    bool is_in(std::string_view message) const {
        return regex ? regex->matches(message) : holds(message, text);
    }
};

/// All of `required`, none of `excluded`; `any` counts when there are no others (facts/logs.md 5.1).
class TermPattern : public PatternMatcher {
public:
    std::vector<Term> required;
    std::vector<Term> excluded;
    std::vector<Term> any;

    /// Puts the term first that most messages lack: characters before expressions, the longest before all.
    void order() {
        std::stable_sort(required.begin(), required.end(), [](const Term& a, const Term& b) {
            if (a.regex.has_value() != b.regex.has_value()) return !a.regex.has_value();
            return a.text.size() > b.text.size();
        });
    }

    bool matches(std::string_view message) const override {
        const auto is_in = [&](const Term& term) { return term.is_in(message); };
        if (required.empty() && excluded.empty())
            return any.empty() || std::any_of(any.begin(), any.end(), is_in);
        return std::all_of(required.begin(), required.end(), is_in) &&
               std::none_of(excluded.begin(), excluded.end(), is_in);
    }
};

/// Reads one term after the other.
class TermParser {
public:
    explicit TermParser(std::string_view text) : text_(text) {}

    std::unique_ptr<const PatternMatcher> run() {
        auto pattern = std::make_unique<TermPattern>();
        for (skip_blanks(); at_ < text_.size(); skip_blanks()) term(*pattern);
        pattern->order();
        return pattern;
    }

private:
    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    void term(TermPattern& pattern) {
        const char mark = text_[at_];
        const bool is_marked = (mark == '-' || mark == '?') && (at_ == 0 || is_blank(text_[at_ - 1]));
        if (!is_marked) {
            pattern.required.push_back(operand());
            return;
        }
        const std::size_t start = at_++;
        if (mark == '-') skip_blanks();  // the guide of 2021 writes - "a b"
        if (at_ >= text_.size()) throw invalid_characters(text_.substr(start));
        (mark == '-' ? pattern.excluded : pattern.any).push_back(operand());
    }

    Term operand() {
        if (text_[at_] == '"') return {take_quoted(text_, at_), {}};
        if (text_[at_] == '%') {
            std::string regex = take_regex(text_, at_);
            check_regex_count(++regex_count_);
            return {{}, PatternRegex(regex)};
        }
        return {word(), {}};
    }

    /// Letters, digits, underscores and inner hyphens.
    std::string word() {
        const std::size_t start = at_;
        while (at_ < text_.size()) {
            const bool inner_hyphen =
                text_[at_] == '-' && at_ > start && at_ + 1 < text_.size() && is_word(text_[at_ + 1]);
            if (!is_word(text_[at_]) && !inner_hyphen) break;
            ++at_;
        }
        if (at_ == start) throw invalid_characters(text_.substr(at_, character_length(text_.substr(at_))));
        return std::string(text_.substr(start, at_ - start));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t regex_count_ = 0;
};

}  // namespace

std::unique_ptr<const PatternMatcher> parse_term_pattern(std::string_view text) {
    return TermParser(text).run();
}

}  // namespace rockwatch::logs
