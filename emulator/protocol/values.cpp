#include "protocol/values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "core/text.hpp"
#include "core/text_time.hpp"

namespace rockwatch {

namespace {

constexpr std::int64_t ms_min = -62'135'596'800'000;  // year 1
constexpr std::int64_t ms_max = 253'402'300'799'999;  // year 9999

std::string_view type_name(ShapeType type) {
    switch (type) {
        case ShapeType::integer:
            return "Integer";
        case ShapeType::long_:
            return "Long";
        case ShapeType::float_:
            return "Float";
        case ShapeType::double_:
            return "Double";
        case ShapeType::boolean:
            return "Boolean";
        case ShapeType::timestamp:
            return "Date";
        case ShapeType::blob:
            return "Blob";
        default:
            return "String";
    }
}

/// As XML and forms may be laid out.
std::string_view trimmed(std::string_view text) { return trim(text, " \t\r\n"); }

/// from_chars knows no plus; of two signs neither is one.
std::string_view without_plus(std::string_view text) {
    return text.starts_with('+') && !text.starts_with("+-") ? text.substr(1) : text;
}

std::optional<std::int64_t> integer_of(std::string_view text, ShapeType type) {
    std::int64_t number = 0;
    text = without_plus(text);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    using Limits = std::numeric_limits<std::int32_t>;
    if (type == ShapeType::integer && (number < Limits::min() || number > Limits::max())) return std::nullopt;
    return number;
}

std::optional<double> double_of(std::string_view text) {
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<double>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
    text = without_plus(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    // C++ reads more spellings of these than AWS has: inf, nan(1).
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

/// Any of the three formats: clients differ, and each is unmistakable.
std::optional<std::int64_t> time_of(std::string_view text) {
    std::optional<Instant> instant = parse_iso(text);
    if (!instant) instant = parse_http_date(text);
    if (instant) return epoch_ms(*instant);
    const auto number = double_of(text);
    return number ? milliseconds_of_seconds(*number) : std::nullopt;
}

}  // namespace

std::string Place::pointer() const {
    std::string part;
    if (is_index()) {
        part = std::to_string(index_);
    } else {
        for (const char letter : name_)
            part += letter == '~' ? "~0" : letter == '/' ? "~1" : std::string(1, letter);
    }
    return (up_ == nullptr ? "" : up_->pointer()) + "/" + part;
}

std::string Place::dotted() const {
    if (up_ == nullptr) return {};
    const std::string before = up_->dotted();
    if (is_index()) return fmt::format("{}.{}.member", before, index_ + 1);
    std::string name(name_);
    if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] = static_cast<char>(name[0] + ('a' - 'A'));
    return before.empty() ? name : before + "." + name;
}

std::string Place::parameter() const {
    if (up_ == nullptr) return {};
    const std::string before = up_->parameter();
    const std::string here = is_index() ? fmt::format("member.{}", index_ + 1) : std::string(name_);
    return before.empty() ? here : before + "." + here;
}

ServiceError unreadable(std::string_view code, const Place& place, std::string_view problem) {
    const std::string where = place.dotted();
    ServiceError error(std::string(code),
                       where.empty() ? std::string(problem) : fmt::format("{}: {}", where, problem));
    error.status = 400;
    return error;
}

std::string_view timestamp_format(const Member& member, std::string_view fallback) {
    if (!member.timestamp_format.empty()) return member.timestamp_format;
    return member.shape->timestamp_format.empty() ? fallback
                                                  : std::string_view(member.shape->timestamp_format);
}

Json scalar_from_text(const Shape& shape, std::string_view text, const Place& place, std::string_view code) {
    const auto refuse = [&](std::string_view shown) {
        return unreadable(code, place,
                          fmt::format("'{}' cannot be converted to {}", shown, type_name(shape.type)));
    };
    switch (shape.type) {
        case ShapeType::boolean:
            if (trimmed(text) == "true") return true;
            if (trimmed(text) == "false") return false;
            throw refuse(text);
        case ShapeType::integer:
        case ShapeType::long_:
            if (const auto number = integer_of(trimmed(text), shape.type)) return *number;
            throw refuse(text);
        case ShapeType::float_:
        case ShapeType::double_:
            if (const auto number = double_of(trimmed(text))) return *number;
            throw refuse(text);
        case ShapeType::timestamp:
            if (const auto time = time_of(trimmed(text))) return *time;
            throw refuse(text);
        case ShapeType::blob: {
            std::string bytes;
            if (!base64_decode(trimmed(text), bytes)) throw refuse("the text");
            return binary_of(bytes);
        }
        default:
            if (!is_utf8(text)) throw unreadable(code, place, "the text is not UTF-8");
            return std::string(text);
    }
}

std::string scalar_to_text(const Shape& shape, const Json& value, std::string_view format) {
    switch (shape.type) {
        case ShapeType::timestamp:
            return time_text(value.get<std::int64_t>(), format);
        case ShapeType::blob:
            return base64_encode(bytes_of(value));
        case ShapeType::boolean:
            return value.get<bool>() ? "true" : "false";
        case ShapeType::float_:
        case ShapeType::double_: {
            const double number = value.get<double>();
            if (std::isnan(number)) return "NaN";
            if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
            return double_text(number);
        }
        default:
            return value.is_string() ? value.get_ref<const std::string&>() : to_text(value);
    }
}

std::optional<std::int64_t> milliseconds_of_seconds(const Json& seconds) {
    constexpr std::int64_t per_second = 1000;
    if (seconds.is_number_unsigned() && seconds.get<std::uint64_t>() > std::uint64_t(ms_max / per_second))
        return std::nullopt;
    if (seconds.is_number_integer()) {
        const auto whole = seconds.get<std::int64_t>();
        if (whole < ms_min / per_second || whole > ms_max / per_second) return std::nullopt;
        return whole * per_second;
    }
    if (!seconds.is_number_float()) return std::nullopt;
    // By way of microseconds: a double holds these exactly enough to round, and what lies below a millisecond
    // is cut.
    const double micros = std::round(seconds.get<double>() * 1e6);
    const bool is_told = micros >= double(ms_min) * 1e3 && micros <= double(ms_max) * 1e3;  // no NaN, either
    if (!is_told) return std::nullopt;
    return std::int64_t(std::floor(micros / 1e3));
}

std::string seconds_text(std::int64_t milliseconds) {
    constexpr std::int64_t per_second = 1000;
    const bool is_negative = milliseconds < 0;
    const std::uint64_t magnitude =
        is_negative ? 0 - std::uint64_t(milliseconds) : std::uint64_t(milliseconds);
    std::string text = fmt::format("{}{}", is_negative ? "-" : "", magnitude / per_second);
    if (magnitude % per_second == 0) return text;
    text += fmt::format(".{:03}", magnitude % per_second);
    while (text.back() == '0') text.pop_back();
    return text;
}

std::string time_text(std::int64_t milliseconds, std::string_view format) {
    if (format == "unixTimestamp") return seconds_text(milliseconds);
    const Instant instant = from_epoch_ms(milliseconds);
    if (format == "rfc822") return http_date(instant);
    if (format == "iso8601-milliseconds") return iso_ms(instant);
    return milliseconds % 1000 == 0 ? iso_seconds(instant) : iso_ms(instant);
}

std::string_view bytes_of(const Json& binary) {
    if (binary.is_string()) return binary.get_ref<const std::string&>();
    const auto& bytes = binary.get_binary();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Json binary_of(std::string_view bytes) {
    return Json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}

bool is_query_mode(const HttpRequest& request) {
    return equal_ignoring_case(request.headers.get("x-amzn-query-mode"), "true");
}

ErrorFacts facts_of(const ServiceModel& service, const ServiceError& error, Protocol protocol,
                    bool query_mode) {
    ErrorFacts facts;
    facts.shape = service.error(error.code);
    facts.shape_name = facts.shape == nullptr ? error.code : facts.shape->name;
    facts.query_code = facts.shape == nullptr || facts.shape->error_code.empty() ? facts.shape_name
                                                                                 : facts.shape->error_code;
    std::string_view shape_namespace = service.error_namespace;
    if (facts.shape != nullptr) {
        if (!facts.shape->error_namespace.empty()) shape_namespace = facts.shape->error_namespace;
        if (facts.shape->member("message") == nullptr && facts.shape->member("Message") != nullptr) {
            facts.message_name = "Message";
        }
        if (facts.shape->error_status != 0) facts.status = facts.shape->error_status;
        if (protocol == Protocol::query && facts.shape->query_status != 0)
            facts.status = facts.shape->query_status;
        facts.sender_fault = facts.shape->sender_fault;
        // Facts: cloudwatch.md 1.2. Without the query mode every client error of these services is a 400.
        const bool has_own_status = protocol == Protocol::query || query_mode || !service.query_compatible;
        if (!has_own_status && facts.sender_fault) facts.status = 400;
    }
    if (error.status != 0) facts.status = error.status;
    if (facts.status >= 500) facts.sender_fault = false;
    facts.type =
        shape_namespace.empty() ? facts.shape_name : fmt::format("{}#{}", shape_namespace, facts.shape_name);
    return facts;
}

Json error_body(const ErrorFacts& facts, const ServiceError& error) {
    Json body = error.members.is_object() ? error.members : Json::object();
    if (!error.message.empty()) body[facts.message_name] = error.message;
    return body;
}

}  // namespace rockwatch
