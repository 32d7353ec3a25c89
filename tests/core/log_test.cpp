#include "core/log.hpp"

#include <spdlog/spdlog.h>

#include "support/catch.hpp"

using namespace rockwatch;

TEST_CASE("what others sent is made one harmless line of the log", "[core][log]") {
    CHECK(log_safe("us-east-1") == "us-east-1");
    CHECK(log_safe("a\nb\x1b[31m\"\\") == R"(a\u000ab\u001b[31m\u0022\u005c)");
    CHECK(log_safe("\xc3\xa9") == "\xc3\xa9");
    CHECK(log_safe("\xff") == R"(\u00ff)");
    CHECK(log_safe("\xc2\x9b") == R"(\u009b)");
    CHECK(log_safe("\xff\xc3\xa9") == R"(\u00ff\u00c3\u00a9)");
}

TEST_CASE("what turns a terminal's line around or breaks it is escaped in the log", "[core][log]") {
    struct Row {
        const char* point;
        const char* told;
    };
    const auto row = GENERATE(values<Row>({{"\xc2\x80", R"(\u0080)"},
                                           {"\xc2\x85", R"(\u0085)"},
                                           {"\xc2\x9f", R"(\u009f)"},
                                           {"\xc2\xa0", "\xc2\xa0"},
                                           {"\xd8\x9c", R"(\u061c)"},
                                           {"\xe2\x80\x8d", "\xe2\x80\x8d"},
                                           {"\xe2\x80\x8e", R"(\u200e)"},
                                           {"\xe2\x80\x8f", R"(\u200f)"},
                                           {"\xe2\x80\xa7", "\xe2\x80\xa7"},
                                           {"\xe2\x80\xa8", R"(\u2028)"},
                                           {"\xe2\x80\xa9", R"(\u2029)"},
                                           {"\xe2\x80\xaa", R"(\u202a)"},
                                           {"\xe2\x80\xae", R"(\u202e)"},
                                           {"\xe2\x80\xaf", "\xe2\x80\xaf"},
                                           {"\xe2\x81\xa5", "\xe2\x81\xa5"},
                                           {"\xe2\x81\xa6", R"(\u2066)"},
                                           {"\xe2\x81\xa9", R"(\u2069)"},
                                           {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}}));
    CAPTURE(row.told);
    CHECK(log_safe(std::string("a") + row.point + "z") == std::string("a") + row.told + "z");
}

TEST_CASE("a long text is cut in the log, between two characters", "[core][log]") {
    struct Row {
        std::size_t letters;  ///< in front of two of three bytes each
        std::string end;
    };
    const std::string euro = "\xe2\x82\xac";
    const auto row = GENERATE_COPY(values<Row>({{506, euro + euro},
                                                {507, euro + "..."},
                                                {508, euro + "..."},
                                                {509, euro + "..."},
                                                {510, "..."},
                                                {511, "..."},
                                                {512, "..."}}));
    const std::string letters(row.letters, 'x');
    CHECK(log_safe(letters + euro + euro) == letters + row.end);
    CHECK(log_safe(std::string(600, 'x')) == std::string(512, 'x') + "...");
    CHECK(log_safe(std::string(512, 'x')) == std::string(512, 'x'));
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
