#include "services/cloudwatch/cloudwatch_bench.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const std::string topic = "arn:aws:sns:us-east-1:123456789012:oncall";

/// A minute of traffic: one value now, then a minute passes.
void minute_of(Bench& bench, double value) {
    bench.put_value(value);
    bench.advance(minutes{1});
}

TEST_CASE("an alarm over three periods of five minutes goes OK, ALARM and OK at the right minutes",
          "[alarms]") {
    Bench bench("2026-01-01T12:00:00Z");
    bench.call("PutMetricAlarm", alarm_input("slow", {{"Statistic", "Maximum"},
                                                      {"Period", 300},
                                                      {"EvaluationPeriods", 3},
                                                      {"OKActions", {topic}},
                                                      {"AlarmActions", {topic}}}));
    for (int minute = 0; minute < 20; ++minute) minute_of(bench, 5);   // 12:00 to 12:19
    for (int minute = 0; minute < 16; ++minute) minute_of(bench, 50);  // 12:20 to 12:35
    for (int minute = 0; minute < 20; ++minute) minute_of(bench, 5);   // 12:36 on

    REQUIRE(bench.listener.transitions.size() == 3);
    const auto& to_ok = bench.listener.transitions[0];
    const auto& to_alarm = bench.listener.transitions[1];
    const auto& back = bench.listener.transitions[2];
    // One good point is enough for OK: fewer than N points, and one does not breach.
    CHECK(iso_seconds(to_ok.at) == "2026-01-01T12:01:00Z");
    CHECK(to_ok.to == "OK");
    // The first bad minute ends 12:21; it is within the oldest of three windows first when that one is
    // [12:16, 12:21).
    CHECK(iso_seconds(to_alarm.at) == "2026-01-01T12:31:00Z");
    CHECK(to_alarm.from == "OK");
    CHECK(to_alarm.to == "ALARM");
    // The newest window is free of bad minutes at 12:41.
    CHECK(iso_seconds(back.at) == "2026-01-01T12:41:00Z");
    CHECK(back.to == "OK");

    REQUIRE(bench.publisher.notifications.size() == 3);
    CHECK(bench.publisher.notifications[1].subject == "ALARM: \"slow\" in US East (N. Virginia)");
    CHECK(bench.publisher.notifications[1].topic_arn == topic);
    CHECK(bench.publisher.notifications[1].source == "alarm");
    CHECK(to_alarm.reason ==
          "Threshold Crossed: 3 datapoints [50.0 (01/01/26 12:26:00), 50.0 (01/01/26 12:21:00), 50.0 "
          "(01/01/26 12:16:00)] "
          "were greater than the threshold (10.0).");
    CHECK(bench.alarm("slow")["StateReason"] == back.reason);
    CHECK(bench.alarm("slow")["StateUpdatedTimestamp"] == ms("2026-01-01T12:41:00Z"));
}

TEST_CASE("data published before the alarm existed counts at its first tick", "[alarms]") {
    Bench bench("2026-01-01T12:00:30Z");
    for (const char* at : {"2026-01-01T11:46:00Z", "2026-01-01T11:51:00Z", "2026-01-01T11:56:00Z"}) {
        bench.put_value(50, "Latency", at);
    }
    bench.call("PutMetricAlarm", alarm_input("slow", {{"Period", 300}, {"EvaluationPeriods", 3}}));
    CHECK(bench.state("slow") == "INSUFFICIENT_DATA");
    bench.advance(seconds{29});
    CHECK(bench.state("slow") == "INSUFFICIENT_DATA");
    bench.advance(seconds{1});
    CHECK(bench.state("slow") == "ALARM");
    const Json data = Json::parse(bench.alarm("slow")["StateReasonData"].get<std::string>());
    CHECK(data["startDate"] == "2026-01-01T11:46:00.000+0000");
    CHECK(data["queryDate"] == "2026-01-01T12:01:00.000+0000");
    CHECK(data["recentDatapoints"] == Json::array({50.0, 50.0, 50.0}));
}

TEST_CASE("two of three breaching datapoints are enough when the alarm says so", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("m-of-n", {{"EvaluationPeriods", 3}, {"DatapointsToAlarm", 2}}));
    const std::pair<double, std::string> expected[] = {{1, "OK"},     {50, "OK"},   {1, "OK"}, {50, "ALARM"},
                                                       {50, "ALARM"}, {1, "ALARM"}, {1, "OK"}};
    for (const auto& [value, state] : expected) {
        minute_of(bench, value);
        CHECK(bench.state("m-of-n") == state);
    }
}

