#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"

namespace rockwatch::rules {

/// 400 InvalidRule at a JSON pointer of the rule.
InputError invalid_rule(const std::string& message, std::string pointer);

/// `pointer` and one more reference token, escaped as RFC 6901 asks.
std::string pointer_to(std::string_view pointer, std::string_view token);

struct Range {
    double min;
    double max;
};

/// Longest time that a rule may ask for: a day.
inline constexpr double rule_ms_max = 86'400'000;

/// The members of one JSON object of a rule. Members that `known` does not name are errors: a typo must not
/// pass silently. Every reader returns nullopt for an absent member and throws InvalidRule for a wrong type
/// or value.
class Fields {
public:
    Fields(const Json& value, std::string pointer, std::initializer_list<std::string_view> known);

    const Json* find(std::string_view name) const;
    std::string at(std::string_view name) const { return pointer_to(pointer_, name); }
    const std::string& pointer() const { return pointer_; }

    std::optional<std::string> text(std::string_view name) const;
    std::optional<double> number(std::string_view name, Range range) const;
    std::optional<std::int64_t> integer(std::string_view name, Range range) const;
    std::optional<bool> boolean(std::string_view name) const;
    /// ISO 8601 or a number of epoch milliseconds.
    std::optional<Instant> time(std::string_view name) const;

private:
    const Json& value_;
    std::string pointer_;
};

}  // namespace rockwatch::rules
