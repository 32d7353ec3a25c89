#include <limits>

#include "services/cloudwatch/cloudwatch_bench.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

Json data(const Json& datum) { return {{"Namespace", "Test"}, {"MetricData", Json::array({datum})}}; }

Json sums(Bench& bench, const std::string& name, std::int64_t period = 60) {
    return bench.call("GetMetricStatistics",
                      {{"Namespace", "Test"},
                       {"MetricName", name},
                       {"StartTime", epoch_ms(bench.clock.now()) - 600'000},
                       {"EndTime", epoch_ms(bench.clock.now()) + 600'000},
                       {"Period", period},
                       {"Statistics", {"Sum", "SampleCount", "Minimum", "Maximum"}}})["Datapoints"];
}

TEST_CASE("PutMetricData refuses what AWS refuses, in AWS's words", "[metrics]") {
    struct Row {
        Json input;
        std::string code;
        std::string message;
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto row = GENERATE_COPY(values<Row>({
        {{{"Namespace", "Test"}},
         "MissingRequiredParameterException",
         "The parameter MetricData is required."},
        {data({{"MetricName", "m"}}), "InvalidParameterCombinationException",
         "At least one of the parameters must be specified."},
        {data({{"MetricName", "m"}, {"Value", 1.0}, {"Values", {1.0}}}),
         "InvalidParameterCombinationException",
         "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and "
         "you have "
         "specified both."},
        {data({{"MetricName", "m"}, {"Value", 1.0}, {"StatisticValues", {{"Sum", 1.0}}}}),
         "InvalidParameterCombinationException",
         "The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually "
         "exclusive and "
         "you have specified both."},
        {data({{"MetricName", "m"}, {"Values", {1.0, 2.0}}, {"Counts", {1.0}}}),
         "InvalidParameterValueException",
         "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same "
         "size."},
        {data({{"MetricName", "m"}, {"Value", nan}}), "InvalidParameterValueException",
         "The value NaN for parameter MetricData.member.1.Value is invalid."},
        {data({{"MetricName", "m"}, {"Values", {1.0, nan}}}), "InvalidParameterValueException",
         "The value NaN for parameter MetricData.member.1.Values is invalid."},
        {data({{"MetricName", "m"}, {"Value", 1e200}}), "InvalidParameterValueException",
         "The value 1.0E200 for parameter MetricData.member.1.Value is invalid."},
        {data({{"MetricName", "m"}, {"StatisticValues", {{"Sum", 1.0}, {"SampleCount", 1.0}}}}),
         "MissingRequiredParameterException",
         "The parameter MetricData.member.1.StatisticValues.Minimum is required.\nThe parameter "
         "MetricData.member.1.StatisticValues.Maximum is required."},
        {data(
             {{"MetricName", "m"},
              {"StatisticValues", {{"Sum", 1.0}, {"SampleCount", 1.0}, {"Minimum", 2.0}, {"Maximum", 1.0}}}}),
         "InvalidParameterValueException",
         "The parameter MetricData.member.1.StatisticValues.Maximum must be greater than "
         "MetricData.member.1.StatisticValues.Minimum."},
        {data({{"MetricName", "m"}, {"Value", 1.0}, {"Timestamp", ms("2025-12-17T23:59:00Z")}}),
         "InvalidParameterValueException",
         "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks."},
        {data({{"MetricName", "m"}, {"Value", 1.0}, {"Timestamp", ms("2026-01-01T02:00:01Z")}}),
         "InvalidParameterValueException",
         "The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the "
         "future."},
        {data({{"MetricName", "m"}, {"Value", 1.0}, {"StorageResolution", 30}}),
         "InvalidParameterValueException",
         "The parameter MetricData.member.1.StorageResolution must be a value in the set [ 1, 60 ]."},
        {data({{"MetricName", "m"},
               {"Value", 1.0},
               {"Dimensions", {{{"Name", "a"}, {"Value", "1"}}, {{"Name", "a"}, {"Value", "2"}}}}}),
         "InvalidParameterValueException",
         "The parameter MetricData.member.1.Dimensions must not have the dimension a more than once."},
        {data({{"MetricName", "m"}, {"Value", 1.0}, {"Dimensions", {{{"Name", "a"}, {"Value", "  "}}}}}),
         "InvalidParameterValueException",
         "The value    for parameter MetricData.member.1.Dimensions.Value is invalid."},
        {data({{"MetricName", "m"}, {"Values", Json::array_t(151, 1.0)}}), "InvalidParameterValueException",
         "The collection MetricData.member.1.Values must not have a size greater than 150."},
        {{{"Namespace", "Test"},
          {"MetricData", Json::array_t(1001, Json{{"MetricName", "m"}, {"Value", 1.0}})}},
         "InvalidParameterValueException",
         "The collection MetricData must not have a size greater than 1000."},
        {{{"Namespace", "Test"}, {"EntityMetricData", {Json::object()}}},
         "InvalidParameterValueException",
         "The parameter EntityMetricData is not supported by Rockwatch. Send the data in MetricData."},
    }));
    CAPTURE(row.input.dump().substr(0, 200));
    Bench bench;
    CHECK(bench.refusal("PutMetricData", row.input) == Refusal{row.code, row.message});
}

TEST_CASE("one bad datum has the whole call refused and nothing stored", "[metrics]") {
    Bench bench;
    const Json input{{"Namespace", "Test"},
                     {"MetricData", {{{"MetricName", "good"}, {"Value", 1.0}}, {{"MetricName", "bad"}}}}};
    CHECK(bench.refusal("PutMetricData", input).code == "InvalidParameterCombinationException");
    CHECK(bench.call("ListMetrics", Json::object())["Metrics"].empty());
    // The series that was taken back must not be remembered either.
    bench.put_value(7, "good");
    CHECK(sums(bench, "good")[0]["Sum"] == 7);
}

TEST_CASE("the time limits of a datum are two weeks back and two hours ahead, inclusive", "[metrics]") {
    Bench bench;
    bench.put_value(1, "m", "2025-12-18T00:00:00Z");
    bench.put_value(1, "m", "2026-01-01T02:00:00Z");
    CHECK(bench.call("ListMetrics", Json::object())["Metrics"].size() == 1);
}

TEST_CASE("values with counts, and statistic sets, add up", "[metrics]") {
    Bench bench;
    bench.call("PutMetricData", data({{"MetricName", "m"}, {"Values", {1.0, 10.0}}, {"Counts", {2.0, 4.0}}}));
    CHECK(sums(bench, "m")[0] == Json{{"Timestamp", ms("2026-01-01T00:00:00Z")},
                                      {"Unit", "None"},
                                      {"Sum", 42.0},
                                      {"SampleCount", 6.0},
                                      {"Minimum", 1.0},
                                      {"Maximum", 10.0}});
    bench.call("PutMetricData",
               data({{"MetricName", "m"},
                     {"StatisticValues",
                      {{"SampleCount", 2.0}, {"Sum", 30.0}, {"Minimum", 5.0}, {"Maximum", 25.0}}}}));
    CHECK(sums(bench, "m")[0]["Sum"] == 72.0);
    CHECK(sums(bench, "m")[0]["Maximum"] == 25.0);
    CHECK(sums(bench, "m")[0]["SampleCount"] == 8.0);
}

TEST_CASE("values without counts count once each", "[metrics]") {
    Bench bench;
    bench.call("PutMetricData", data({{"MetricName", "m"}, {"Values", {1.0, 2.0, 2.0}}}));
    CHECK(sums(bench, "m")[0]["Sum"] == 5.0);
    CHECK(sums(bench, "m")[0]["SampleCount"] == 3.0);
}

TEST_CASE("high-resolution metrics keep their seconds, standard ones their minute", "[metrics]") {
    Bench bench("2026-01-01T00:00:47Z");
    bench.call("PutMetricData", data({{"MetricName", "fast"}, {"Value", 1.0}, {"StorageResolution", 1}}));
    bench.call("PutMetricData", data({{"MetricName", "slow"}, {"Value", 1.0}}));
    CHECK(sums(bench, "fast", 1)[0]["Timestamp"] == ms("2026-01-01T00:00:47Z"));
    CHECK(sums(bench, "slow", 60)[0]["Timestamp"] == ms("2026-01-01T00:00:00Z"));
}

TEST_CASE("dimensions are a set: their order makes no other metric", "[metrics]") {
    Bench bench;
    const Json a{{"Name", "a"}, {"Value", "1"}};
    const Json b{{"Name", "b"}, {"Value", "2"}};
    bench.call("PutMetricData", data({{"MetricName", "m"}, {"Value", 1.0}, {"Dimensions", {a, b}}}));
    bench.call("PutMetricData", data({{"MetricName", "m"}, {"Value", 2.0}, {"Dimensions", {b, a}}}));
    const Json metrics = bench.call("ListMetrics", Json::object())["Metrics"];
    CHECK(metrics == Json::array({{{"Namespace", "Test"}, {"MetricName", "m"}, {"Dimensions", {a, b}}}}));
}

TEST_CASE("what services report arrives at minute resolution, equal samples summed up", "[metrics]") {
    Bench bench("2026-01-01T00:00:30Z");
    const DataPoint point{.metric_name = "m",
                          .dimensions = {{"b", "2"}, {"a", "1"}},
                          .timestamp = bench.clock.now(),
                          .value = 3};
    const std::vector<DataPoint> points(100, point);
    bench.storage.write(
        [&](Database& database) { bench.cloudwatch.put(database, bench.caller, "Test", points); });
    bench.storage.write(
        [&](Database& database) { bench.cloudwatch.put(database, bench.caller, "Test", points); });
    const auto lease = bench.storage.read();
    Rows rows = (*lease).query("SELECT start_ms, value, weight FROM metric_sample");
    REQUIRE(rows.step());
    CHECK(rows.integer(0) == ms("2026-01-01T00:00:00Z"));
    CHECK(rows.real(1) == 3);
    CHECK(rows.real(2) == 200);
    CHECK_FALSE(rows.step());
}

}  // namespace
}  // namespace rockwatch::cloudwatch
