#include "services/logs/filter_pattern.hpp"

#include "services/logs/column_pattern.hpp"
#include "services/logs/json_pattern.hpp"
#include "services/logs/term_pattern.hpp"

namespace rockwatch::logs {

FilterPattern::FilterPattern(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return;
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    if (text.front() == '{') {
        matcher_ = parse_json_pattern(text);
    } else if (text.front() == '[') {
        matcher_ = parse_column_pattern(text);
    } else {
        matcher_ = parse_term_pattern(text);
    }
}

}  // namespace rockwatch::logs
