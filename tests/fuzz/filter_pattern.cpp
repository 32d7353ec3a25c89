// Filter patterns: the first line is a pattern, the rest a message. A pattern is refused in both families'
// words or judges every message.

#include "services/logs/filter_pattern.hpp"

#include <optional>

#include "fuzz.hpp"

namespace rockwatch::fuzz {

namespace {

/// Nullopt: refused.
std::optional<bool> verdict(std::string_view pattern, std::string_view message) {
    try {
        const logs::FilterPattern parsed(pattern);
        const bool matches = parsed.matches(message);
        promise(parsed.matches(message) == matches, "a pattern judges a message alike each time");
        return matches;
    } catch (const logs::FilterPatternError& error) {
        promise(!error.metric_filter_text.empty() && !error.events_text.empty(), "a refusal says why");
        return std::nullopt;
    }
}

void filter_pattern(std::string_view bytes) {
    const FirstLine input(bytes);
    const auto found = verdict(input.line, input.rest);
    promise(verdict("\t" + std::string(input.line) + " ", input.rest) == found,
            "white space round a pattern does not count");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(filter_pattern)
