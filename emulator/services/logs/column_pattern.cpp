#include "services/logs/column_pattern.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "services/logs/pattern_lexer.hpp"
#include "services/logs/pattern_value.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::string_view any_columns = "...";

struct Field {
    std::string_view text;
    std::size_t start = 0;  ///< where it starts in the message, bracket or quote included
};

/// Finds where fields close that start with a bracket or a quote. A closing sign that was found once is not
/// looked for again: a message of many open brackets would cost the square of its length.
class Closings {
public:
    explicit Closings(std::string_view message) : message_(message) {}

    /// npos when the field at `at` is ordinary text.
    std::size_t of(std::size_t at) {
        if (message_[at] == '[') return ending_field(next(']', at, bracket_));
        if (message_[at] == '"') return ending_field(next('"', at, quote_));
        return std::string_view::npos;
    }

private:
    std::size_t next(char sign, std::size_t at, std::size_t& known) const {
        if (known <= at) known = message_.find(sign, at + 1);
        return known;
    }

    /// A closing sign ends a field only before a blank or the end.
    std::size_t ending_field(std::size_t close) const {
        const bool ends =
            close != std::string_view::npos &&
            (close + 1 == message_.size() || message_[close + 1] == ' ' || message_[close + 1] == '\t');
        return ends ? close : std::string_view::npos;
    }

    std::string_view message_;
    std::size_t bracket_ = 0;  // the last ones found; npos: none is left
    std::size_t quote_ = 0;
};

/// Fields stand between blanks and tabs; brackets and quotes hold one together and are taken off.
std::vector<Field> fields_of(std::string_view message) {
    std::vector<Field> fields;
    Closings closings(message);
    std::size_t at = message.find_first_not_of(" \t");
    while (at != std::string_view::npos && at < message.size()) {
        const auto close = closings.of(at);
        std::size_t end = close + 1;
        if (close == std::string_view::npos) {
            end = std::min(message.find_first_of(" \t", at), message.size());
            fields.push_back({message.substr(at, end - at), at});
        } else {
            fields.push_back({message.substr(at + 1, close - at - 1), at});
        }
        at = message.find_first_not_of(" \t", end);
    }
    return fields;
}

struct Condition {
    std::string column;
    Comparison comparison = Comparison::equal;
    PatternValue value;

    bool holds_for(std::string_view field) const {
        const auto number = value.number ? number_of(field) : std::nullopt;
        if (number) return compare(*number, comparison, *value.number);
        if (comparison != Comparison::equal && comparison != Comparison::not_equal) return false;
        return value.meets(field) == (comparison == Comparison::equal);
    }
};

/// The conditions of a slot: `any` of `all`.
using Conjunction = std::vector<Condition>;
using Alternatives = std::vector<Conjunction>;

class ColumnPattern : public PatternMatcher {
public:
    std::vector<std::string> before;       ///< names of the columns before `...`; empty: nameless
    std::vector<std::string> after;        ///< and behind it
    bool has_gap = false;                  ///< whether there is a `...`
    std::vector<Alternatives> conditions;  ///< all must hold

    bool matches(std::string_view message) const override {
        if (before.empty() && after.empty()) return true;
        std::vector<Field> fields = fields_of(message);
        const std::size_t named = before.size() + after.size();
        if (fields.size() < named) return false;
        if (!has_gap && fields.size() > named) {
            fields[named - 1].text = message.substr(fields[named - 1].start);  // the rest, as it is
        }
        return std::all_of(conditions.begin(), conditions.end(), [&](const Alternatives& alternatives) {
            return std::any_of(alternatives.begin(), alternatives.end(), [&](const Conjunction& conjunction) {
                return std::all_of(conjunction.begin(), conjunction.end(), [&](const Condition& condition) {
                    return condition.holds_for(field_named(condition.column, fields));
                });
            });
        });
    }

private:
    /// The parser has seen to it that there is one.
    std::string_view field_named(const std::string& name, const std::vector<Field>& fields) const {
        const auto front = std::find(before.begin(), before.end(), name);
        if (front != before.end()) return fields[static_cast<std::size_t>(front - before.begin())].text;
        const auto back = std::find(after.begin(), after.end(), name);
        const std::size_t first = fields.size() - after.size();
        return fields[first + static_cast<std::size_t>(back - after.begin())].text;
    }
};

