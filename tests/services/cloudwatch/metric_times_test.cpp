#include "services/cloudwatch/metric_times.hpp"

#include "core/text_time.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

const Instant now = *parse_iso("2026-03-31T12:00:00Z");

TEST_CASE("StartTime is rounded down by its age and the period", "[metrics]") {
    struct Row {
        std::string start;
        std::int64_t period;
        std::string rounded;
    };
    const auto row = GENERATE(values<Row>({
        {"2026-03-31T11:58:47Z", 60, "2026-03-31T11:58:00Z"},
        {"2026-03-31T11:58:47Z", 3600, "2026-03-31T11:58:00Z"},
        {"2026-03-31T11:58:47Z", 1, "2026-03-31T11:58:47Z"},
        {"2026-03-31T11:58:47Z", 10, "2026-03-31T11:58:40Z"},
        {"2026-03-31T11:58:47Z", 30, "2026-03-31T11:58:30Z"},
        {"2026-03-10T11:58:47Z", 300, "2026-03-10T11:55:00Z"},
        {"2026-01-01T11:58:47Z", 3600, "2026-01-01T11:00:00Z"},
        {"2024-12-31T12:58:47Z", 3600, "2024-12-31T12:00:00Z"},
        {"2024-12-31T11:58:47Z", 3600, "2024-12-31T12:00:00Z"},
        {"2024-01-01T05:58:47Z", 7200, "2024-12-31T11:00:00Z"},
        {"2024-01-01T00:00:00Z", 86400, "2024-12-31T00:00:00Z"},
        {"0001-01-01T00:00:00Z", 3600, "2024-12-31T12:00:00Z"},
    }));
    CAPTURE(row.start, row.period);
    CHECK(iso_seconds(rounded_start(*parse_iso(row.start), row.period, now)) == row.rounded);
}

TEST_CASE("old data is kept in coarse periods alone", "[metrics]") {
    struct Row {
        std::string start;
        std::int64_t period;
        bool kept;
    };
    const auto row = GENERATE(values<Row>({
        {"2026-03-31T09:00:00Z", 1, true},
        {"2026-03-31T08:59:00Z", 30, false},
        {"2026-03-31T08:59:00Z", 60, true},
        {"2026-03-16T11:00:00Z", 60, false},
        {"2026-03-16T11:00:00Z", 300, true},
        {"2026-01-20T00:00:00Z", 300, false},
        {"2026-01-20T00:00:00Z", 3600, true},
        {"2024-01-01T00:00:00Z", 300, false},
        {"2024-01-01T00:00:00Z", 3600, true},
    }));
    CAPTURE(row.start, row.period);
    CHECK(is_kept(*parse_iso(row.start), row.period, now) == row.kept);
}

TEST_CASE("reads take periods of 1, 5, 10, 20, 30 and whole minutes", "[metrics]") {
    for (const int period : {1, 5, 10, 20, 30, 60, 120, 86400}) CHECK(is_read_period(period));
    for (const int period : {0, -60, 2, 15, 45, 61, 90}) CHECK_FALSE(is_read_period(period));
}

}  // namespace
}  // namespace rockwatch::cloudwatch
