#pragma once

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/logs/pattern_lexer.hpp"

/// What a filter pattern compares with.
namespace rockwatch::logs {

/// Whether `text` holds `part`.
bool holds(std::string_view text, std::string_view part);

/// A number as patterns and JSON write it: sign, decimals, exponent; nullopt when the whole text is not one.
std::optional<double> number_of(std::string_view text);

/// Text in which `*` stands for any run of characters. `?` is a character like any other.
///
/// Chosen: a star in the middle is a wildcard too. The guide of 2021 says that it is literal there, later
/// ones are silent, other implementations that were compared with AWS take it as a wildcard (facts/logs.md
/// 11).
class StarText {
public:
    explicit StarText(std::string_view text);
    bool matches(std::string_view text) const;
    /// Whether it stands for itself alone.
    bool is_literal() const { return parts_.size() == 1; }

private:
    std::vector<std::string> parts_;  // what stands between the stars
};

/// A regular expression of the subset that filter patterns take, found anywhere in a text; `^` and `$` mean
/// the whole text.
class PatternRegex {
public:
    /// Throws FilterPatternError when it does not compile.
    explicit PatternRegex(std::string_view text);
    bool matches(std::string_view text) const {
        return RE2::PartialMatch({text.data(), text.size()}, *regex_);
    }

private:
    std::shared_ptr<const RE2> regex_;  // shared: patterns are copied into conditions, RE2 can't be
};

enum class Comparison { equal, not_equal, less, greater, less_or_equal, greater_or_equal };

/// Nullopt when the token is no comparison.
std::optional<Comparison> comparison_of(const Token& token);

bool compare(double left, Comparison comparison, double right);

/// The right side of a comparison.
struct PatternValue {
    std::string text;  ///< as compared with characters
    bool quoted = false;
    std::optional<double> number;  ///< an unquoted number
    std::optional<StarText> stars;
    std::optional<PatternRegex> regex;

    /// Whether characters meet it.
    bool meets(std::string_view characters) const {
        return regex ? regex->matches(characters) : stars->matches(characters);
    }
};

/// Throws FilterPatternError when the token can't stand to the right of `comparison`.
PatternValue value_of(const Token& token, Comparison comparison);

}  // namespace rockwatch::logs
