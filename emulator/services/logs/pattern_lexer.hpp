#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/logs/filter_pattern.hpp"

/// What the three kinds of filter patterns have in common: refusals, quoted texts, regular expressions,
/// tokens.
namespace rockwatch::logs {

/// `Invalid character(s) in term '...'`: from the start of a token to the character that does not fit.
FilterPatternError invalid_characters(std::string_view fragment);
/// The pattern is not of the grammar.
FilterPatternError invalid_pattern();

/// The text in quotes that starts at `at`, without quotes and escapes; `at` moves behind it. Throws when it
/// does not end.
std::string take_quoted(std::string_view pattern, std::size_t& at);

/// The regular expression between percent signs that starts at `at`; `at` moves behind it. Throws when it
/// does not end or holds a character outside the subset that AWS takes.
std::string take_regex(std::string_view pattern, std::size_t& at);

/// Throws when a pattern has more regular expressions than AWS takes.
void check_regex_count(std::size_t count);

/// Bytes that the UTF-8 character at the front of `text` takes; 1 when it is broken.
std::size_t character_length(std::string_view text);

struct Token {
    enum class Kind {
        symbol,    ///< { } [ ] ( ) , && || = != < > <= >=
        word,      ///< NULL, 404, 4*, name, ...
        quoted,    ///< `text` is what the quotes hold
        regex,     ///< `text` is what the percent signs hold
        selector,  ///< $.a.b, as written
        end,
    };
    Kind kind = Kind::end;
    std::string text;
    std::string_view source;  ///< as it stands in the pattern
};

/// Cuts a JSON or column pattern into tokens; the last is `end`. `source` points into `pattern`.
std::vector<Token> tokens_of(std::string_view pattern);

}  // namespace rockwatch::logs
