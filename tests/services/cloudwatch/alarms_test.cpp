#include <filesystem>

#include "services/cloudwatch/cloudwatch_bench.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

const std::string topic = "arn:aws:sns:us-east-1:123456789012:oncall";

TEST_CASE("PutMetricAlarm refuses what AWS refuses, in AWS's words", "[alarms]") {
    struct Row {
        Json changes;
        std::string message;
        std::string code = "ValidationError";
    };
    const Json metric_stat{
        {"Metric", {{"Namespace", "n"}, {"MetricName", "m"}}}, {"Period", 60}, {"Stat", "Sum"}};
    const auto list = [](std::vector<Json> metrics) {
        return Json{{"MetricName", nullptr},
                    {"Namespace", nullptr},
                    {"Statistic", nullptr},
                    {"Period", nullptr},
                    {"Metrics", std::move(metrics)}};
    };
    const Json stat_query{{"Id", "m1"}, {"MetricStat", metric_stat}, {"ReturnData", false}};
    const Json expression{{"Id", "e1"}, {"Expression", "m1*2"}};
    const auto row = GENERATE_COPY(values<Row>({
        {{{"Period", 45}}, "Period must be 10, 20, 30 or a multiple of 60"},
        {{{"Period", 5}}, "Period must be 10, 20, 30 or a multiple of 60"},
        {{{"Period", nullptr}}, "Period must not be null"},
        {{{"EvaluationPeriods", 1441}},
         "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)"},
        {{{"Period", 3600}, {"EvaluationPeriods", 169}},
         "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) "
         "for alarms "
         "using period >= 3600"},
        {{{"DatapointsToAlarm", 2}}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"},
        {{{"Threshold", nullptr}}, "PutMetricAlarm request should have valid Threshold parameter"},
        {{{"ComparisonOperator", "GreaterThanUpperThreshold"}},
         "ComparisonOperators for ranges require ThresholdMetricId to be set"},
        {{{"ThresholdMetricId", "ad1"}}, "Threshold and ThresholdMetricId cannot both be set"},
        {{{"ThresholdMetricId", "ad1"},
          {"Threshold", nullptr},
          {"AlarmActions", {"arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x"}}},
         "autoscaling actions not supported when ThresholdMetricId is set"},
        {{{"ThresholdMetricId", "ad1"}, {"Threshold", nullptr}},
         "Anomaly detection alarms (ThresholdMetricId) are not supported by Rockwatch yet."},
        {{{"MetricName", nullptr}}, "MetricName must not be null"},
        {{{"Namespace", nullptr}}, "Namespace must not be null"},
        {{{"EvaluationPeriods", nullptr}},
         "1 validation error detected: Value null at 'evaluationPeriods' failed to satisfy constraint: "
         "Member must not "
         "be null"},
        {{{"ComparisonOperator", nullptr}},
         "1 validation error detected: Value null at 'comparisonOperator' failed to satisfy constraint: "
         "Member must not "
         "be null"},
        {{{"Metrics", {expression}}, {"MetricName", nullptr}, {"Namespace", nullptr}, {"Period", nullptr}},
         "Statistic should not be set if list of Metrics is set."},
        {list({stat_query}), "Exactly one element of the metrics list should return data."},
        {list({Json{{"Id", "m1"}}}), "Invalid metrics list"},
        {list({Json{{"Id", "e1"}, {"Expression", "SEARCH('x', 'Sum')"}}}),
         "SEARCH is not supported on Metric Alarms."},
        {list({stat_query, expression}),
         "Alarms over a list of Metrics (metric math) are not supported by Rockwatch yet. Use MetricName, "
         "Namespace, "
         "Statistic and Period."},
        {{{"EvaluationCriteria", {{"PromQLCriteria", {{"Query", "up"}}}}}},
         "PromQL alarms (EvaluationCriteria) are not supported by Rockwatch."},
        {{{"EvaluateLowSampleCountPercentile", "evaluate"}},
         "Option evaluateLowSampleCountPercentile can not be applied with statistic Average. This option is "
         "enabled only "
         "for percentile statistics."},
        {{{"EvaluateLowSampleCountPercentile", "often"},
          {"Statistic", nullptr},
          {"ExtendedStatistic", "p99"}},
         "Option often is not supported. Supported options for parameter EvaluateLowSampleCountPercentile "
         "are evaluate "
         "and ignore."},
        {{{"TreatMissingData", "never"}},
         "The value never is not supported for TreatMissingData parameter. Supported values are [breaching, "
         "notBreaching, "
         "ignore, missing]."},
        {{{"Statistic", nullptr}, {"ExtendedStatistic", "p101"}},
         "The value p101 for parameter ExtendedStatistic is not supported.",
         "InvalidParameterValueException"},
        {{{"Statistic", nullptr}, {"ExtendedStatistic", "p100.banana"}},
         "The value p100.banana for parameter ExtendedStatistic is not supported.",
         "InvalidParameterValueException"},
        {{{"Statistic", nullptr}, {"ExtendedStatistic", "p100."}},
         "The value p100. for parameter ExtendedStatistic is not supported.",
         "InvalidParameterValueException"},
        {{{"ExtendedStatistic", "p99"}},
         "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. Only "
         "one of them "
         "should be present"},
        {{{"Statistic", nullptr}}, "PutMetricAlarm request should have a Statistic parameter"},
        {{{"AlarmActions", {"arn:aws:s3:us-east-1:123456789012:x"}}}, "Unsupported AWS vendor s3"},
        {{{"OKActions", {"arn:aws:sns:eu-west-1:123456789012:x"}}},
         "Invalid region eu-west-1 specified. Only us-east-1 is supported."},
        {{{"InsufficientDataActions", {"oncall"}}}, "Invalid arn syntax: oncall"},
        {{{"AlarmName", "a\nb"}}, "AlarmName must not contain ASCII control characters"},
    }));
    CAPTURE(row.changes.dump());
    Bench bench;
    CHECK(bench.refusal("PutMetricAlarm", alarm_input("a", row.changes)) == Refusal{row.code, row.message});
    CHECK(bench.call("DescribeAlarms", Json::object())["MetricAlarms"].empty());
}

TEST_CASE("the largest spans of evaluation, and a percentile just over 100, are accepted", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("day", {{"EvaluationPeriods", 1440}}));
    bench.call("PutMetricAlarm", alarm_input("week", {{"Period", 3600}, {"EvaluationPeriods", 168}}));
    bench.call("PutMetricAlarm", alarm_input("p", {{"Statistic", nullptr}, {"ExtendedStatistic", "p100.5"}}));
    bench.advance(std::chrono::minutes{1});
    CHECK(bench.cloudwatch.evaluations() == 3);
}

