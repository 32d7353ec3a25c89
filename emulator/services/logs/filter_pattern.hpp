#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rockwatch::logs {

/// A filter pattern that CloudWatch Logs refuses. TestMetricFilter and PutMetricFilter say
/// `metric_filter_text`, FilterLogEvents says `events_text`; they differ for a few (facts/logs.md 5.6).
struct FilterPatternError : std::runtime_error {
    FilterPatternError(std::string metric_filter_text, std::string events_text)
        : std::runtime_error(metric_filter_text),
          metric_filter_text(std::move(metric_filter_text)),
          events_text(std::move(events_text)) {}

    std::string metric_filter_text;
    std::string events_text;
};

/// One kind of pattern, parsed.
class PatternMatcher {
public:
    virtual ~PatternMatcher() = default;
    virtual bool matches(std::string_view message) const = 0;
};

/// A filter pattern: terms (`ERROR -"bad request"`), JSON (`{ $.v > 1 }`) or space-delimited columns
/// (`[ip, status = 4*]`), with `%regular expressions%` in each. One matcher serves every operation that takes
/// a pattern. Matching is pure and thread-safe.
///
/// Source: CloudWatch Logs user guide, filter pattern syntax; recordings named in facts/logs.md 5.
class FilterPattern {
public:
    /// Throws FilterPatternError. White space round the text does not count; an empty one matches everything.
    explicit FilterPattern(std::string_view text);

    bool matches(std::string_view message) const { return matcher_ == nullptr || matcher_->matches(message); }

private:
    std::unique_ptr<const PatternMatcher> matcher_;  // none: everything matches
};

}  // namespace rockwatch::logs
