#include "services/logs/json_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include "services/logs/json_tape.hpp"
#include "services/logs/pattern_lexer.hpp"
#include "services/logs/pattern_value.hpp"

namespace rockwatch::logs {

namespace {

using Node = JsonTape::Node;
using Kind = JsonTape::Kind;

constexpr int wildcard_selectors_max = 3;

/// How deep parentheses may stand in each other. Chosen: AWS names no limit; ours is what a worker's stack of
/// 256 KiB holds with ease, and more than anybody reads.
constexpr int parentheses_max = 64;

/// A step of a selector: to a member, to an element, or to all of them.
struct Step {
    enum class To { member, element, all };
    To to = To::member;
    std::string name;
    std::size_t index = 0;
};

using Selector = std::vector<Step>;

/// The selector of a token, whose form the lexer has checked.
Selector selector_of(std::string_view text) {
    Selector steps;
    std::size_t at = 1;
    while (at < text.size()) {
        if (text[at] == '.') ++at;
        if (text[at] == '*') {
            steps.push_back({.to = Step::To::all});
            ++at;
        } else if (text[at] != '[') {
            const auto end = std::min(text.find_first_of(".[", at), text.size());
            steps.push_back({.name = std::string(text.substr(at, end - at))});
            at = end;
        } else if (text[at + 1] == '*') {
            steps.push_back({.to = Step::To::all});
            at += 3;
        } else if (text[at + 1] == '\'' || text[at + 1] == '"') {
            const auto close = text.find(text[at + 1], at + 2);
            steps.push_back({.name = std::string(text.substr(at + 2, close - at - 2))});
            at = close + 2;
        } else {
            const auto close = text.find(']', at);
            Step step{.to = Step::To::element};
            const auto parsed = std::from_chars(text.data() + at + 1, text.data() + close, step.index);
            if (parsed.ec != std::errc{}) throw invalid_pattern();
            steps.push_back(std::move(step));
            at = close + 1;
        }
    }
    if (steps.empty()) throw invalid_pattern();
    return steps;
}

/// Shows the values that a selector leads to until `visit` says true; whether it did.
template <class Visit>
bool any_value(const JsonTape& tape, const Node& node, std::span<const Step> steps, const Visit& visit) {
    if (steps.empty()) return visit(node);
    const Step& step = steps.front();
    const auto rest = steps.subspan(1);
    if (step.to == Step::To::all) {
        bool met = false;
        tape.children(node, [&](const Node& child) {
            met = any_value(tape, child, rest, visit);
            return !met;
        });
        return met;
    }
    const Node* next =
        step.to == Step::To::member ? tape.member(node, step.name) : tape.element(node, step.index);
    return next != nullptr && any_value(tape, *next, rest, visit);
}

struct Condition {
    enum class Test { compares, is_null, is_true, is_false, not_exists };
    Selector selector;
    Test test = Test::compares;
    Comparison comparison = Comparison::equal;
    PatternValue value;

    bool holds_for(const JsonTape& tape) const {
        if (test == Test::not_exists) {
            return !any_value(tape, tape.root(), selector, [](const Node&) { return true; });
        }
        return any_value(tape, tape.root(), selector, [&](const Node& node) { return meets(tape, node); });
    }

    bool meets(const JsonTape& tape, const Node& node) const {
        switch (test) {
            case Test::is_null:
                return is_null_or_holds_null(tape, node);
            case Test::is_true:
                return node.kind == Kind::true_value;
            case Test::is_false:
                return node.kind == Kind::false_value;
            default:
                return compares(node);
        }
    }

    static bool is_null_or_holds_null(const JsonTape& tape, const Node& node) {
        if (node.kind == Kind::null) return true;
        bool holds_null = false;
        if (node.kind != Kind::array) return false;
        tape.children(node, [&](const Node& child) {
            holds_null = child.kind == Kind::null;
            return !holds_null;
        });
        return holds_null;
    }

    /// Only numbers and strings compare, and only numbers have an order (facts/logs.md 5.3, recorded).
    bool compares(const Node& node) const {
        const bool by_order = comparison != Comparison::equal && comparison != Comparison::not_equal;
        if (node.kind == Kind::number && value.number) {
            const auto number = number_of(node.text);
            return number && compare(*number, comparison, *value.number);
        }
        if (by_order || (node.kind != Kind::number && node.kind != Kind::string)) return false;
        std::string buffer;
        return value.meets(JsonTape::characters(node, buffer)) == (comparison == Comparison::equal);
    }
};

/// A condition, or several joined.
struct Expression {
    enum class Join { none, all, any };
    Join join = Join::none;
    Condition condition;
    std::vector<Expression> parts;

