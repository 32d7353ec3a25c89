#include "generator.hpp"
#include "topics_model.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

Json datum(Luck& luck) {
    const std::string metric = luck.name("m", 2);
    Json made{{"MetricName", metric}};
    if (metric == "m1") made["Unit"] = "Count";
    if (luck.percent(20)) made["Dimensions"] = Json::array({{{"Name", "D"}, {"Value", luck.name("v", 2)}}});
    if (luck.percent(60)) {
        made["Timestamp"] = {{"$now", luck.one_of<std::int64_t>({0, -1000, -minute, -2 * minute, -3 * minute,
                                                                 -5 * minute, -hour, minute, hour})}};
    }
    if (luck.percent(4))
        made["Timestamp"] = {{"$now", luck.one_of<std::int64_t>({-3 * day, -15 * day, 3 * hour})}};
    const auto value = [&] { return static_cast<double>(luck.below(10)); };
    const std::uint64_t draw = luck.below(100);
    if (draw < 70) {
        made["Value"] = value();
    } else if (draw < 90) {
        made["Values"] = Json::array({value(), value() + 10});
        if (luck.percent(50)) made["Counts"] = Json::array({1, 3});
        if (luck.percent(5)) made["Counts"] = Json::array({1});
    } else {
        made["StatisticValues"] = {{"SampleCount", 2}, {"Sum", 7}, {"Minimum", 3}, {"Maximum", 4}};
    }
    return made;
}

}  // namespace

void CallMaker::metrics() {
    Json data = Json::array();
    for (std::uint64_t count = 1 + luck.below(3); count > 0; --count) data.push_back(datum(luck));
    add("cloudwatch", "PutMetricData", {{"Namespace", "N0"}, {"MetricData", data}});
}

void CallMaker::put_alarm(const std::string& name) {
    const int periods = 1 + static_cast<int>(luck.below(3));
    const std::string metric = luck.name("m", 2);
    Json input{{"AlarmName", name},
               {"Namespace", "N0"},
               {"MetricName", metric},
               {"Statistic", luck.one_of({"Sum", "Average", "Maximum", "Minimum", "SampleCount"})},
               {"Period", luck.percent(3) ? 45 : luck.one_of({60, 60, 60, 120, 300})},
               {"EvaluationPeriods", periods},
               {"Threshold", static_cast<double>(luck.below(8))},
               {"ComparisonOperator", luck.one_of({"GreaterThanThreshold", "GreaterThanOrEqualToThreshold",
                                                   "LessThanThreshold", "LessThanOrEqualToThreshold"})}};
    if (luck.percent(60)) input["DatapointsToAlarm"] = 1 + luck.below(static_cast<std::uint64_t>(periods));
    if (luck.percent(2)) input["DatapointsToAlarm"] = periods + 1;
    if (luck.percent(75))
        input["TreatMissingData"] = luck.one_of({"missing", "ignore", "breaching", "notBreaching"});
    for (const char* list : {"OKActions", "AlarmActions", "InsufficientDataActions"}) {
        if (luck.percent(50)) input[list].push_back(topic_arn(who, luck.name("t", 2)));
        if (luck.percent(10)) input[list].push_back(topic_arn(who, "gone"));
    }
    if (luck.percent(10)) input["ActionsEnabled"] = false;
    add("cloudwatch", "PutMetricAlarm", std::move(input));
}

void CallMaker::alarms() {
    const std::string name = luck.percent(60) ? "a0" : luck.name("a", 3);
    const std::uint64_t draw = luck.below(100);
    if (draw < 45) {
        put_alarm(name);
    } else if (draw < 60) {
        add("cloudwatch", "SetAlarmState",
            {{"AlarmName", name},
             {"StateValue", luck.one_of({"OK", "ALARM", "INSUFFICIENT_DATA"})},
             {"StateReason", "asked for"}});
    } else if (draw < 75) {
        Json names = Json::array({name});
        if (luck.percent(50)) names.push_back(luck.name("a", 3));
        if (names.size() == 2 && names[0] == names[1]) names.erase(1);
        add("cloudwatch", "DeleteAlarms", {{"AlarmNames", names}});
    } else {
        add("cloudwatch", luck.percent(50) ? "EnableAlarmActions" : "DisableAlarmActions",
            {{"AlarmNames", Json::array({name})}});
    }
}

}  // namespace rockwatch::simulation
