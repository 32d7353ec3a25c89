#include "control/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/text_time.hpp"
#include "rules/fields.hpp"

namespace rockwatch::control {

namespace {

// 0001-01-01 to 9999-12-31: what ISO 8601 with four digits can say.
constexpr double time_ms_min = -62135596800000.0;
constexpr double time_ms_max = 253402300799999.0;

Instant checked(Instant instant, const std::string& path) {
    const auto ms = static_cast<double>(epoch_ms(instant));
    if (ms < time_ms_min || ms > time_ms_max)
        throw bad_request("InvalidTime", "the time is out of range", path);
    return instant;
}

}  // namespace

InputError bad_request(std::string_view code, const std::string& message, const std::string& path) {
    return {400, std::string(code), message, path};
}

void expect_members(const Json& body, std::initializer_list<std::string_view> known) {
    if (!body.is_object()) throw bad_request("InvalidRequest", "the body must be a JSON object");
    for (const auto& [name, value] : body.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw bad_request("InvalidRequest", fmt::format("unknown member {}", name),
                              rules::pointer_to("", name));
        }
    }
}

Instant read_time(const Json& value, const std::string& path) {
    if (value.is_string()) return parse_time(value.get_ref<const std::string&>(), path);
    if (value.is_number()) {
        const double ms = value.get<double>();
        if (std::isfinite(ms) && ms >= time_ms_min && ms <= time_ms_max) {
            return from_epoch_ms(value.is_number_float() ? std::llround(ms) : value.get<std::int64_t>());
        }
        throw bad_request("InvalidTime", "the time is out of range", path);
    }
    throw bad_request("InvalidTime", "a time is ISO 8601 text or a number of epoch milliseconds", path);
}

Instant parse_time(std::string_view text, const std::string& path) {
    if (const auto instant = parse_iso(text)) return checked(*instant, path);
    std::int64_t ms = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (error == std::errc{} && stop == text.data() + text.size()) {
        const auto as_real = static_cast<double>(ms);
        if (as_real >= time_ms_min && as_real <= time_ms_max) return from_epoch_ms(ms);
    }
    throw bad_request("InvalidTime", "a time is ISO 8601 with Z, or a number of epoch milliseconds", path);
}

std::string read_text(const Json& value, const std::string& path) {
    if (!value.is_string()) throw bad_request("InvalidRequest", "must be a string", path);
    return value.get<std::string>();
}

double read_number(const Json& value, const std::string& path) {
    if (!value.is_number()) throw bad_request("InvalidRequest", "must be a number", path);
    return value.get<double>();
}

std::int64_t read_integer(std::string_view text, const std::string& parameter) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop != text.data() + text.size() || number < 0) {
        throw bad_request("InvalidRequest", "must be a whole number", parameter);
    }
    return number;
}

bool read_flag(const Json& value, const std::string& path) {
    if (!value.is_boolean()) throw bad_request("InvalidRequest", "must be true or false", path);
    return value.get<bool>();
}

double read_real(std::string_view text, const std::string& parameter) {
    double number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop != text.data() + text.size() || !std::isfinite(number)) {
        throw bad_request("InvalidRequest", "must be a number", parameter);
    }
    return number;
}

std::string text_of(const ControlRequest& request, std::string_view name) {
    const std::string* value = request.find(name);
    return value == nullptr ? std::string{} : *value;
}

std::optional<Instant> read_since(const ControlRequest& request) {
    const std::string* text = request.find("since");
    if (text == nullptr) return std::nullopt;
    return parse_time(*text, "/since");
}

std::optional<int> read_http_status(const ControlRequest& request) {
    const std::string* text = request.find("status");
    if (text == nullptr) return std::nullopt;
    const std::int64_t status = read_integer(*text, "/status");
    if (status < 100 || status > 599)
        throw bad_request("InvalidRequest", "an HTTP status is from 100 to 599", "/status");
    return static_cast<int>(status);
}

std::string read_delivery_status(const ControlRequest& request) {
    std::string status = text_of(request, "status");
    constexpr std::array<std::string_view, 4> known = {"delivered", "failed", "captured", "pending"};
    if (request.find("status") != nullptr && std::find(known.begin(), known.end(), status) == known.end()) {
        throw bad_request("InvalidRequest", "the status is delivered, failed, captured or pending",
                          "/status");
    }
    return status;
}

}  // namespace rockwatch::control
