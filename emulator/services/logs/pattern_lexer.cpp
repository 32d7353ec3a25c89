#include "services/logs/pattern_lexer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rockwatch::logs {

namespace {

constexpr std::size_t regex_max = 2;
constexpr std::string_view regex_literals = ":_#=@/;,-";
constexpr std::string_view regex_operators = "^$?[]{}|\\*+.";

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_word(char c) {
    return is_letter_or_digit(c) || c == '_' || c == '*' || c == '.' || c == '+' || c == '-';
}
bool is_name(char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Walks through one pattern.
class Lexer {
public:
    explicit Lexer(std::string_view pattern) : pattern_(pattern) {}

    std::vector<Token> run() {
        std::vector<Token> tokens;
        for (;;) {
            while (at_ < pattern_.size() && is_blank(pattern_[at_])) ++at_;
            const std::size_t start = at_;
            Token token = next();
            token.source = pattern_.substr(start, at_ - start);
            tokens.push_back(std::move(token));
            if (tokens.back().kind == Token::Kind::end) return tokens;
        }
    }

private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
    }

    /// The fragment from `start` up to and with the character where we stand.
    FilterPatternError refused(std::size_t start) const {
        const std::size_t end = std::min(
            pattern_.size(), at_ + character_length(pattern_.substr(std::min(at_, pattern_.size()))));
        return invalid_characters(pattern_.substr(start, end - start));
    }

    Token next() {
        if (at_ >= pattern_.size()) return {};
        const char c = peek();
        if (c == '"') return {Token::Kind::quoted, take_quoted(pattern_, at_), {}};
        if (c == '%') return {Token::Kind::regex, take_regex(pattern_, at_), {}};
        if (c == '$') return selector();
        if (is_word(c)) return word();
        return symbol();
    }

    Token symbol() {
        static constexpr std::string_view doubles[] = {"&&", "||", "!=", "<=", ">="};
        for (const std::string_view text : doubles) {
            if (!pattern_.substr(at_).starts_with(text)) continue;
            at_ += text.size();
            return {Token::Kind::symbol, std::string(text), {}};
        }
        const char c = peek();
        if (std::string_view("{}[](),=<>").find(c) != std::string_view::npos) {
            ++at_;
            return {Token::Kind::symbol, std::string(1, c), {}};
        }
        const std::size_t start = at_;
        const bool half_a_symbol = (c == '!' || c == '&' || c == '|') && at_ + 1 < pattern_.size();
        if (half_a_symbol) ++at_;
        throw refused(start);
    }

    Token word() {
        const std::size_t start = at_;
        while (is_word(peek())) ++at_;
        return {Token::Kind::word, std::string(pattern_.substr(start, at_ - start)), {}};
    }

    /// A path: the steps are read again when the condition is built, here they are only checked.
    Token selector() {
        const std::size_t start = at_++;
        for (;;) {
            if (peek() == '[') {
                bracket();
            } else if (peek() == '.') {
                ++at_;
                if (peek() == '[') continue;
                if (peek() == '*') {
                    ++at_;
                    continue;
                }
                if (!is_name(peek())) throw refused(start);
                while (is_name(peek())) ++at_;
            } else {
                break;
            }
        }
        return {Token::Kind::selector, std::string(pattern_.substr(start, at_ - start)), {}};
    }

    /// [0], [*], ['any text'], ["any text"]
    void bracket() {
        const std::size_t start = at_++;
        const char c = peek();
        if (c == '*') {
            ++at_;
        } else if (c == '\'' || c == '"') {
            const auto close = pattern_.find(c, at_ + 1);
            at_ = close == std::string_view::npos ? pattern_.size() : close + 1;
        } else {
            if (c < '0' || c > '9') throw refused(start);
            while (peek() >= '0' && peek() <= '9') ++at_;
        }
        if (peek() != ']') throw refused(start);
        ++at_;
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
};

}  // namespace

FilterPatternError invalid_characters(std::string_view fragment) {
    const std::string text = fmt::format("Invalid character(s) in term '{}'", fragment);
    return {text, text};
}

FilterPatternError invalid_pattern() { return {"Invalid metric filter pattern", "Invalid filter pattern"}; }

void check_regex_count(std::size_t count) {
    if (count <= regex_max) return;
    const std::string text =
        "Your input has exceeded the maximum of 2 regular expressions per filter pattern.";
    throw FilterPatternError(text, text);
}

std::size_t character_length(std::string_view text) {
    if (text.empty()) return 0;
    std::size_t length = 1;
    const bool is_multibyte = (static_cast<unsigned char>(text[0]) & 0xC0U) == 0xC0U;
    while (is_multibyte && length < text.size() &&
           (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
        ++length;
    return length;
}

std::string take_quoted(std::string_view pattern, std::size_t& at) {
    std::string text;
    for (std::size_t index = at + 1; index < pattern.size(); ++index) {
        const bool escapes = pattern[index] == '\\' && index + 1 < pattern.size() &&
                             (pattern[index + 1] == '"' || pattern[index + 1] == '\\');
        if (escapes) {
            text += pattern[++index];
        } else if (pattern[index] == '"') {
            at = index + 1;
            return text;
        } else {
            text += pattern[index];
        }
    }
    throw invalid_characters(pattern.substr(at));
}

std::string take_regex(std::string_view pattern, std::size_t& at) {
    for (std::size_t index = at + 1; index < pattern.size(); ++index) {
        const char c = pattern[index];
        if (c == '%') {
            std::string text(pattern.substr(at + 1, index - at - 1));
            at = index + 1;
            return text;
        }
        if (c == '\\' && index + 1 < pattern.size() &&
            static_cast<unsigned char>(pattern[index + 1]) < 0x80) {
            ++index;
            continue;
        }
        const bool allowed = is_letter_or_digit(c) || regex_literals.find(c) != std::string_view::npos ||
                             regex_operators.find(c) != std::string_view::npos;
        if (!allowed)
            throw invalid_characters(
                pattern.substr(at, index - at + character_length(pattern.substr(index))));
    }
    throw invalid_characters(pattern.substr(at));
}

std::vector<Token> tokens_of(std::string_view pattern) { return Lexer(pattern).run(); }

}  // namespace rockwatch::logs
