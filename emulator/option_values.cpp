#include "option_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "core/text.hpp"
#include "core/text_time.hpp"
#include "deliveries/url.hpp"
#include "option_table.hpp"

namespace rockwatch {

namespace {

struct Unit {
    std::string_view name;
    int shift;
};
constexpr Unit units[] = {{"GiB", 30}, {"MiB", 20}, {"KiB", 10}};

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

std::int64_t read_whole_number(std::string_view text, Bounds bounds) {
    const auto number = whole_number(text);
    if (number && *number >= bounds.from && *number <= bounds.to) return *number;
    throw WrongValue(fmt::format("must be a whole number from {} to {}", bounds.from, bounds.to));
}

std::int64_t read_bytes(std::string_view text, Bounds bounds) {
    std::string_view digits = text;
    int shift = 0;
    for (const Unit& unit : units) {
        if (!digits.ends_with(unit.name)) continue;
        digits.remove_suffix(unit.name.size());
        shift = unit.shift;
    }
    const auto number = whole_number(trim(digits));
    // Compared before it is shifted: it may be as large as 64 bits allow.
    if (number && *number >= 0 && *number <= (bounds.to >> shift) && (*number << shift) >= bounds.from)
        return *number << shift;
    throw WrongValue(fmt::format("must be a number of bytes from {} to {}, such as 67108864 or 64MiB",
                                 bytes_text(bounds.from), bytes_text(bounds.to)));
}

std::string bytes_text(std::int64_t bytes) {
    for (const Unit& unit : units) {
        const std::int64_t size = std::int64_t{1} << unit.shift;
        if (bytes >= size && bytes % size == 0) return fmt::format("{} {}", bytes >> unit.shift, unit.name);
    }
    for (const Unit& unit : units) {
        const auto size = static_cast<double>(std::int64_t{1} << unit.shift);
        if (static_cast<double>(bytes) >= size)
            return fmt::format("{:.1f} {}", static_cast<double>(bytes) / size, unit.name);
    }
    return fmt::format("{} bytes", bytes);
}

void read_clock(Options& options, const std::string& text) {
    constexpr std::string_view scaled = "scaled:";
    if (text == "real") {
        options.clock = ClockMode::real;
    } else if (text == "frozen") {
        options.clock = ClockMode::frozen;
    } else if (text.starts_with(scaled)) {
        options.clock = ClockMode::scaled;
        const char* from = text.data() + scaled.size();
        const auto [end, error] = std::from_chars(from, text.data() + text.size(), options.speed);
        const bool is_number = error == std::errc{} && end == text.data() + text.size();
        if (!is_number || !(options.speed > 0 && options.speed <= 1e6))
            throw WrongValue("the speed must be a number above 0 and at most 1000000");
    } else {
        throw WrongValue("must be real, frozen or scaled:N");
    }
}

Instant read_now(const std::string& text) {
    if (const auto instant = parse_iso(text)) return *instant;
    constexpr std::int64_t year_9999 = 253'402'300'799'999;
    const auto ms = whole_number(text);
    if (ms && *ms >= 0 && *ms <= year_9999) return from_epoch_ms(*ms);
    throw WrongValue("must be ISO 8601 with Z (2026-01-01T00:00:00Z), or epoch milliseconds");
}

std::string read_region(const std::string& text) {
    const bool is_region =
        !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char letter) {
            return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
        });
    if (!is_region) throw WrongValue("must be a region such as eu-west-1");
    return text;
}

deliveries::Destination read_destination(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
        throw WrongValue("must be ARN=URL: arn:aws:lambda:*:*:function:alert=http://127.0.0.1:9000/alert");
    deliveries::Destination destination{.arn = text.substr(0, equals), .url = text.substr(equals + 1)};
    const auto parts = split(destination.arn, ':');
    constexpr std::size_t parts_min = 6;
    const bool has_star = destination.arn.find('*') != std::string::npos;
    const bool is_arn = parts.front() == "arn" && (parts.size() >= parts_min || has_star);
    const bool has_blank = destination.arn.find_first_of(" \t") != std::string::npos;
    if (has_blank || (!is_arn && !destination.arn.starts_with('*')))
        throw WrongValue(
            fmt::format("{} is no ARN (arn:aws:lambda:us-east-1:000000000000:function:alert; "
                        "* stands for any part)",
                        destination.arn.empty() ? "what stands before =" : destination.arn));
    if (parts.size() > 2 && (parts[2] == "sqs" || parts[2] == "sns"))
        throw WrongValue("queues and topics live in the emulator itself: subscribe an http endpoint instead");
    std::string fault;
    if (!deliveries::parse_url(destination.url, &fault))
        throw WrongValue(
            fmt::format("{}: {}", destination.url.empty() ? "what stands behind =" : destination.url, fault));
    return destination;
}

std::string read_origin(const std::string& text) {
    const auto scheme = text.find("://");
    const bool is_origin = scheme != std::string::npos && scheme > 0 && scheme + 3 < text.size() &&
                           text.find_first_of("/ \t", scheme + 3) == std::string::npos;
    if (!is_origin) throw WrongValue("must be an origin as browsers send it: https://app.example");
    return text;
}

std::string read_host(const std::string& text) {
    if (text.empty() || text.find_first_of("/ \t@") != std::string::npos)
        throw WrongValue("must be a host name or an address, not a URL");
    return text;
}

}  // namespace rockwatch