    bool holds_for(const JsonTape& tape) const {
        if (join == Join::none) return condition.holds_for(tape);
        for (const Expression& part : parts) {
            if (part.holds_for(tape) == (join == Join::any)) return join == Join::any;
        }
        return join == Join::all;
    }
};

/// The longest text that a message must hold for the expression to be met, unless it writes characters as
/// escapes.
std::string_view needed_text(const Expression& expression) {
    if (expression.join == Expression::Join::any) return {};
    std::string_view longest;
    const auto consider = [&](std::string_view text) {
        if (text.size() > longest.size()) longest = text;
    };
    for (const Expression& part : expression.parts) consider(needed_text(part));
    const Condition& condition = expression.condition;
    if (expression.join != Expression::Join::none || condition.test == Condition::Test::not_exists)
        return longest;
    for (const Step& step : condition.selector) consider(step.name);
    const bool is_text = condition.test == Condition::Test::compares &&
                         condition.comparison == Comparison::equal && !condition.value.number &&
                         condition.value.stars && condition.value.stars->is_literal();
    if (is_text) consider(condition.value.text);
    return longest;
}

class JsonPattern : public PatternMatcher {
public:
    explicit JsonPattern(Expression expression)
        : expression_(std::move(expression)), needed_(needed_text(expression_)) {}

    bool matches(std::string_view message) const override {
        if (!holds(message, needed_) && message.find('\\') == std::string_view::npos) return false;
        const auto tape = JsonTape::parse(message);
        return tape && tape->root().kind == Kind::object && expression_.holds_for(*tape);
    }

private:
    Expression expression_;
    std::string needed_;
};

/// Recursive descent over the grammar of facts/logs.md 5.3; a pattern has at most 1,024 characters.
class JsonPatternParser {
public:
    explicit JsonPatternParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Expression run() {
        expect("{");
        Expression expression = alternatives();
        expect("}");
        if (peek().kind != Token::Kind::end) throw invalid_pattern();
        check_regex_count(regex_count_);
        return expression;
    }

private:
    const Token& peek() const { return tokens_[at_]; }
    bool is_symbol(std::string_view text) const {
        return peek().kind == Token::Kind::symbol && peek().text == text;
    }
    bool is_word(std::string_view text) const {
        return peek().kind == Token::Kind::word && peek().text == text;
    }
    bool take_symbol(std::string_view text) {
        const bool is_it = is_symbol(text);
        if (is_it) ++at_;
        return is_it;
    }
    void expect(std::string_view text) {
        if (!take_symbol(text)) throw invalid_pattern();
    }

    Expression alternatives() {
        Expression any{.join = Expression::Join::any};
        do any.parts.push_back(conjunction());
        while (take_symbol("||"));
        return any.parts.size() == 1 ? std::move(any.parts.front()) : std::move(any);
    }

    Expression conjunction() {
        Expression all{.join = Expression::Join::all};
        do all.parts.push_back(primary());
        while (take_symbol("&&"));
        return all.parts.size() == 1 ? std::move(all.parts.front()) : std::move(all);
    }

    Expression primary() {
        if (!take_symbol("(")) return {.condition = condition()};
        if (++depth_ > parentheses_max) throw invalid_pattern();
        Expression inner = alternatives();
        expect(")");
        --depth_;
        return inner;
    }

    Condition condition() {
        if (peek().kind != Token::Kind::selector) throw invalid_pattern();
        Condition condition{.selector = selector_of(peek().text)};
        check_wildcards(condition.selector);
        ++at_;
        if (is_word("IS")) {
            ++at_;
            condition.test = is_what();
        } else if (is_word("NOT")) {
            ++at_;
            if (!is_word("EXISTS")) throw invalid_pattern();
            condition.test = Condition::Test::not_exists;
        } else {
            const auto comparison = comparison_of(peek());
            if (!comparison) throw invalid_pattern();
            ++at_;
            condition.comparison = *comparison;
            condition.value = value_of(peek(), *comparison);
            regex_count_ += condition.value.regex ? 1 : 0;
        }
        ++at_;
        return condition;
    }

    Condition::Test is_what() const {
        if (is_word("NULL")) return Condition::Test::is_null;
        if (is_word("TRUE")) return Condition::Test::is_true;
        if (is_word("FALSE")) return Condition::Test::is_false;
        // Recorded for IS NOT: the two families of calls answer differently.
        throw FilterPatternError(invalid_characters(peek().source).metric_filter_text,
                                 invalid_pattern().events_text);
    }

    void check_wildcards(const Selector& selector) {
        int wildcards = 0;
        for (const Step& step : selector) wildcards += step.to == Step::To::all ? 1 : 0;
        if (wildcards > 1) {
            const std::string text =
                "Your filter pattern has a JSON path selector that exceeds the maximum of 1 "
                "wildcard allowed per json selector.";
            throw FilterPatternError(text, text);
        }
        wildcard_selectors_ += wildcards;
        if (wildcard_selectors_ > wildcard_selectors_max) {
            const std::string text =
                "Your input has exceeded the maximum of 3 JSON wildcard selectors allowed per filter "
                "pattern.";
            throw FilterPatternError(text, text);
        }
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t regex_count_ = 0;
    int wildcard_selectors_ = 0;
    int depth_ = 0;
};

}  // namespace

std::unique_ptr<const PatternMatcher> parse_json_pattern(std::string_view text) {
    return std::make_unique<JsonPattern>(JsonPatternParser(tokens_of(text)).run());
}

}  // namespace rockwatch::logs