TEST_CASE("missing data leads where the alarm says", "[alarms]") {
    struct Row {
        Json treat;
        std::string state;
        std::string reason;
    };
    const auto row = GENERATE(values<Row>({
        {nullptr, "INSUFFICIENT_DATA", "Insufficient Data: 1 datapoint was unknown."},
        {"missing", "INSUFFICIENT_DATA", "Insufficient Data: 1 datapoint was unknown."},
        {"ignore", "OK", ""},
        {"notBreaching", "OK", ""},
        {"breaching", "ALARM",
         "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
         "[Breaching]."},
    }));
    CAPTURE(row.treat);
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a", {{"TreatMissingData", row.treat}}));
    minute_of(bench, 1);
    CHECK(bench.state("a") == "OK");
    bench.advance(minutes{2});
    CHECK(bench.state("a") == "OK");  // the range of N + 2 still holds the point
    bench.advance(minutes{1});
    CHECK(bench.state("a") == row.state);
    if (!row.reason.empty()) CHECK(bench.alarm("a")["StateReason"] == row.reason);
}

TEST_CASE("an alarm on a short period is evaluated every ten seconds", "[alarms]") {
    Bench bench("2026-01-01T00:00:05Z");
    bench.call("PutMetricAlarm", alarm_input("minute"));
    bench.call("PutMetricAlarm", alarm_input("fast", {{"Period", 10}}));
    bench.call("PutMetricData",
               {{"Namespace", "Test"},
                {"MetricData", {{{"MetricName", "Latency"}, {"Value", 50.0}, {"StorageResolution", 1}}}}});
    bench.advance(seconds{5});
    CHECK(bench.state("fast") == "ALARM");
    CHECK(bench.state("minute") == "INSUFFICIENT_DATA");
    CHECK(bench.cloudwatch.evaluations() == 1);
    bench.advance(seconds{50});
    CHECK(bench.state("minute") == "ALARM");
    CHECK(bench.cloudwatch.evaluations() == 7);
    CHECK(iso_seconds(bench.listener.transitions.at(0).at) == "2026-01-01T00:00:10Z");
}

TEST_CASE("the schedule stands on the agenda only while there are alarms", "[alarms]") {
    Bench bench;
    CHECK_FALSE(bench.agenda.next_due());
    bench.call("PutMetricAlarm", alarm_input("a"));
    CHECK(bench.agenda.next_due() == *parse_iso("2026-01-01T00:01:00Z"));
    bench.call("DeleteAlarms", {{"AlarmNames", {"a"}}});
    bench.advance(minutes{2});
    CHECK_FALSE(bench.agenda.next_due());
    CHECK(bench.cloudwatch.evaluations() == 0);
    bench.call("PutMetricAlarm", alarm_input("a"));
    bench.advance(minutes{2});
    CHECK(bench.cloudwatch.evaluations() == 2);
    bench.agenda.clear();
    bench.cloudwatch.start();
    bench.advance(minutes{1});
    CHECK(bench.cloudwatch.evaluations() == 3);
}

TEST_CASE("a machine that slept for long does not run every minute in between", "[alarms]") {
    Bench bench;
    bench.clock.set(ClockMode::real, bench.wall);
    bench.call("PutMetricAlarm", alarm_input("a"));
    bench.wall = *parse_iso("2027-01-01T00:00:00Z");
    bench.agenda.run_until(bench.clock.now(), bench.clock);
    CHECK(bench.cloudwatch.evaluations() == 1);
    CHECK(bench.agenda.next_due() == *parse_iso("2027-01-01T00:01:00Z"));
}

TEST_CASE("a fast clock that stood for a moment runs every minute that it is behind", "[alarms]") {
    Bench bench;
    bench.clock.set(ClockMode::scaled, bench.wall, 3600);
    bench.call("PutMetricAlarm", alarm_input("a"));
    bench.wall += seconds{3};
    bench.agenda.run_until(bench.clock.now(), bench.clock);
    CHECK(bench.cloudwatch.evaluations() == 180);
}

TEST_CASE("alarms can be evaluated at once, all or by name", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a"));
    bench.call("PutMetricAlarm", alarm_input("b"));
    bench.put_value(50, "Latency", "2025-12-31T23:59:00Z");
    const std::vector<std::string> names{"b", "nobody"};
    const Evaluated one = bench.cloudwatch.evaluate(names, bench.clock.now());
    CHECK(one.evaluations == 1);
    REQUIRE(one.transitions.size() == 1);
    CHECK(one.transitions[0].alarm == "b");
    CHECK(bench.state("a") == "INSUFFICIENT_DATA");
    CHECK(bench.cloudwatch.evaluate({}, bench.clock.now()).transitions.size() == 1);
    CHECK(bench.state("a") == "ALARM");
    CHECK(bench.listener.transitions.size() == 2);
}

