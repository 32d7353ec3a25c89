#include "core/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/text.hpp"

namespace rockwatch {

bool set_up_log(std::string_view level, LogFormat format) {
    const auto parsed = spdlog::level::from_str(std::string(level));
    if (parsed == spdlog::level::off && level != "off") return false;
    auto logger = std::make_shared<spdlog::logger>("rockwatch", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern(format == LogFormat::text
                            ? "%Y-%m-%dT%H:%M:%S.%eZ %-5l %v"
                            : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})",
                        spdlog::pattern_time_type::utc);
    logger->set_level(parsed);
    spdlog::set_default_logger(std::move(logger));
    return true;
}

std::string log_safe(std::string_view text) {
    constexpr std::size_t length_max = 512;
    std::string safe;
    const bool readable = is_utf8(text);
    for (const char letter : text.substr(0, length_max)) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool plain = byte >= 0x20 && byte != 0x7f && letter != '"' && letter != '\\' && (byte < 0x80 || readable);
        if (plain) {
            safe += letter;
        } else {
            safe += fmt::format("\\u{:04x}", byte);
        }
    }
    if (text.size() > length_max) safe += "...";
    return safe;
}

}  // namespace rockwatch
