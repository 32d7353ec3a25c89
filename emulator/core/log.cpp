#include "core/log.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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
    const bool readable = is_utf8(text);
    for (const char letter : text.substr(0, length_max)) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool plain =
            byte >= 0x20 && byte != 0x7f && letter != '"' && letter != '\\' && (byte < 0x80 || readable);
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
