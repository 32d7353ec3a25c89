#include <filesystem>

#include "services/cloudwatch/cloudwatch_bench.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

Json datum(const std::string& name, double value, const std::string& unit, const std::string& at) {
    return {{"MetricName", name}, {"Value", value}, {"Unit", unit}, {"Timestamp", ms(at)}};
}

void put(Bench& bench, const Json& data) {
    bench.call("PutMetricData", {{"Namespace", "Test"}, {"MetricData", data}});
}

Json statistics_input(const Json& changes) {
    Json input{{"Namespace", "Test"},
               {"MetricName", "m"},
               {"StartTime", ms("2026-01-01T00:00:00Z")},
               {"EndTime", ms("2026-01-01T01:00:00Z")},
               {"Period", 60},
               {"Statistics", {"Sum"}}};
    input.update(changes);
    return input;
}

Json query(const std::string& id, const Json& changes = Json::object(), const std::string& name = "m") {
    Json stat{{"Metric", {{"Namespace", "Test"}, {"MetricName", name}}}, {"Period", 60}, {"Stat", "Sum"}};
    stat.update(changes);
    return {{"Id", id}, {"MetricStat", stat}};
}

Json data_input(const std::vector<Json>& queries, const Json& changes = Json::object()) {
    Json input{{"MetricDataQueries", queries},
               {"StartTime", ms("2026-01-01T00:00:00Z")},
               {"EndTime", ms("2026-01-01T01:00:00Z")}};
    input.update(changes);
    return input;
}

TEST_CASE("GetMetricStatistics refuses what AWS refuses, in AWS's words", "[metrics]") {
    struct Row {
        Json changes;
        std::string code;
        std::string message;
    };
    const auto row = GENERATE(values<Row>({
        {{{"StartTime", ms("2026-01-01T02:00:00Z")}},
         "InvalidParameterValueException",
         "The parameter StartTime must be less than the parameter EndTime."},
        {{{"Period", 45}},
         "InvalidParameterValueException",
         "The parameter Period must be a multiple of 60."},
        {{{"EndTime", ms("2026-01-02T00:00:00Z")}, {"Period", 1}},
         "InvalidParameterCombinationException",
         "You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce the "
         "datapoints "
         "requested by increasing Period, or decreasing the time range."},
        {{{"Statistics", Json::array()}},
         "MissingRequiredParameterException",
         "The parameter Statistics is required."},
        {{{"ExtendedStatistics", {"p50"}}},
         "InvalidParameterCombinationException",
         "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified "
         "both."},
        {{{"Statistics", Json::array()}, {"ExtendedStatistics", {"p50", "p101"}}},
         "InvalidParameterValueException",
         "The value p101 for parameter ExtendedStatistics.member.2 is not supported."},
    }));
    CAPTURE(row.changes);
    Bench bench("2026-01-01T01:00:00Z");
    CHECK(bench.refusal("GetMetricStatistics", statistics_input(row.changes)) ==
          Refusal{row.code, row.message});
}

TEST_CASE("a metric without data answers its name and no datapoints", "[metrics]") {
    Bench bench("2026-01-01T01:00:00Z");
    CHECK(bench.call("GetMetricStatistics", statistics_input(Json::object())) ==
          Json{{"Label", "m"}, {"Datapoints", Json::array()}});
}

TEST_CASE("buckets start at the rounded StartTime and end before EndTime", "[metrics]") {
    Bench bench("2026-01-01T01:00:00Z");
    put(bench, {datum("m", 1, "None", "2026-01-01T00:17:59Z"), datum("m", 2, "None", "2026-01-01T00:18:00Z"),
                datum("m", 4, "None", "2026-01-01T00:22:59Z"), datum("m", 8, "None", "2026-01-01T00:23:00Z"),
                datum("m", 16, "None", "2026-01-01T00:28:00Z")});
    const Json points =
        bench.call("GetMetricStatistics", statistics_input({{"StartTime", ms("2026-01-01T00:18:31Z")},
                                                            {"EndTime", ms("2026-01-01T00:28:00Z")},
                                                            {"Period", 300}}))["Datapoints"];
    CHECK(points ==
          Json::array({{{"Timestamp", ms("2026-01-01T00:18:00Z")}, {"Sum", 6.0}, {"Unit", "None"}},
                       {{"Timestamp", ms("2026-01-01T00:23:00Z")}, {"Sum", 8.0}, {"Unit", "None"}}}));
}

