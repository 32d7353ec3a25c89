#include "services/logs/pattern_value.hpp"

#include <cctype>
#include <charconv>
#include <cstring>

#include "core/text.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::int64_t regex_memory_max = 8 << 20;
constexpr std::string_view letter_escapes = "dDsSwWtnrfv";

FilterPatternError does_not_compile() {
    const std::string text = "Failed to compile regular expression.";
    return {text, text};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Whether what stands behind a backslash is one of AWS's classes, a character code or an escaped sign. RE2
/// knows more: \b, \pL, \Q.
bool is_known_escape(std::string_view behind) {
    if (behind.empty()) return false;
    if (behind[0] == 'x')
        return behind.size() > 2 && std::isxdigit(behind[1]) != 0 && std::isxdigit(behind[2]) != 0;
    if (is_letter(behind[0]) || is_digit(behind[0]))
        return letter_escapes.find(behind[0]) != std::string_view::npos;
    return true;
}

/// In RE2's words: `{,n}` means from none on.
std::string translated(std::string_view text) {
    std::string regex;
    bool in_class = false;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char c = text[index];
        regex += c;
        if (c == '\\') {
            if (!is_known_escape(text.substr(index + 1))) throw does_not_compile();
            regex += text[++index];
        } else if (c == '[' || c == ']') {
            in_class = c == '[';
        } else if (c == '{' && !in_class && text.substr(index + 1).starts_with(',')) {
            regex += '0';
        }
    }
    return regex;
}

}  // namespace

bool holds(std::string_view text, std::string_view part) {
    if (part.empty() || text.empty()) return part.empty();  // memmem takes no null pointer
    return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

std::optional<double> number_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || (!is_digit(text.front()) && text.front() != '-' && text.front() != '.'))
        return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = end == text.data() + text.size();
    if (!is_whole || error != std::errc{} || is_letter(text.back()))
        return std::nullopt;  // "-inf" ends in a letter
    return number;
}

StarText::StarText(std::string_view text) {
    for (const std::string_view part : split(text, '*')) parts_.emplace_back(part);
}

bool StarText::matches(std::string_view text) const {
    const std::string& first = parts_.front();
    const std::string& last = parts_.back();
    if (parts_.size() == 1) return text == first;
    if (text.size() < first.size() + last.size() || !text.starts_with(first) || !text.ends_with(last))
        return false;
    text = text.substr(first.size(), text.size() - first.size() - last.size());
    for (std::size_t index = 1; index + 1 < parts_.size(); ++index) {
        const auto at = text.find(parts_[index]);
        if (at == std::string_view::npos) return false;
        text.remove_prefix(at + parts_[index].size());
    }
    return true;
}

PatternRegex::PatternRegex(std::string_view text) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(regex_memory_max);
    regex_ = std::make_shared<const RE2>(translated(text), options);
    if (!regex_->ok()) throw does_not_compile();
}

std::optional<Comparison> comparison_of(const Token& token) {
    if (token.kind != Token::Kind::symbol) return std::nullopt;
    if (token.text == "=") return Comparison::equal;
    if (token.text == "!=") return Comparison::not_equal;
    if (token.text == "<") return Comparison::less;
    if (token.text == ">") return Comparison::greater;
    if (token.text == "<=") return Comparison::less_or_equal;
    if (token.text == ">=") return Comparison::greater_or_equal;
    return std::nullopt;
}

bool compare(double left, Comparison comparison, double right) {
    switch (comparison) {
        case Comparison::equal:
            return left == right;
        case Comparison::not_equal:
            return left != right;
        case Comparison::less:
            return left < right;
        case Comparison::greater:
            return left > right;
        case Comparison::less_or_equal:
            return left <= right;
        case Comparison::greater_or_equal:
            return left >= right;
    }
    return false;
}

PatternValue value_of(const Token& token, Comparison comparison) {
    const bool is_value = token.kind == Token::Kind::word || token.kind == Token::Kind::quoted ||
                          token.kind == Token::Kind::regex;
    if (!is_value) throw invalid_pattern();
    PatternValue value{.text = token.text, .quoted = token.kind == Token::Kind::quoted};
    if (token.kind == Token::Kind::word) value.number = number_of(token.text);

    const bool orders = comparison != Comparison::equal && comparison != Comparison::not_equal;
    if (orders && !value.number) throw invalid_characters(token.source);
    if (token.kind == Token::Kind::word && !value.number) {
        // A plus or minus belongs to a number; elsewhere the text must be in quotes.
        const auto sign = token.source.find_first_of("+-");
        if (sign != std::string_view::npos) throw invalid_characters(token.source.substr(0, sign + 1));
        if (token.text == "null") throw invalid_pattern();
    }
    if (token.kind == Token::Kind::regex) {
        value.regex.emplace(token.text);
    } else {
        value.stars.emplace(token.text);
    }
    return value;
}

}  // namespace rockwatch::logs
