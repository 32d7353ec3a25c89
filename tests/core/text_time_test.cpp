#include "core/text_time.hpp"

#include "support/catch.hpp"

using namespace rockwatch;
using namespace std::chrono_literals;

namespace {

constexpr Instant moment = from_epoch_ms(1'772'332'262'045);  // 2026-03-01T02:31:02.045Z

}  // namespace

TEST_CASE("an instant is written in each of the forms that AWS uses", "[core][time]") {
    CHECK(iso_ms(moment) == "2026-03-01T02:31:02.045Z");
    CHECK(iso_seconds(moment) == "2026-03-01T02:31:02Z");
    CHECK(iso_offset(moment) == "2026-03-01T02:31:02.045+0000");
    CHECK(reason_time(moment) == "01/03/26 02:31:02");
    CHECK(http_date(moment) == "Sun, 01 Mar 2026 02:31:02 GMT");
    CHECK(iso_ms(from_epoch_ms(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("ISO 8601 is read with Z, offsets and fractions", "[core][time]") {
    struct Row {
        std::string text;
        std::int64_t ms;
    };
    const auto row = GENERATE(values<Row>({
        {"2026-03-01T02:31:02.045Z", 1'772'332'262'045},
        {"2026-03-01T02:31:02.045999Z", 1'772'332'262'045},
        {"2026-03-01T02:31:02.5Z", 1'772'332'262'500},
        {"2026-03-01T02:31:02Z", 1'772'332'262'000},
        {"2026-03-01t02:31:02z", 1'772'332'262'000},
        {"2026-03-01 02:31:02Z", 1'772'332'262'000},
        {"2026-03-01T02:31Z", 1'772'332'260'000},
        {"2026-03-01T04:31:02+02:00", 1'772'332'262'000},
        {"2026-02-28T21:01:02-0530", 1'772'332'262'000},
        {"2026-03-01", 1'772'323'200'000},
        {"2024-02-29T00:00:00Z", 1'709'164'800'000},
        {"1969-12-31T23:59:59Z", -1'000},
    }));
    CAPTURE(row.text);
    const auto instant = parse_iso(row.text);
    REQUIRE(instant);
    CHECK(epoch_ms(*instant) == row.ms);
}

TEST_CASE("what is not ISO 8601, or no date of the calendar, is refused", "[core][time]") {
    const std::string text = GENERATE(
        "", "now", "2026", "2026-3-1", "2026-02-30", "2025-02-29T00:00:00Z", "2026-13-01", "2026-00-10",
        "2026-03-01T", "2026-03-01T24:00:00Z", "2026-03-01T02:60:00Z", "2026-03-01T02:31:61Z",
        "2026-03-01T02:31:02", "2026-03-01T02:31:02.Z", "2026-03-01T02:31:02Zx", "2026-03-01T02:31:02+2:00",
        "2026-03-01T02:31:02+24:00", "-026-03-01", "2026-03-01T-2:31:02Z", " 2026-03-01");
    CAPTURE(text);
    CHECK_FALSE(parse_iso(text));
}

TEST_CASE("an HTTP date is read back as it was written", "[core][time]") {
    CHECK(parse_http_date("Sun, 01 Mar 2026 02:31:02 GMT") == from_epoch_ms(1'772'332'262'000));
    CHECK(parse_http_date(http_date(moment)) == moment - 45ms);
}

TEST_CASE("what is not an HTTP date is refused", "[core][time]") {
    const std::string text =
        GENERATE("", "Sun", "Sun, 1 Mar 2026 02:31:02 GMT", "Sun, 01 Foo 2026 02:31:02 GMT",
                 "Sun, 01 JanMar 2026 02:31:02 GMT", "Sun, 31 Feb 2026 02:31:02 GMT",
                 "Sun, 01 Mar 2026 02:31:02 UTC", "Sun, 01 Mar 2026 02:31:02 GMT ");
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text));
}

TEST_CASE("durations are read with their unit", "[core][time]") {
    CHECK(parse_duration("1500ms") == 1500ms);
    CHECK(parse_duration("90s") == 90s);
    CHECK(parse_duration("19m") == 19min);
    CHECK(parse_duration("2h") == 2h);
    CHECK(parse_duration("1d") == 24h);
    CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("a duration without a number, a unit or a bound is refused", "[core][time]") {
    const std::string text = GENERATE("", "s", "5", "-5s", "5 s", "1.5h", "5w", "99999999999d", "5ss");
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
}
