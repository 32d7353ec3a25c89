#include "services/cloudwatch/metric_labels.hpp"

#include "core/text_time.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

LabelledQuery query(const std::string& name, const std::string& statistic, std::int64_t period,
                    std::vector<Dimension> dimensions = {}) {
    return {.metric = {.metric_namespace = "Test", .name = name, .dimensions = std::move(dimensions)},
            .statistic = statistic,
            .period_seconds = period};
}

TEST_CASE("a default label is the metric's name and what tells the queries apart", "[metrics]") {
    struct Row {
        std::vector<LabelledQuery> queries;
        std::vector<std::string> labels;
    };
    const auto row = GENERATE(values<Row>({
        {{query("m", "Sum", 60), query("m", "Minimum", 30)}, {"m Sum 60", "m Minimum 30"}},
        {{query("m", "Sum", 60), query("m", "Minimum", 60)}, {"m Sum", "m Minimum"}},
        {{query("m", "Sum", 60), query("m", "Sum", 30)}, {"m 60", "m 30"}},
        {{query("m", "Sum", 60), query("m", "Sum", 60)}, {"m", "m"}},
        {{query("a", "Sum", 60), query("b", "Minimum", 30)}, {"a", "b"}},
        {{query("m", "Sum", 60, {{"ModelId", "x"}}), query("m", "Sum", 60, {{"ModelId", "y"}})},
         {"m x", "m y"}},
    }));
    CHECK(default_labels(row.queries) == row.labels);
}

TEST_CASE("dynamic labels tell of the values that are returned", "[metrics]") {
    struct Row {
        std::string label;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {"plain", "plain"},
        {"max ${MAX} min ${MIN}", "max 20.5 min 5"},
        {"${AVG} of ${DATAPOINT_COUNT}", "11.833 of 3"},
        {"${SUM}", "35.5"},
        {"${FIRST} ${LAST}", "10 20.5"},
        {"${LABEL}!", "m!"},
        {"${FIRST_LAST_RANGE} ${MIN_MAX_RANGE}", "10.5 15.5"},
        {"${FIRST_LAST_TIME_RANGE}", "10m"},
        {"${MAX_TIME}", "2026-01-01 01:10:00"},
        {"${LAST_TIME_RELATIVE}", "50m"},
        {"${PROP('Stat')} ${PROP('Period')} ${PROP('Dim.ModelId')}", "Sum 300 titan"},
        {"${PROP('Region')} ${PROP('AccountId')} ${PROP('Namespace')}", "us-east-1 123456789012 Test"},
        {"${NOPE} ${PROP('Dim.None')} ${", "${NOPE} ${PROP('Dim.None')} ${"},
    }));
    CAPTURE(row.label);
    const LabelledQuery labelled = query("m", "Sum", 300, {{"ModelId", "titan"}});
    const Instant start = *parse_iso("2026-01-01T00:00:00Z");
    using std::chrono::minutes;
    const std::vector<LabelPoint> points{{start, 10}, {start + minutes{5}, 5}, {start + minutes{10}, 20.5}};
    CHECK(dynamic_label(row.label, {.query = labelled,
                                    .default_label = "m",
                                    .account = "123456789012",
                                    .region = "us-east-1",
                                    .points = points,
                                    .now = start + minutes{60},
                                    .utc_offset = minutes{60}}) == row.text);
}

TEST_CASE("time zones of labels are signed hours and minutes", "[metrics]") {
    CHECK(parse_utc_offset("+0130") == std::chrono::minutes{90});
    CHECK(parse_utc_offset("-0500") == std::chrono::minutes{-300});
    for (const char* text : {"", "0100", "+1", "+2400", "+0160", "UTC", "+01:30"})
        CHECK_FALSE(parse_utc_offset(text));
}

}  // namespace
}  // namespace rockwatch::cloudwatch
