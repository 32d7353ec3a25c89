#include "services/cloudwatch/alarm_evaluation.hpp"

#include <fstream>

#include "core/json.hpp"
#include "core/text_time.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

using std::chrono::seconds;

const Instant base = *parse_iso("2026-01-01T00:00:00Z");

Json read_vectors() {
    std::ifstream file(std::string(ROCKWATCH_SOURCE_DIR) + "/tests/cases/cloudwatch/alarm_vectors.json");
    return Json::parse(file);
}

AlarmRule rule_of(const Json& alarm) {
    AlarmRule rule{
        .threshold = alarm["threshold"],
        .comparison = comparison_of(alarm["comparison"].get<std::string>()).value(),
        .evaluation_periods = alarm["evaluationPeriods"],
        .treat_missing_data = missing_data_of(alarm["treatMissingData"].get<std::string>()).value(),
        .period_seconds = alarm["period"],
        .statistic = alarm["statistic"]};
    if (!alarm["datapointsToAlarm"].is_null())
        rule.datapoints_to_alarm = alarm["datapointsToAlarm"].get<int>();
    return rule;
}

/// Numbers, oldest first; "-" is a window without samples.
std::vector<AlarmDatapoint> points_of(const Json& values, std::int64_t period) {
    std::vector<AlarmDatapoint> points;
    for (const Json& value : values) {
        AlarmDatapoint point{.start = base + seconds{period * static_cast<std::int64_t>(points.size())}};
        if (value.is_number()) {
            point.value = value.get<double>();
            point.sample_count = 1;
        }
        points.push_back(point);
    }
    return points;
}

/// Dates become the vectors' placeholder.
std::string without_dates(std::string text) {
    for (auto at = text.find(" ("); at != std::string::npos; at = text.find(" (", at + 2)) {
        const bool is_date = at + 20 < text.size() && text[at + 4] == '/' && text[at + 7] == '/';
        if (is_date) text.replace(at + 2, 17, "DD/MM/YY HH:MM:SS");
    }
    return text;
}

TEST_CASE("alarms judge as the user guide's tables and recorded alarms say", "[alarms]") {
    const Json vectors = read_vectors();
    REQUIRE(vectors.size() == 230);
    for (const Json& vector : vectors) {
        const std::string name = vector["name"];
        CAPTURE(name);
        const AlarmRule rule = rule_of(vector["alarm"]);
        CHECK(vector["evaluationRange"] == evaluation_range(rule.evaluation_periods));
        const auto points = points_of(vector["datapoints"], rule.period_seconds);
        const AlarmState initial = state_of(vector["initialState"].get<std::string>());
        const AlarmState state = judge(rule, points, initial);
        CHECK(state_text(state) == vector["expectedState"].get<std::string>());
        CHECK((state != initial) == vector["expectTransition"].get<bool>());
        if (vector.contains("expectedReason")) {
            CHECK(without_dates(explain(rule, points, state, base).reason) ==
                  vector["expectedReason"].get<std::string>());
        }
    }
}

TEST_CASE("reasons count, list and word the points as AWS does", "[alarms]") {
    struct Row {
        std::string name;
        AlarmRule rule;
        Json points;
        AlarmState state;
        std::string reason;
    };
    using enum ComparisonOperator;
    using enum MissingData;
    const auto row = GENERATE(values<Row>({
        {"M of N to OK needs N - M + 1",
         {.threshold = 60, .evaluation_periods = 3, .datapoints_to_alarm = 3, .period_seconds = 60},
         {70, 50, 70},
         AlarmState::ok,
         "Threshold Crossed: 1 out of the last 3 datapoints [50.0 (01/01/26 00:01:00)] was not greater than "
         "the "
         "threshold (60.0) (minimum 1 datapoint for ALARM -> OK transition)."},
        {"less than",
         {.threshold = 1, .comparison = less_than_threshold, .evaluation_periods = 1},
         {0.5},
         AlarmState::alarm,
         "Threshold Crossed: 1 datapoint [0.5 (01/01/26 00:00:00)] was less than the threshold (1.0)."},
        {"one period without data",
         {.threshold = 1, .evaluation_periods = 1, .treat_missing_data = not_breaching},
         {"-", "-", "-"},
         AlarmState::ok,
         "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
         "[NonBreaching]."},
        {"carried by missing points",
         {.threshold = 1, .evaluation_periods = 3, .datapoints_to_alarm = 2, .treat_missing_data = breaching},
         {"-", "-", "-", "-", 0},
         AlarmState::alarm,
         "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as "
         "[Breaching]."},
        {"insufficient",
         {.threshold = 1, .evaluation_periods = 5},
         {"-", "-", "-", "-", "-", "-", "-"},
         AlarmState::insufficient_data,
         "Insufficient Data: 5 datapoints were unknown."},
    }));
    CAPTURE(row.name);
    CHECK(explain(row.rule, points_of(row.points, row.rule.period_seconds), row.state, base).reason ==
          row.reason);
}