TEST_CASE("extended statistics answer in a map of their own", "[metrics]") {
    Bench bench("2026-01-01T01:00:00Z");
    put(bench,
        {{{"MetricName", "m"}, {"Values", {1.0, 2.0, 3.0}}, {"Timestamp", ms("2026-01-01T00:10:00Z")}}});
    Json input = statistics_input({{"ExtendedStatistics", {"p50", "tm100"}}});
    input.erase("Statistics");
    CHECK(bench.call("GetMetricStatistics", input)["Datapoints"] ==
          Json::array({{{"Timestamp", ms("2026-01-01T00:10:00Z")},
                        {"Unit", "None"},
                        {"ExtendedStatistics", {{"p50", 2.0}, {"tm100", 2.0}}}}}));
}

TEST_CASE("GetMetricStatistics answers one datapoint a unit, GetMetricData one unit and a message",
          "[metrics]") {
    Bench bench("2026-01-01T01:00:00Z");
    const std::string at = "2026-01-01T00:10:00Z";
    put(bench, {datum("m", 60000, "Milliseconds", at), datum("m", 60, "Seconds", at)});
    CHECK(bench.call("GetMetricStatistics", statistics_input(Json::object()))["Datapoints"].size() == 2);
    CHECK(bench.call("GetMetricStatistics",
                     statistics_input({{"Unit", "Seconds"}}))["Datapoints"][0]["Sum"] == 60.0);
    CHECK(bench.call("GetMetricStatistics", statistics_input({{"Unit", "Bytes"}}))["Datapoints"].empty());

    const auto result = [&](const Json& changes) {
        return bench.call("GetMetricData", data_input({query("a", changes)}))["MetricDataResults"][0];
    };
    Json several = result(Json::object());
    CHECK(several["Values"] == Json::array({60000.0}));
    CHECK(several["Messages"] ==
          Json::array({{{"Code", "MultipleUnits"},
                        {"Value", "Multiple units returned: '[Milliseconds, Seconds]'"}}}));
    put(bench, Json::array({datum("m", 5, "Count", at)}));
    several = result(Json::object());
    CHECK(several["Values"] == Json::array({5.0}));
    CHECK(several["Messages"][0]["Value"] == "Multiple units returned: '[Count, Milliseconds, Seconds]'");
    CHECK(result({{"Unit", "Seconds"}}) == Json{{"Id", "a"},
                                                {"Label", "m"},
                                                {"StatusCode", "Complete"},
                                                {"Timestamps", {ms(at)}},
                                                {"Values", {60.0}}});
    CHECK(result({{"Unit", "Bytes"}}) == Json{{"Id", "a"},
                                              {"Label", "m"},
                                              {"StatusCode", "Complete"},
                                              {"Timestamps", Json::array()},
                                              {"Values", Json::array()}});
}