TEST_CASE("SetAlarmState runs the actions of the new state; the next tick may set it back", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a", {{"AlarmActions", {topic}},
                                                   {"OKActions", {topic + "-ok"}},
                                                   {"AlarmDescription", "d"}}));
    bench.put_value(1);
    bench.call("SetAlarmState", {{"AlarmName", "a"}, {"StateValue", "ALARM"}, {"StateReason", "a test"}});
    CHECK(bench.state("a") == "ALARM");
    REQUIRE(bench.publisher.notifications.size() == 1);
    CHECK(
        bench.publisher.notifications[0].message ==
        R"({"AlarmName":"a","AlarmDescription":"d","AWSAccountId":"123456789012",)"
        R"("AlarmConfigurationUpdatedTimestamp":"2026-01-01T00:00:00.000+0000","NewStateValue":"ALARM",)"
        R"("NewStateReason":"a test","StateChangeTime":"2026-01-01T00:00:00.000+0000",)"
        R"j("Region":"US East (N. Virginia)","AlarmArn":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",)j"
        R"("OldStateValue":"INSUFFICIENT_DATA","OKActions":["arn:aws:sns:us-east-1:123456789012:oncall-ok"],)"
        R"("AlarmActions":["arn:aws:sns:us-east-1:123456789012:oncall"],"InsufficientDataActions":[],)"
        R"("ActionExecutedAfterMuteWindow":false,)"
        R"("Trigger":{"MetricName":"Latency","Namespace":"Test","StatisticType":"Statistic","Statistic":"AVERAGE",)"
        R"("Unit":null,"Dimensions":[],"Period":60,"EvaluationPeriods":1,)"
        R"("ComparisonOperator":"GreaterThanThreshold","Threshold":10.0,"TreatMissingData":"",)"
        R"("EvaluateLowSampleCountPercentile":""}})");
    bench.advance(minutes{1});
    CHECK(bench.state("a") == "OK");
    CHECK(bench.publisher.notifications.at(1).topic_arn == topic + "-ok");
}

TEST_CASE("the message of a percentile alarm names the percentile, unit, dimensions and M", "[alarms]") {
    Bench bench;
    bench.caller.region = "eu-west-1";
    bench.call("PutMetricAlarm",
               alarm_input("a", {{"Statistic", nullptr},
                                 {"ExtendedStatistic", "p99"},
                                 {"Unit", "Milliseconds"},
                                 {"DatapointsToAlarm", 1},
                                 {"TreatMissingData", "ignore"},
                                 {"Dimensions", {{{"Name", "ModelId"}, {"Value", "titan"}}}},
                                 {"AlarmActions", {"arn:aws:sns:eu-west-1:123456789012:x"}}}));
    bench.call("SetAlarmState", {{"AlarmName", "a"}, {"StateValue", "ALARM"}, {"StateReason", "x"}});
    const std::string message = bench.publisher.notifications.at(0).message;
    CHECK_THAT(message, ContainsSubstring(R"j("Region":"EU (Ireland)")j"));
    CHECK_THAT(
        message,
        ContainsSubstring(
            R"("Trigger":{"MetricName":"Latency","Namespace":"Test","StatisticType":"ExtendedStatistic",)"
            R"("ExtendedStatistic":"p99","Unit":"Milliseconds","Dimensions":[{"value":"titan","name":"ModelId"}],)"
            R"("Period":60,"EvaluationPeriods":1,"DatapointsToAlarm":1,)"
            R"("ComparisonOperator":"GreaterThanThreshold","Threshold":10.0,"TreatMissingData":"ignore",)"
            R"("EvaluateLowSampleCountPercentile":""})"));
}

