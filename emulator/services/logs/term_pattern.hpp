#pragma once

#include <memory>
#include <string_view>

#include "services/logs/filter_pattern.hpp"

namespace rockwatch::logs {

/// Throws FilterPatternError.
std::unique_ptr<const PatternMatcher> parse_term_pattern(std::string_view text);

}  // namespace rockwatch::logs