TEST_CASE("GetMetricData refuses what it cannot answer", "[metrics]") {
    struct Row {
        Json input;
        std::string code;
        std::string message;
    };
    const Json expression{{"Id", "e1"}, {"Expression", "m1*2"}};
    const auto row = GENERATE_COPY(values<Row>({
        {data_input({expression}), "ValidationError",
         "The parameter MetricDataQueries.member.1.Expression is not supported by Rockwatch yet: metric math "
         "comes later. "
         "Use MetricStat."},
        {data_input({Json{{"Id", "a"}}}), "ValidationError",
         "Exactly one of MetricDataQueries.member.1.MetricStat and MetricDataQueries.member.1.Expression "
         "must be "
         "specified."},
        {data_input({query("A")}), "ValidationError",
         "The value A for parameter MetricDataQueries.member.1.Id is not supported. It must start with a "
         "lower-case "
         "letter and hold letters, digits and underscores alone."},
        {data_input({query("a"), query("a")}), "ValidationError",
         "The values for parameter Id in MetricDataQueries are not unique: a."},
        {data_input({query("a", {{"Stat", "p101"}})}), "ValidationError",
         "The value p101 for parameter MetricDataQueries.member.1.MetricStat.Stat is not supported."},
        {data_input({query("a", {{"Period", 61}})}), "ValidationError",
         "The parameter MetricDataQueries.member.1.MetricStat.Period must be a multiple of 60."},
        {data_input({query("a")}, {{"EndTime", ms("2026-01-01T00:00:00Z")}}), "ValidationError",
         "The parameter StartTime must not equal parameter EndTime."},
        {data_input({query("a")}, {{"EndTime", ms("2025-01-01T00:00:00Z")}}), "ValidationError",
         "The parameter EndTime must be greater than StartTime."},
        {data_input({query("a")}, {{"MaxDatapoints", 100801}}), "ValidationError",
         "The parameter MaxDatapoints must be between 1 and 100800."},
        {data_input({query("a")}, {{"NextToken", "nonsense"}}), "InvalidNextToken",
         "The parameter NextToken is invalid for this request."},
        {data_input({query("a")}, {{"LabelOptions", {{"Timezone", "CET"}}}}), "ValidationError",
         "The value CET for parameter LabelOptions.Timezone is not supported."},
    }));
    CAPTURE(row.message);
    Bench bench("2026-01-01T01:00:00Z");
    CHECK(bench.refusal("GetMetricData", row.input) == Refusal{row.code, row.message});
}

TEST_CASE("GetMetricData lists newest first, oldest first when asked, and hides what returns no data",
          "[metrics]") {
    Bench bench("2026-01-01T01:00:00Z");
    put(bench,
        {datum("m", 1, "None", "2026-01-01T00:10:00Z"), datum("m", 2, "None", "2026-01-01T00:20:00Z")});
    Json hidden = query("b");
    hidden["ReturnData"] = false;
    const Json newest = bench.call("GetMetricData", data_input({query("a"), hidden}));
    CHECK(newest == Json{{"Messages", Json::array()},
                         {"MetricDataResults",
                          {{{"Id", "a"},
                            {"Label", "m"},
                            {"StatusCode", "Complete"},
                            {"Timestamps", {ms("2026-01-01T00:20:00Z"), ms("2026-01-01T00:10:00Z")}},
                            {"Values", {2.0, 1.0}}}}}});
    const Json oldest =
        bench.call("GetMetricData", data_input({query("a")}, {{"ScanBy", "TimestampAscending"}}));
    CHECK(oldest["MetricDataResults"][0]["Values"] == Json::array({1.0, 2.0}));
}

TEST_CASE("GetMetricData labels queries", "[metrics]") {
    Bench bench("2026-01-01T01:00:00Z");
    bench.put_value(4, "m", "2026-01-01T00:10:00Z");
    Json named = query("b");
    named["Label"] = "peak ${MAX}";
    const Json results = bench.call(
        "GetMetricData", data_input({query("a", {{"Stat", "Maximum"}}), named}))["MetricDataResults"];
    CHECK(results[0]["Label"] == "m Maximum");
    CHECK(results[1]["Label"] == "peak 4");
}

TEST_CASE("GetMetricData pages through points and queries, each once", "[metrics]") {
    Bench bench("2026-01-01T01:00:00Z");
    for (int minute = 10; minute < 15; ++minute) {
        const std::string at = "2026-01-01T00:" + std::to_string(minute) + ":00Z";
        bench.put_value(minute, "m", at);
        bench.put_value(minute + 100, "n", at);
    }
    Json input = data_input({query("a"), query("b", Json::object(), "n")}, {{"MaxDatapoints", 3}});
    std::vector<double> values;
    std::vector<std::string> statuses;
    int pages = 0;
    for (bool more = true; more; ++pages) {
        const Json page = bench.call("GetMetricData", input);
        for (const Json& result : page["MetricDataResults"]) {
            for (const Json& value : result["Values"]) values.push_back(value);
            statuses.push_back(result["StatusCode"]);
        }
        more = page.contains("NextToken");
        if (more) input["NextToken"] = page["NextToken"];
        REQUIRE(pages < 10);
    }
    CHECK(pages == 4);
    CHECK(values == std::vector<double>{14, 13, 12, 11, 10, 114, 113, 112, 111, 110});
    CHECK(statuses == std::vector<std::string>{"PartialData", "PartialData", "Complete", "PartialData",
                                               "Complete", "PartialData", "Complete", "Complete"});
    input["StartTime"] = ms("2026-01-01T00:01:00Z");
    CHECK(bench.refusal("GetMetricData", input).code == "InvalidNextToken");
}