TEST_CASE("disabled actions do not run, while state and history go on", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a", {{"AlarmActions", {topic}}, {"OKActions", {topic}}}));
    bench.call("DisableAlarmActions", {{"AlarmNames", {"a", "nobody"}}});
    CHECK(bench.alarm("a")["ActionsEnabled"] == false);
    minute_of(bench, 50);
    CHECK(bench.state("a") == "ALARM");
    CHECK(bench.publisher.notifications.empty());
    CHECK(bench.call("DescribeAlarmHistory", {{"HistoryItemType", "StateUpdate"}})["AlarmHistoryItems"]
              .size() == 1);
    CHECK(bench.call("DescribeAlarmHistory", {{"HistoryItemType", "Action"}})["AlarmHistoryItems"].empty());

    bench.call("EnableAlarmActions", {{"AlarmNames", {"a"}}});
    minute_of(bench, 1);
    CHECK(bench.publisher.notifications.size() == 1);
}

TEST_CASE("history tells of each action whether it was delivered", "[alarms]") {
    Bench bench;
    const std::string broken = "arn:aws:sns:us-east-1:123456789012:broken";
    const std::string function = "arn:aws:lambda:us-east-1:123456789012:function:f";
    bench.call("PutMetricAlarm", alarm_input("a", {{"AlarmActions", {topic, broken, function}}}));
    minute_of(bench, 50);
    const Json items = bench.call("DescribeAlarmHistory", {{"AlarmName", "a"}})["AlarmHistoryItems"];
    REQUIRE(items.size() == 5);
    CHECK(items[0]["HistorySummary"] == "Successfully executed action " + function);
    const Json called = Json::parse(items[0]["HistoryData"].get<std::string>());
    CHECK(called["actionState"] == "Succeeded");
    CHECK(called["publishedMessage"] == bench.actions.taken.at(0).payload);
    CHECK(items[1]["HistorySummary"] ==
          "Failed to execute action " + broken + ". Received error: \"CloudWatch Alarms is not authorized\"");
    CHECK(items[2]["HistorySummary"] == "Successfully executed action " + topic);
    CHECK(items[3]["HistoryItemType"] == "StateUpdate");
    const Json sent = Json::parse(items[2]["HistoryData"].get<std::string>());
    CHECK(sent["actionState"] == "Succeeded");
    CHECK(sent["notificationResource"] == topic);
    CHECK(sent["stateUpdateTimestamp"] == ms("2026-01-01T00:01:00Z"));
    CHECK(sent["error"].is_null());
    CHECK(Json::parse(sent["publishedMessage"].get<std::string>())["default"] ==
          bench.publisher.notifications[0].message);
    const Json failed = Json::parse(items[1]["HistoryData"].get<std::string>());
    CHECK(failed["actionState"] == "Failed");
    CHECK(failed["error"] == "CloudWatch Alarms is not authorized");
    CHECK(failed["publishedMessage"].is_null());
}

TEST_CASE("a function is called with CloudWatch's event", "[alarms]") {
    Bench bench;
    const std::string function = "arn:aws:lambda:us-east-1:123456789012:function:f:live";
    bench.call("PutMetricAlarm",
               alarm_input("a", {{"AlarmDescription", "d"},
                                 {"Unit", "None"},
                                 {"Dimensions", {{{"Name", "ModelId"}, {"Value", "titan"}}}},
                                 {"OKActions", {function}}}));
    bench.call("SetAlarmState", {{"AlarmName", "a"},
                                 {"StateValue", "OK"},
                                 {"StateReason", "a test"},
                                 {"StateReasonData", R"({"a":1})"}});
    REQUIRE(bench.actions.taken.size() == 1);
    CHECK(bench.actions.taken[0].target == function);
    CHECK(bench.actions.taken[0].service == "lambda");
    OrderedJson event = OrderedJson::parse(bench.actions.taken[0].payload);
    OrderedJson& id = event["alarmData"]["configuration"]["metrics"][0]["id"];
    CHECK(id.get<std::string>().size() == 36);
    id = "";
    CHECK(to_text(event) ==
          R"({"source":"aws.cloudwatch","alarmArn":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",)"
          R"("accountId":"123456789012","time":"2026-01-01T00:00:00.000+0000","region":"us-east-1",)"
          R"("alarmData":{"alarmName":"a",)"
          R"("state":{"value":"OK","reason":"a test","reasonData":"{\"a\":1}",)"
          R"("timestamp":"2026-01-01T00:00:00.000+0000"},)"
          R"("previousState":{"value":"INSUFFICIENT_DATA","reason":"Unchecked: Initial alarm creation",)"
          R"("timestamp":"2026-01-01T00:00:00.000+0000"},)"
          R"("configuration":{"description":"d","metrics":[{"id":"",)"
          R"("metricStat":{"metric":{"namespace":"Test","name":"Latency","dimensions":{"ModelId":"titan"}},)"
          R"("period":60,"stat":"Average","unit":"None"},"returnData":true}]}}})");
}

