#include "rules/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text_time.hpp"

namespace rockwatch::rules {

namespace {

constexpr std::int64_t epoch_ms_max = 253'402'300'799'999;  // the end of the year 9999

InputError wrong_type(std::string_view wanted, const Json& found, std::string pointer) {
    return invalid_rule(fmt::format("must be {}, not {}", wanted, found.type_name()), std::move(pointer));
}

std::string shown(double value) {
    return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                                : fmt::format("{}", value);
}

}  // namespace

InputError invalid_rule(const std::string& message, std::string pointer) {
    return {400, "InvalidRule", message, std::move(pointer)};
}

std::string pointer_to(std::string_view pointer, std::string_view token) {
    std::string text(pointer);
    text += '/';
    for (const char letter : token) {
        if (letter == '~') {
            text += "~0";
        } else if (letter == '/') {
            text += "~1";
        } else {
            text += letter;
        }
    }
    return text;
}

Fields::Fields(const Json& value, std::string pointer, std::initializer_list<std::string_view> known)
    : value_(value), pointer_(std::move(pointer)) {
    if (!value.is_object()) throw wrong_type("an object", value, pointer_);
    for (const auto& [name, member] : value.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw invalid_rule(fmt::format("unknown member; known here: {}", fmt::join(known, ", ")),
                               at(name));
        }
    }
}

const Json* Fields::find(std::string_view name) const {
    const auto found = value_.find(name);
    return found == value_.end() ? nullptr : &*found;
}

std::optional<std::string> Fields::text(std::string_view name) const {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) throw wrong_type("a string", *found, at(name));
    return found->get<std::string>();
}

std::optional<double> Fields::number(std::string_view name, Range range) const {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_number()) throw wrong_type("a number", *found, at(name));
    const double value = found->get<double>();
    if (!(value >= range.min && value <= range.max)) {
        throw invalid_rule(fmt::format("must be from {} to {}", shown(range.min), shown(range.max)),
                           at(name));
    }
    return value;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, Range range) const {
    const auto value = number(name, range);
    if (!value) return std::nullopt;
    if (*value != std::floor(*value)) throw invalid_rule("must be a whole number", at(name));
    return static_cast<std::int64_t>(*value);
}

std::optional<bool> Fields::boolean(std::string_view name) const {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_boolean()) throw wrong_type("true or false", *found, at(name));
    return found->get<bool>();
}

std::optional<Instant> Fields::time(std::string_view name) const {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    if (found->is_number_integer()) {
        const double value = found->get<double>();
        if (value >= 0 && value <= static_cast<double>(epoch_ms_max))
            return from_epoch_ms(found->get<std::int64_t>());
    }
    if (found->is_string()) {
        if (const auto instant = parse_iso(found->get_ref<const std::string&>())) return instant;
    }
    throw invalid_rule("must be a time: 2026-01-01T00:00:00Z, or epoch milliseconds", at(name));
}

}  // namespace rockwatch::rules