TEST_CASE("the reason's data has AWS's keys in AWS's order", "[alarms]") {
    const AlarmRule rule{
        .threshold = 1, .evaluation_periods = 1, .period_seconds = 60, .statistic = "Sum", .unit = "Seconds"};
    auto points = points_of({"-", "-", 3}, 60);
    points[2].sample_count = 3;
    CHECK(
        explain(rule, points, AlarmState::alarm, *parse_iso("2026-01-01T00:03:00.853Z")).reason_data ==
        R"({"version":"1.0","queryDate":"2026-01-01T00:03:00.853+0000","startDate":"2026-01-01T00:02:00.000+0000",)"
        R"("unit":"Seconds","statistic":"Sum","period":60,"recentDatapoints":[3.0],"threshold":1.0,)"
        R"("evaluatedDatapoints":[{"timestamp":"2026-01-01T00:02:00.000+0000","sampleCount":3.0,"value":3.0}]})");
}

TEST_CASE("without datapoints the reason's data has no start and names the missing windows", "[alarms]") {
    const AlarmRule rule{.threshold = 2,
                         .evaluation_periods = 2,
                         .treat_missing_data = MissingData::breaching,
                         .period_seconds = 60,
                         .statistic = "Average"};
    const Json data =
        Json::parse(explain(rule, points_of({"-", "-", "-", "-"}, 60), AlarmState::alarm, base).reason_data);
    CHECK_FALSE(data.contains("startDate"));
    CHECK_FALSE(data.contains("unit"));
    CHECK(data["recentDatapoints"] == Json::array());
    CHECK(data["evaluatedDatapoints"] == Json::array({{{"timestamp", "2026-01-01T00:03:00.000+0000"}},
                                                      {{"timestamp", "2026-01-01T00:02:00.000+0000"}}}));
}

TEST_CASE("reasons over many points stay within the API's limits", "[alarms]") {
    const AlarmRule rule{
        .threshold = 1, .evaluation_periods = 1440, .period_seconds = 60, .statistic = "Sum"};
    const auto points = points_of(Json::array_t(1442, 123456.789), 60);
    const Explanation explanation = explain(rule, points, AlarmState::alarm, base);
    CHECK(explanation.reason.size() == 1023);
    CHECK(explanation.reason_data.size() <= 4000);
    CHECK(Json::accept(explanation.reason_data));
}

TEST_CASE("a percentile over too few samples keeps the state when the alarm ignores low samples",
          "[alarms]") {
    struct Row {
        double percentile;
        double samples;
        AlarmState state;
    };
    const auto row = GENERATE(values<Row>({{99, 999, AlarmState::ok},
                                           {99, 1000, AlarmState::alarm},
                                           {50, 19, AlarmState::ok},
                                           {50, 20, AlarmState::alarm},
                                           {10, 99, AlarmState::ok},
                                           {10, 100, AlarmState::alarm}}));
    CAPTURE(row.percentile, row.samples);
    const AlarmRule rule{.threshold = 1, .evaluation_periods = 1, .low_sample_percentile = row.percentile};
    const std::vector<AlarmDatapoint> points{{.start = base, .value = 5.0, .sample_count = row.samples}};
    CHECK(judge(rule, points, AlarmState::ok) == row.state);
}

TEST_CASE("windows end at whole minutes, those of short periods at whole ten seconds", "[alarms]") {
    const Instant now = *parse_iso("2026-01-01T00:01:49.500Z");
    CHECK(window_end(now, 300) == *parse_iso("2026-01-01T00:01:00Z"));
    CHECK(window_end(now, 10) == *parse_iso("2026-01-01T00:01:40Z"));
}

}  // namespace
}  // namespace rockwatch::cloudwatch