TEST_CASE("an action of any other kind gets what a topic would", "[alarms]") {
    Bench bench;
    const std::string stop = "arn:aws:automate:us-east-1:ec2:stop";
    bench.call("PutMetricAlarm", alarm_input("a", {{"AlarmActions", {stop, topic}}}));
    minute_of(bench, 50);
    REQUIRE(bench.actions.taken.size() == 1);
    CHECK(bench.actions.taken[0].service == "automate");
    CHECK(bench.actions.taken[0].payload == bench.publisher.notifications.at(0).message);
}

TEST_CASE("each change of state is reported once", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a", {{"AlarmActions", {topic}}}));
    for (int minute = 0; minute < 5; ++minute) minute_of(bench, 50);
    bench.cloudwatch.evaluate({}, bench.clock.now());
    CHECK(bench.listener.transitions.size() == 1);
    CHECK(bench.publisher.notifications.size() == 1);
    CHECK(bench.listener.transitions[0].owner == static_cast<const Owner&>(bench.caller));
}

TEST_CASE("an alarm with a unit looks at that unit alone", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("right", {{"Unit", "Seconds"}}));
    bench.call("PutMetricAlarm", alarm_input("wrong", {{"Unit", "Bytes"}}));
    bench.call("PutMetricAlarm", alarm_input("any"));
    bench.call("PutMetricData",
               {{"Namespace", "Test"},
                {"MetricData", {{{"MetricName", "Latency"}, {"Value", 50.0}, {"Unit", "Seconds"}}}}});
    bench.advance(minutes{1});
    CHECK(bench.state("right") == "ALARM");
    CHECK(bench.state("wrong") == "INSUFFICIENT_DATA");
    CHECK(bench.state("any") == "ALARM");
}

TEST_CASE("a percentile alarm sees the values of the whole window", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm",
               alarm_input("p90", {{"Statistic", nullptr}, {"ExtendedStatistic", "p90"}, {"Period", 300}}));
    for (int minute = 0; minute < 5; ++minute) {
        bench.call(
            "PutMetricData",
            {{"Namespace", "Test"},
             {"MetricData", {{{"MetricName", "Latency"}, {"Values", {1.0, 50.0}}, {"Counts", {8, 2}}}}}});
        bench.advance(minutes{1});
    }
    CHECK(bench.state("p90") == "ALARM");
}

TEST_CASE("an alarm changed by hand between two ticks is judged by its new configuration", "[alarms]") {
    Bench bench;
    bench.call("PutMetricAlarm", alarm_input("a"));
    minute_of(bench, 50);
    CHECK(bench.state("a") == "ALARM");
    bench.call("PutMetricAlarm", alarm_input("a", {{"Threshold", 100.0}}));
    minute_of(bench, 50);
    CHECK(bench.state("a") == "OK");
    bench.call("PutMetricAlarm",
               alarm_input("a", {{"MetricName", "Other"}, {"TreatMissingData", "breaching"}}));
    bench.advance(minutes{1});
    CHECK(bench.state("a") == "ALARM");
}

TEST_CASE("with a writer thread and deliveries the story is the same", "[alarms]") {
    const std::vector<Migrations> all{migrations()};
    Storage storage({.path = ":memory:", .writer_thread = true}, all);
    Agenda agenda;
    VirtualClock clock;
    RecordingPublisher publisher;
    RecordingActions actions;
    RecordingListener listener;
    CloudWatch cloudwatch(storage, agenda, clock, publisher, actions, listener);
    const Caller caller{{.account = "123456789012", .region = "us-east-1"}};
    clock.set(ClockMode::frozen, *parse_iso("2026-01-01T00:00:00Z"));
    cloudwatch.start();
    const auto call = [&](const char* operation, const Json& input) {
        storage.write(
            [&](Database& database) { cloudwatch.call(operation, database, clock.now(), caller, input); });
    };
    call("PutMetricAlarm", alarm_input("a", {{"AlarmActions", {topic}}}));
    call("PutMetricData",
         {{"Namespace", "Test"}, {"MetricData", {{{"MetricName", "Latency"}, {"Value", 50.0}}}}});
    agenda.run_until(clock.now() + minutes{3}, clock);
    REQUIRE(listener.transitions.size() == 1);
    CHECK(publisher.notifications.size() == 1);
    CHECK(cloudwatch.evaluations() == 3);
}

}  // namespace
}  // namespace rockwatch::cloudwatch