/// [slot, slot, ...] with slot = nothing | ... | name | name op value { (&& or ||) name op value }.
class ColumnPatternParser {
public:
    explicit ColumnPatternParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    std::unique_ptr<const PatternMatcher> run() {
        expect("[");
        if (!take_symbol("]")) {
            do slot();
            while (take_symbol(","));
            expect("]");
        }
        if (peek().kind != Token::Kind::end) throw invalid_pattern();
        check_regex_count(regex_count_);
        check_columns();
        return std::move(pattern_);
    }

private:
    const Token& peek() const { return tokens_[at_]; }
    bool is_symbol(std::string_view text) const {
        return peek().kind == Token::Kind::symbol && peek().text == text;
    }
    bool take_symbol(std::string_view text) {
        const bool is_it = is_symbol(text);
        if (is_it) ++at_;
        return is_it;
    }
    void expect(std::string_view text) {
        if (!take_symbol(text)) throw invalid_pattern();
    }

    void slot() {
        std::string name;
        const bool is_empty = is_symbol(",") || is_symbol("]");
        if (!is_empty) {
            if (peek().kind != Token::Kind::word) throw invalid_pattern();
            name = peek().text;
            if (!names_.insert(name).second) throw duplicate(name);
            if (name == any_columns) {
                ++at_;
                pattern_->has_gap = true;
                return;
            }
            if (name.find_first_of("*.+") != std::string::npos) throw invalid_characters(peek().source);
            conditions();
        }
        (pattern_->has_gap ? pattern_->after : pattern_->before).push_back(std::move(name));
    }

    static FilterPatternError duplicate(const std::string& name) {
        const std::string text = "Duplicate field '" + name + "'";
        return {text, text};
    }

    /// The slot's name, alone or with conditions.
    void conditions() {
        const Token& next = tokens_[at_ + 1];
        if (!comparison_of(next)) {
            ++at_;
            return;
        }
        Alternatives alternatives;
        do {
            Conjunction& conjunction = alternatives.emplace_back();
            do conjunction.push_back(condition());
            while (take_symbol("&&"));
        } while (take_symbol("||"));
        pattern_->conditions.push_back(std::move(alternatives));
    }

    Condition condition() {
        if (peek().kind != Token::Kind::word) throw invalid_pattern();
        Condition condition{.column = tokens_[at_++].text};
        const auto comparison = comparison_of(peek());
        if (!comparison) throw invalid_pattern();
        ++at_;
        condition.comparison = *comparison;
        condition.value = value_of(peek(), *comparison);
        regex_count_ += condition.value.regex ? 1 : 0;
        ++at_;
        return condition;
    }

    /// A condition may speak of any column, also of a later one.
    void check_columns() const {
        for (const Alternatives& alternatives : pattern_->conditions) {
            for (const Conjunction& conjunction : alternatives) {
                for (const Condition& condition : conjunction) {
                    const bool is_known =
                        condition.column != any_columns && names_.contains(condition.column);
                    if (!is_known) throw invalid_pattern();
                }
            }
        }
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t regex_count_ = 0;
    std::set<std::string> names_;
    std::unique_ptr<ColumnPattern> pattern_ = std::make_unique<ColumnPattern>();
};

}  // namespace

std::unique_ptr<const PatternMatcher> parse_column_pattern(std::string_view text) {
    return ColumnPatternParser(tokens_of(text)).run();
}

}  // namespace rockwatch::logs