TEST_CASE("a percentile that an older version took is still read from its file", "[alarms]") {
    const Alarm stored{.name = "p",
                       .configuration = {{"ExtendedStatistic", "p100.banana"},
                                         {"ComparisonOperator", "GreaterThanThreshold"}}};
    CHECK(watched(stored).statistic.name() == "p100");
}

TEST_CASE("a minimal alarm is described without what it was not given", "[alarms]") {
    Bench bench("2026-01-01T00:00:00.123Z");
    bench.call("PutMetricAlarm", alarm_input("a"));
    const std::int64_t now = ms("2026-01-01T00:00:00.123Z");
    CHECK(bench.alarm("a") == Json{{"AlarmName", "a"},
                                   {"AlarmArn", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"},
                                   {"AlarmConfigurationUpdatedTimestamp", now},
                                   {"ActionsEnabled", true},
                                   {"OKActions", Json::array()},
                                   {"AlarmActions", Json::array()},
                                   {"InsufficientDataActions", Json::array()},
                                   {"StateValue", "INSUFFICIENT_DATA"},
                                   {"StateReason", "Unchecked: Initial alarm creation"},
                                   {"StateUpdatedTimestamp", now},
                                   {"StateTransitionedTimestamp", now},
                                   {"MetricName", "Latency"},
                                   {"Namespace", "Test"},
                                   {"Statistic", "Average"},
                                   {"Dimensions", Json::array()},
                                   {"Period", 60},
                                   {"EvaluationPeriods", 1},
                                   {"Threshold", 10.0},
                                   {"ComparisonOperator", "GreaterThanThreshold"}});
}

TEST_CASE("everything an alarm is given is described again", "[alarms]") {
    Bench bench;
    const Json given{{"AlarmDescription", "slow"},
                     {"ActionsEnabled", false},
                     {"OKActions", {topic}},
                     {"AlarmActions", {topic + "2"}},
                     {"InsufficientDataActions", {topic + "3"}},
                     {"Statistic", nullptr},
                     {"ExtendedStatistic", "p99"},
                     {"Dimensions", {{{"Name", "ModelId"}, {"Value", "titan"}}}},
                     {"Unit", "Milliseconds"},
                     {"EvaluationPeriods", 3},
                     {"DatapointsToAlarm", 2},
                     {"TreatMissingData", "notBreaching"},
                     {"EvaluateLowSampleCountPercentile", "ignore"}};
    bench.call("PutMetricAlarm", alarm_input("a", given));
    const Json alarm = bench.alarm("a");
    for (const auto& [name, value] : given.items()) {
        CAPTURE(name);
        if (!value.is_null()) CHECK(alarm[name] == value);
    }
    CHECK_FALSE(alarm.contains("Statistic"));
}

TEST_CASE("an update replaces the configuration, keeps the state and ignores tags", "[alarms]") {
    Bench bench;
    const Json tags = Json::array({{{"Key", "team"}, {"Value", "search"}}});
    bench.call("PutMetricAlarm", alarm_input("a", {{"AlarmDescription", "first"}, {"Tags", tags}}));
    bench.call("SetAlarmState", {{"AlarmName", "a"}, {"StateValue", "OK"}, {"StateReason", "by hand"}});
    bench.clock.advance_to(bench.clock.now() + std::chrono::seconds{1});
    bench.call("PutMetricAlarm",
               alarm_input("a", {{"Threshold", 20.0}, {"Tags", {{{"Key", "x"}, {"Value", "y"}}}}}));
    const Json alarm = bench.alarm("a");
    CHECK(alarm["Threshold"] == 20.0);
    CHECK_FALSE(alarm.contains("AlarmDescription"));
    CHECK(alarm["StateValue"] == "OK");
    CHECK(alarm["StateReason"] == "by hand");
    CHECK(alarm["AlarmConfigurationUpdatedTimestamp"] == ms("2026-01-01T00:00:01Z"));
    CHECK(alarm["StateUpdatedTimestamp"] == ms("2026-01-01T00:00:00Z"));
    CHECK(bench.call("ListTagsForResource", {{"ResourceARN", alarm["AlarmArn"]}})["Tags"] == tags);
}

TEST_CASE("DescribeAlarms filters, orders by name and pages", "[alarms]") {
    Bench bench;
    for (const char* name : {"b-2", "a-1", "b-1", "c"}) bench.call("PutMetricAlarm", alarm_input(name));
    bench.call("PutMetricAlarm", alarm_input("d", {{"AlarmActions", {topic}}}));
    bench.call("SetAlarmState", {{"AlarmName", "c"}, {"StateValue", "ALARM"}, {"StateReason", "x"}});
    const auto names = [&](const Json& input) {
        std::vector<std::string> found;
        for (const Json answer = bench.call("DescribeAlarms", input);
             const Json& alarm : answer["MetricAlarms"])
            found.push_back(alarm["AlarmName"]);
        return found;
    };
    using Names = std::vector<std::string>;
    CHECK(names(Json::object()) == Names{"a-1", "b-1", "b-2", "c", "d"});
    CHECK(names({{"AlarmNamePrefix", "b-"}}) == Names{"b-1", "b-2"});
    CHECK(names({{"AlarmNames", {"c", "nobody", "a-1"}}}) == Names{"a-1", "c"});
    CHECK(names({{"StateValue", "ALARM"}}) == Names{"c"});
    CHECK(names({{"ActionPrefix", "arn:aws:sns:"}}) == Names{"d"});
    CHECK(names({{"AlarmTypes", {"CompositeAlarm"}}}).empty());
    CHECK(bench.call("DescribeAlarms", {{"AlarmTypes", {"CompositeAlarm"}}}) ==
          Json{{"MetricAlarms", Json::array()}, {"CompositeAlarms", Json::array()}});

    const Json first = bench.call("DescribeAlarms", {{"MaxRecords", 2}});
    REQUIRE(first.contains("NextToken"));
    CHECK(names({{"MaxRecords", 3}, {"NextToken", first["NextToken"]}}) == Names{"b-2", "c", "d"});
    CHECK_FALSE(bench.call("DescribeAlarms", {{"MaxRecords", 5}}).contains("NextToken"));
}

TEST_CASE("DescribeAlarms refuses filters that exclude each other and foreign tokens", "[alarms]") {
    struct Row {
        Json input;
        std::string code;
        std::string message;
    };
    const auto row = GENERATE(values<Row>({
        {{{"AlarmNames", {"a"}}, {"AlarmNamePrefix", "a"}},
         "ValidationError",
         "AlarmNamePrefix and AlarmNames cannot both be specified"},
        {{{"NextToken", "x"}}, "InvalidNextToken", "The parameter NextToken is invalid for this request."},
        {{{"ChildrenOfAlarmName", "a"}, {"StateValue", "OK"}},
         "ValidationError",
         "ChildrenOfAlarmName can only be specified together with MaxRecords and NextToken"},
        {{{"ParentsOfAlarmName", "nobody"}}, "ValidationError", "Alarm nobody does not exist"},
    }));
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a"));
    CHECK(bench.refusal("DescribeAlarms", row.input) == Refusal{row.code, row.message});
    CHECK(bench.call("DescribeAlarms", {{"ParentsOfAlarmName", "a"}})["CompositeAlarms"].empty());
}

TEST_CASE("alarms are found by their metric", "[alarms]") {
    Bench bench;
    const Json dimensions = Json::array({{{"Name", "a"}, {"Value", "1"}}, {{"Name", "b"}, {"Value", "2"}}});
    bench.call("PutMetricAlarm", alarm_input("bare"));
    bench.call("PutMetricAlarm", alarm_input("dimensions", {{"Dimensions", dimensions}, {"Period", 300}}));
    bench.call("PutMetricAlarm", alarm_input("other", {{"MetricName", "Other"}}));
    const auto count = [&](Json input) {
        input.update(Json{{"Namespace", "Test"}, {"MetricName", "Latency"}});
        return bench.call("DescribeAlarmsForMetric", input)["MetricAlarms"].size();
    };
    CHECK(count(Json::object()) == 1);
    CHECK(count({{"Period", 300}}) == 0);
    CHECK(count({{"Period", 300}, {"Dimensions", dimensions}}) == 1);
    CHECK(count({{"Statistic", "Sum"}}) == 0);
    CHECK(count({{"ExtendedStatistic", "p99"}}) == 0);
    CHECK(count({{"Unit", "Count"}}) == 0);
    CHECK(count({{"Dimensions", {dimensions[1], dimensions[0]}}}) == 1);
    CHECK(count({{"Dimensions", {dimensions[0]}}}) == 0);
}

TEST_CASE("DeleteAlarms deletes the known among the names and refuses when none is known", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a", {{"Tags", {{{"Key", "k"}, {"Value", "v"}}}}}));
    const std::string arn = bench.alarm("a")["AlarmArn"];
    bench.call("DeleteAlarms", {{"AlarmNames", {"nobody", "a"}}});
    CHECK(bench.call("DescribeAlarms", Json::object())["MetricAlarms"].empty());
    CHECK(bench.call("ListTagsForResource", {{"ResourceARN", arn}})["Tags"].empty());
    CHECK(bench.refusal("DeleteAlarms", {{"AlarmNames", {"a"}}}) == Refusal{"ResourceNotFound", ""});
    CHECK(bench.refusal("DeleteAlarms", {{"AlarmNames", Json::array_t(101, "a")}}).code == "ValidationError");
}

TEST_CASE("alarm history is kept when its alarm is deleted, newest first, for two weeks", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a"));
    bench.call("SetAlarmState", {{"AlarmName", "a"}, {"StateValue", "ALARM"}, {"StateReason", "by hand"}});
    bench.call("PutMetricAlarm", alarm_input("a", {{"Threshold", 5.0}}));
    bench.call("DeleteAlarms", {{"AlarmNames", {"a"}}});
    const auto summaries = [&](const Json& input) {
        std::vector<std::string> found;
        for (const Json answer = bench.call("DescribeAlarmHistory", input);
             const Json& item : answer["AlarmHistoryItems"]) {
            found.push_back(item["HistorySummary"]);
        }
        return found;
    };
    using Texts = std::vector<std::string>;
    const std::string transition = "Alarm updated from INSUFFICIENT_DATA to ALARM";
    CHECK(summaries({{"AlarmName", "a"}}) ==
          Texts{"Alarm \"a\" deleted", "Alarm \"a\" updated", transition, "Alarm \"a\" created"});
    CHECK(summaries({{"ScanBy", "TimestampAscending"}}).front() == "Alarm \"a\" created");
    CHECK(summaries({{"HistoryItemType", "StateUpdate"}}) == Texts{transition});
    CHECK(summaries({{"AlarmName", "b"}}).empty());
    CHECK(summaries({{"AlarmTypes", {"CompositeAlarm"}}}).empty());
    CHECK(summaries({{"AlarmContributorId", "x"}}).empty());
    CHECK(summaries({{"EndDate", ms("2025-12-31T23:59:59Z")}}).empty());
    CHECK(summaries({{"StartDate", ms("2026-01-01T00:00:00Z")}}).size() == 4);
    CHECK(bench.refusal("DescribeAlarmHistory", {{"NextToken", "x"}}).code == "InvalidNextToken");

    Json input{{"MaxRecords", 3}};
    const Json first = bench.call("DescribeAlarmHistory", input);
    input["NextToken"] = first["NextToken"];
    CHECK(summaries(input) == Texts{"Alarm \"a\" created"});

    bench.advance(std::chrono::hours{24 * 14 + 1});
    CHECK(summaries(Json::object()).empty());
}

TEST_CASE("the history of a change of state tells both states", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a"));
    bench.call("SetAlarmState", {{"AlarmName", "a"},
                                 {"StateValue", "ALARM"},
                                 {"StateReason", "by hand"},
                                 {"StateReasonData", R"({"b":1,"a":2})"}});
    const Json item =
        bench.call("DescribeAlarmHistory", {{"HistoryItemType", "StateUpdate"}})["AlarmHistoryItems"].at(0);
    CHECK(item["AlarmType"] == "MetricAlarm");
    CHECK(item["Timestamp"] == ms("2026-01-01T00:00:00Z"));
    CHECK(item["HistoryData"] ==
          R"({"version":"1.0","oldState":{"stateValue":"INSUFFICIENT_DATA","stateReason":)"
          R"("Unchecked: Initial alarm creation"},"newState":{"stateValue":"ALARM","stateReason":"by hand",)"
          R"("stateReasonData":{"b":1,"a":2}}})");
}

TEST_CASE("SetAlarmState refuses unknown alarms without a word, and data that is not JSON", "[alarms]") {
    Bench bench;
    CHECK(bench.refusal("SetAlarmState", {{"AlarmName", "a"}, {"StateValue", "OK"}, {"StateReason", "x"}}) ==
          Refusal{"ResourceNotFound", ""});
    bench.call("PutMetricAlarm", alarm_input("a"));
    CHECK(bench.refusal(
              "SetAlarmState",
              {{"AlarmName", "a"}, {"StateValue", "OK"}, {"StateReason", "x"}, {"StateReasonData", "{"}}) ==
          Refusal{"InvalidFormatFault", "StateReasonData is not valid JSON"});
}

TEST_CASE("SetAlarmState to the same value changes the reason, not the time of the transition", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a"));
    const auto set = [&](const char* reason) {
        bench.call("SetAlarmState", {{"AlarmName", "a"}, {"StateValue", "OK"}, {"StateReason", reason}});
    };
    set("first");
    bench.clock.advance_to(bench.clock.now() + std::chrono::seconds{5});
    set("second");
    const Json alarm = bench.alarm("a");
    CHECK(alarm["StateReason"] == "second");
    CHECK(alarm["StateUpdatedTimestamp"] == ms("2026-01-01T00:00:05Z"));
    CHECK(alarm["StateTransitionedTimestamp"] == ms("2026-01-01T00:00:00Z"));
    CHECK(bench.listener.transitions.size() == 1);
}

TEST_CASE("tags of alarms can be added, replaced and removed", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a"));
    const std::string arn = bench.alarm("a")["AlarmArn"];
    const auto tag = [](const char* key, const char* value) { return Json{{"Key", key}, {"Value", value}}; };
    bench.call("TagResource", {{"ResourceARN", arn}, {"Tags", {tag("b", "1"), tag("a", "1")}}});
    bench.call("TagResource", {{"ResourceARN", arn}, {"Tags", {tag("b", "2")}}});
    CHECK(bench.call("ListTagsForResource", {{"ResourceARN", arn}})["Tags"] ==
          Json::array({tag("a", "1"), tag("b", "2")}));
    bench.call("UntagResource", {{"ResourceARN", arn}, {"TagKeys", {"a", "nobody"}}});
    CHECK(bench.call("ListTagsForResource", {{"ResourceARN", arn}})["Tags"] == Json::array({tag("b", "2")}));

    CHECK(bench.refusal("TagResource", {{"ResourceARN", arn + "x"}, {"Tags", {tag("a", "1")}}}).code ==
          "ResourceNotFoundException");
    CHECK(bench.refusal("UntagResource", {{"ResourceARN", arn + "x"}, {"TagKeys", {"a"}}}).code ==
          "ResourceNotFoundException");
    CHECK(bench.refusal("TagResource", {{"ResourceARN", arn}, {"Tags", {tag("aws:x", "1")}}}) ==
          Refusal{"InvalidParameterValueException", "Tag keys that start with aws: are reserved."});
    CHECK(bench.refusal("ListTagsForResource", {{"ResourceARN", "nonsense"}}) ==
          Refusal{"InvalidParameterValueException",
                  "The value nonsense for parameter ResourceARN is invalid."});
    Json many = Json::array();
    for (int index = 0; index < 50; ++index) many.push_back(tag(std::to_string(index).c_str(), ""));
    CHECK(bench.refusal("TagResource", {{"ResourceARN", arn}, {"Tags", many}}) ==
          Refusal{"InvalidParameterValueException", "A resource must not have more than 50 tags."});
}

TEST_CASE("metrics, alarms and history are what time must not run backwards under", "[alarms]") {
    Bench bench;
    const auto has_data = [&] { return bench.cloudwatch.has_data(*bench.storage.read()); };
    CHECK_FALSE(has_data());
    bench.call("PutMetricAlarm", alarm_input("a"));
    CHECK(has_data());
    bench.call("DeleteAlarms", {{"AlarmNames", {"a"}}});
    CHECK(has_data());
    bench.storage.write([&](Database& database) { bench.cloudwatch.reset_alarms(database); });
    CHECK_FALSE(has_data());
    bench.put_value(1);
    CHECK(has_data());
}

TEST_CASE("alarms, states and history survive a restart; a reset removes them", "[alarms]") {
    const std::string path =
        (std::filesystem::temp_directory_path() / "rockwatch-cloudwatch-alarms.db").string();
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
    Json before;
    {
        Bench bench("2026-01-01T00:00:00Z", path);
        bench.call("PutMetricAlarm", alarm_input("a", {{"TreatMissingData", "breaching"}}));
        bench.call("SetAlarmState", {{"AlarmName", "a"}, {"StateValue", "OK"}, {"StateReason", "by hand"}});
        before = bench.alarm("a");
    }
    {
        Bench bench("2026-01-01T00:00:30Z", path);
        CHECK(bench.alarm("a") == before);
        bench.advance(std::chrono::minutes{1});  // armed at the start, for what the file holds
        CHECK(bench.state("a") == "ALARM");
        CHECK(bench.call("DescribeAlarmHistory", Json::object())["AlarmHistoryItems"].size() == 3);
        bench.storage.write([&](Database& database) { bench.cloudwatch.reset_alarms(database); });
        CHECK(bench.call("DescribeAlarms", Json::object())["MetricAlarms"].empty());
        CHECK(bench.call("DescribeAlarmHistory", Json::object())["AlarmHistoryItems"].empty());
        CHECK(bench.cloudwatch.evaluate({}, bench.clock.now()).evaluations == 0);
    }
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
}

}  // namespace
}  // namespace rockwatch::cloudwatch