TEST_CASE("reads beyond a resolution's retention are empty, not refused", "[metrics]") {
    Bench bench("2026-01-01T00:00:00Z");
    bench.put_value(1, "m");
    bench.clock.set(ClockMode::frozen, *parse_iso("2026-01-20T00:00:00Z"));
    const auto count = [&](int period) {
        return bench
            .call("GetMetricData",
                  data_input({query("a", {{"Period", period}})}))["MetricDataResults"][0]["Values"]
            .size();
    };
    CHECK(count(60) == 0);
    CHECK(count(300) == 1);
}

TEST_CASE("a read that starts before anything is kept finds what is, in buckets of its own start",
          "[metrics]") {
    Bench bench("2026-01-01T00:00:00Z");
    bench.put_value(1, "m");
    const Json long_ago{{"StartTime", ms("1970-01-01T05:00:00Z")}, {"EndTime", ms("2026-01-01T01:00:00Z")}};
    const Json found = bench.call(
        "GetMetricData", data_input({query("a", {{"Period", 86'400}})}, long_ago))["MetricDataResults"];
    CHECK(found[0]["Values"] == Json{1.0});
    CHECK(found[0]["Timestamps"] == Json{ms("2025-12-31T05:00:00Z")});
    const Json four_years{{"StartTime", ms("2023-01-01T05:00:00Z")}, {"Period", 86'400}};
    CHECK(bench.call("GetMetricStatistics", statistics_input(four_years))["Datapoints"].size() == 1);

    // What is older than 455 days is gone, though a read reaches back further.
    bench.clock.set(ClockMode::frozen, *parse_iso("2027-04-02T00:00:00Z"));
    CHECK(bench.call("GetMetricStatistics", statistics_input(four_years))["Datapoints"].empty());
}

TEST_CASE("ListMetrics filters by namespace, name and dimensions, in one fixed order", "[metrics]") {
    Bench bench;
    const auto dimension = [](const char* name, const char* value) {
        return Json{{"Name", name}, {"Value", value}};
    };
    put(bench,
        {{{"MetricName", "b"}, {"Value", 1.0}, {"Dimensions", {dimension("x", "1"), dimension("y", "2")}}},
         {{"MetricName", "b"},
          {"Value", 1.0},
          {"Unit", "Count"},
          {"Dimensions", {dimension("x", "1"), dimension("y", "2")}}},
         {{"MetricName", "b"}, {"Value", 1.0}, {"Dimensions", {dimension("x", "3")}}},
         {{"MetricName", "a"}, {"Value", 1.0}}});
    bench.call("PutMetricData",
               {{"Namespace", "Other"}, {"MetricData", {{{"MetricName", "a"}, {"Value", 1.0}}}}});
    const auto count = [&](const Json& input) { return bench.call("ListMetrics", input)["Metrics"].size(); };
    CHECK(count(Json::object()) == 4);
    CHECK(count({{"Namespace", "Test"}}) == 3);
    CHECK(count({{"MetricName", "a"}}) == 2);
    CHECK(count({{"Namespace", "Test"}, {"MetricName", "b"}}) == 2);
    CHECK(count({{"Dimensions", {{{"Name", "x"}}}}}) == 2);
    CHECK(count({{"Dimensions", {{{"Name", "x"}, {"Value", "1"}}}}}) == 1);
    CHECK(count({{"Dimensions", {{{"Name", "x"}, {"Value", "1"}}, {{"Name", "z"}}}}}) == 0);
    CHECK(count({{"OwningAccount", "999999999999"}}) == 0);
    CHECK(bench.call("ListMetrics", {{"IncludeLinkedAccounts", true}})["OwningAccounts"].size() == 4);
    const Json metrics = bench.call("ListMetrics", Json::object())["Metrics"];
    CHECK(metrics[0]["Namespace"] == "Other");
    CHECK(metrics[1] == Json{{"Namespace", "Test"}, {"MetricName", "a"}, {"Dimensions", Json::array()}});
}

TEST_CASE("ListMetrics pages by 500 and refuses a token that is not its own", "[metrics]") {
    Bench bench;
    for (int call = 0; call < 3; ++call) {
        Json data = Json::array();
        for (int index = 0; index < 400; ++index) {
            data.push_back({{"MetricName", "m" + std::to_string(call * 400 + index)}, {"Value", 1.0}});
        }
        put(bench, data);
    }
    for (const char* metric_namespace : {"", "Test"}) {
        Json input = Json::object();
        if (*metric_namespace != 0) input["Namespace"] = metric_namespace;
        std::set<std::string> names;
        std::vector<std::size_t> sizes;
        for (bool more = true; more;) {
            const Json page = bench.call("ListMetrics", input);
            sizes.push_back(page["Metrics"].size());
            for (const Json& metric : page["Metrics"]) names.insert(metric["MetricName"].get<std::string>());
            more = page.contains("NextToken");
            if (more) input["NextToken"] = page["NextToken"];
        }
        CHECK(sizes == std::vector<std::size_t>{500, 500, 200});
        CHECK(names.size() == 1200);
    }
    CHECK(bench.refusal("ListMetrics", {{"NextToken", "x"}}) ==
          Refusal{"InvalidParameterValueException", "Request parameter NextToken is invalid"});
}

TEST_CASE("metrics leave the list after two weeks, and the recent ones after three hours", "[metrics]") {
    Bench bench;
    bench.put_value(1, "m");
    const auto count = [&](const Json& input) { return bench.call("ListMetrics", input)["Metrics"].size(); };
    bench.advance(std::chrono::hours{3});
    CHECK(count({{"RecentlyActive", "PT3H"}}) == 1);
    bench.advance(std::chrono::minutes{1});
    CHECK(count({{"RecentlyActive", "PT3H"}}) == 0);
    CHECK(count(Json::object()) == 1);
    bench.advance(std::chrono::hours{24 * 14});
    CHECK(count(Json::object()) == 0);
}

TEST_CASE("metrics belong to an account and region", "[metrics]") {
    Bench bench;
    bench.put_value(1, "m");
    bench.caller.region = "eu-west-1";
    CHECK(bench.call("ListMetrics", Json::object())["Metrics"].empty());
    bench.put_value(5, "m");
    bench.clock.advance_to(bench.clock.now() + std::chrono::minutes{1});
    CHECK(bench.call("GetMetricData", data_input({query("a")}))["MetricDataResults"][0]["Values"] ==
          Json::array({5.0}));
}

TEST_CASE("metrics survive a restart, and a reset removes them", "[metrics]") {
    const std::string path =
        (std::filesystem::temp_directory_path() / "rockwatch-cloudwatch-metrics.db").string();
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
    {
        Bench bench("2026-01-01T00:00:00Z", path);
        bench.put_value(1, "m");
    }
    {
        Bench bench("2026-01-01T00:01:00Z", path);
        bench.put_value(2, "m", "2026-01-01T00:00:00Z");
        const Json input = data_input({query("a")});
        CHECK(bench.call("GetMetricData", input)["MetricDataResults"][0]["Values"] == Json::array({3.0}));
        bench.storage.write([&](Database& database) { bench.cloudwatch.reset_metrics(database); });
        CHECK(bench.call("ListMetrics", Json::object())["Metrics"].empty());
        bench.put_value(4, "m", "2026-01-01T00:00:00Z");
        CHECK(bench.call("GetMetricData", input)["MetricDataResults"][0]["Values"] == Json::array({4.0}));
    }
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
}

}  // namespace
}  // namespace rockwatch::cloudwatch
