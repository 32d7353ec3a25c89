#include "protocol/pattern.hpp"

#include <re2/re2.h>

#include <charconv>

namespace rockwatch {

namespace {

constexpr int repeats_max = 1000;  // RE2's own limit
constexpr std::int64_t memory_max = 32 << 20;

/// {1,2048} as {1,}: an upper bound that RE2 refuses.
std::string without_large_bounds(const std::string& pattern) {
    std::string result;
    for (std::size_t index = 0; index < pattern.size();) {
        const std::size_t close = pattern[index] == '{' ? pattern.find('}', index) : std::string::npos;
        const std::size_t comma = close == std::string::npos ? close : pattern.find(',', index);
        int bound = 0;
        if (comma < close) std::from_chars(pattern.data() + comma + 1, pattern.data() + close, bound);
        if (comma < close && bound > repeats_max) {
            result.append(pattern, index, comma + 1 - index).append("}");
            index = close + 1;
        } else {
            result += pattern[index++];
        }
    }
    return result;
}

/// Java's \u00FF as RE2's \x{00FF}.
std::string with_code_points(const std::string& pattern) {
    constexpr std::size_t digits = 4;
    std::string result;
    for (std::size_t index = 0; index < pattern.size();) {
        if (pattern[index] != '\\' || index + 1 == pattern.size()) {
            result += pattern[index++];
        } else if (pattern[index + 1] == 'u' && index + 2 + digits <= pattern.size()) {
            result.append("\\x{").append(pattern, index + 2, digits).append("}");
            index += 2 + digits;
        } else {
            result.append(pattern, index, 2);
            index += 2;
        }
    }
    return result;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> expression) : expression_(std::move(expression)) {}
Pattern::~Pattern() = default;

std::unique_ptr<Pattern> Pattern::compile(const std::string& java_pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(memory_max);
    auto expression = std::make_unique<RE2>(with_code_points(without_large_bounds(java_pattern)), options);
    if (!expression->ok()) return nullptr;
    return std::unique_ptr<Pattern>(new Pattern(std::move(expression)));
}

bool Pattern::matches(std::string_view text) const {
    return RE2::FullMatch({text.data(), text.size()}, *expression_);
}

}  // namespace rockwatch
