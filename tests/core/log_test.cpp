#include "core/log.hpp"

#include <spdlog/spdlog.h>

#include "support/catch.hpp"

using namespace rockwatch;

TEST_CASE("what others sent is made one harmless line of the log", "[core][log]") {
    CHECK(log_safe("us-east-1") == "us-east-1");
    CHECK(log_safe("a\nb\x1b[31m\"\\") == R"(a\u000ab\u001b[31m\u0022\u005c)");
    CHECK(log_safe("\xc3\xa9") == "\xc3\xa9");
    CHECK(log_safe("\xff") == R"(\u00ff)");
    const std::string cut = log_safe(std::string(600, 'x'));
    CHECK(cut == std::string(512, 'x') + "...");
}

TEST_CASE("the log takes spdlog's levels and no other word", "[core][log]") {
    const auto before = spdlog::default_logger();
    for (const char* level : {"trace", "debug", "info", "warn", "error", "off"}) {
        CAPTURE(level);
        CHECK(set_up_log(level, LogFormat::json));
    }
    CHECK_FALSE(set_up_log("loud", LogFormat::text));
    spdlog::set_default_logger(before);
}
