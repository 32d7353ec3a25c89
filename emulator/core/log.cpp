#include "core/log.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdint>

#include "core/json.hpp"
#include "core/text.hpp"

namespace rockwatch {

namespace {

/// The message as the inside of a JSON string.
class JsonMessage : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        const std::string quoted = to_text(Json(std::string(message.payload.data(), message.payload.size())));
        line.append(quoted.data() + 1, quoted.data() + quoted.size() - 1);
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonMessage>(); }
};

struct CodePoint {
    std::uint32_t value;
    std::size_t bytes;
};

std::uint32_t byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

/// The code point at the front of well-formed UTF-8.
CodePoint first_of(std::string_view text) {
    const std::uint32_t first = byte_at(text, 0);
    if (first < 0x80) return {first, 1};
    const std::size_t bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t value = first & (0xffU >> (bytes + 1));
    for (std::size_t index = 1; index < bytes; ++index) value = value << 6U | (byte_at(text, index) & 0x3fU);
    return {value, bytes};
}

/// False for what moves the cursor or turns the line around, and for what the escapes are made of.
bool is_harmless(std::uint32_t point) {
    const bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    const bool is_mark_of_direction = point == 0x61c || point == 0x200e || point == 0x200f ||
                                      (point >= 0x202a && point <= 0x202e) ||
                                      (point >= 0x2066 && point <= 0x2069);
    const bool is_separator = point == 0x2028 || point == 0x2029;
    return !is_control && !is_mark_of_direction && !is_separator && point != '"' && point != '\\';
}

}  // namespace

bool set_up_log(std::string_view level, LogFormat format) {
    const auto parsed = spdlog::level::from_str(std::string(level));
    if (parsed == spdlog::level::off && level != "off") return false;
    auto logger =
        std::make_shared<spdlog::logger>("rockwatch", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<JsonMessage>('j');
    formatter->set_pattern(format == LogFormat::text
                               ? "%Y-%m-%dT%H:%M:%S.%eZ %-5l %v"
                               : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%j"})");
    logger->set_formatter(std::move(formatter));
    logger->set_level(parsed);
    spdlog::set_default_logger(std::move(logger));
    return true;
}

std::string log_safe(std::string_view text) {
    constexpr std::size_t length_max = 512;
    std::string safe;
    const bool is_readable = is_utf8(text);
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto point = is_readable ? first_of(rest) : CodePoint{byte_at(rest, 0), 1};
        if (text.size() - rest.size() + point.bytes > length_max) return safe + "...";
        if (is_harmless(point.value) && (is_readable || point.value < 0x80)) {
            safe += rest.substr(0, point.bytes);
        } else {
            safe += fmt::format("\\u{:04x}", point.value);
        }
        rest.remove_prefix(point.bytes);
    }
    return safe;
}

}  // namespace rockwatch
