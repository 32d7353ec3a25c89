#include "alarms_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "paging.hpp"
#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t history_shown = 14LL * 24 * 60 * minute;

bool breaches(const PlainAlarm& alarm, double value) {
    if (alarm.comparison == "GreaterThanThreshold") return value > alarm.threshold;
    if (alarm.comparison == "GreaterThanOrEqualToThreshold") return value >= alarm.threshold;
    if (alarm.comparison == "LessThanThreshold") return value < alarm.threshold;
    return value <= alarm.threshold;
}

std::vector<std::string> topics_of(const Json& arns) {
    std::vector<std::string> names;
    for (const std::string arn : arns) names.push_back(arn.substr(arn.rfind(':') + 1));
    return names;
}

PlainAlarm alarm_of(const Json& input) {
    const int periods = input.at("EvaluationPeriods");
    return {.metric = input.at("MetricName"),
            .unit = value_or<std::string>(input, "Unit", ""),
            .statistic = input.at("Statistic"),
            .period_ms = input.at("Period").get<std::int64_t>() * 1000,
            .evaluation_periods = periods,
            .datapoints_to_alarm = value_or(input, "DatapointsToAlarm", periods),
            .threshold = input.at("Threshold"),
            .comparison = input.at("ComparisonOperator"),
            .treat_missing_data = value_or<std::string>(input, "TreatMissingData", "missing"),
            .actions_enabled = value_or(input, "ActionsEnabled", true),
            .actions = {
                {"OK", topics_of(value_or(input, "OKActions", Json::array()))},
                {"ALARM", topics_of(value_or(input, "AlarmActions", Json::array()))},
                {"INSUFFICIENT_DATA", topics_of(value_or(input, "InsufficientDataActions", Json::array()))}}};
}

}  // namespace

std::string transition_text(const std::string& name, const std::string& from, const std::string& to,
                            std::int64_t at) {
    return fmt::format("{} from {} to {} at {}", name, from, to, at);
}

std::string plainly_judged(const PlainAlarm& alarm, const std::vector<std::optional<double>>& points) {
    const int n = alarm.evaluation_periods;
    const int m = alarm.datapoints_to_alarm;
    std::vector<bool> newest_first;  // of the points that are there: does it breach?
    int age_of_oldest = 0;           // of those, in windows; the newest window is 1
    for (std::size_t age = 1; age <= points.size(); ++age) {
        const auto& point = points[points.size() - age];
        if (!point) continue;
        newest_first.push_back(breaches(alarm, *point));
        age_of_oldest = static_cast<int>(age);
    }
    const int real = static_cast<int>(newest_first.size());
    if (real > n) newest_first.resize(static_cast<std::size_t>(n));
    const int x = static_cast<int>(std::count(newest_first.begin(), newest_first.end(), true));
    if (real >= n) return x >= m ? "ALARM" : "OK";
    if (alarm.treat_missing_data == "breaching") return x + n - real >= m ? "ALARM" : "OK";
    if (alarm.treat_missing_data == "notBreaching") return x >= m ? "ALARM" : "OK";
    const bool ignores = alarm.treat_missing_data == "ignore";
    if (real == 0) return ignores ? alarm.state : "INSUFFICIENT_DATA";
    if (x >= m) return "ALARM";
    if (x < real) return "OK";
    if (ignores) return alarm.state;
    return age_of_oldest >= m ? "ALARM" : alarm.state;
}

std::vector<std::optional<double>> AlarmsModel::points(std::size_t who, const PlainAlarm& alarm,
                                                       std::int64_t now) const {
    const std::int64_t end = now - now % minute;
    std::vector<std::optional<double>> found;
    for (int age = alarm.evaluation_periods + 2; age >= 1; --age) {
        const std::int64_t from = end - age * alarm.period_ms;
        const auto totals = metrics_.between({.who = who,
                                              .metric_namespace = "N0",
                                              .name = alarm.metric,
                                              .unit = alarm.metric == "m1" ? "Count" : "None"},
                                             from, from + alarm.period_ms);
        found.push_back(totals ? std::optional(totals->statistic(alarm.statistic)) : std::nullopt);
    }
    return found;
}

void AlarmsModel::act(std::size_t who, const std::string& name, std::int64_t now) {
    const PlainAlarm& alarm = owners_.at(who).at(name);
    if (!alarm.actions_enabled) return;
    for (const std::string& topic : alarm.actions.at(alarm.state)) {
        const bool taken = topics_.publish(
            who, topic, {.text = fmt::format("alarm {} {}", name, alarm.state), .source = "alarm"}, now);
        histories_.at(who)[name].push_back(
            {now, "Action", taken ? "Successfully executed action" : "Failed to execute action"});
    }
}

void AlarmsModel::change(std::size_t who, const std::string& name, const std::string& to, std::int64_t now) {
    PlainAlarm& alarm = owners_.at(who).at(name);
    transitions_.push_back(transition_text(name, alarm.state, to, now));
    histories_.at(who)[name].push_back(
        {now, "StateUpdate", fmt::format("Alarm updated from {} to {}", alarm.state, to)});
    alarm.state = to;
}

void AlarmsModel::evaluate(std::int64_t now) {
    // All alarms are judged before any of them acts.
    std::vector<std::pair<std::size_t, std::string>> changed;
    for (std::size_t who = 0; who < owner_count; ++who) {
        for (const auto& [name, alarm] : owners_.at(who)) {
            const std::string state = plainly_judged(alarm, points(who, alarm, now));
            if (state == alarm.state) continue;
            change(who, name, state, now);
            changed.emplace_back(who, name);
        }
    }
    for (const auto& [who, name] : changed) act(who, name, now);
}

void AlarmsModel::evaluate_between(std::int64_t from, std::int64_t to) {
    const bool any =
        std::any_of(owners_.begin(), owners_.end(), [](const Alarms& alarms) { return !alarms.empty(); });
    if (!any) return;
    for (std::int64_t at = from - from % minute + minute; at <= to; at += minute) evaluate(at);
}

std::string AlarmsModel::expected_error(std::size_t who, const std::string& operation,
                                        const Json& input) const {
    const Alarms& alarms = owners_.at(who);
    if (operation == "PutMetricAlarm") {
        const bool wrong = input.at("Period") == 45 ||
                           value_or(input, "DatapointsToAlarm", 1) > input.at("EvaluationPeriods").get<int>();
        return wrong ? "ValidationError" : "";
    }
    if (operation == "SetAlarmState") return alarms.contains(input.at("AlarmName")) ? "" : "ResourceNotFound";
    if (operation != "DeleteAlarms") return {};
    // Of known and unknown names the known ones go.
    const Json& names = input.at("AlarmNames");
    const bool any = std::any_of(names.begin(), names.end(),
                                 [&](const Json& name) { return alarms.contains(name.get<std::string>()); });
    return any ? "" : "ResourceNotFound";
}

void AlarmsModel::accepted(std::size_t who, const std::string& operation, const Json& input,
                           std::int64_t now) {
    Alarms& alarms = owners_.at(who);
    if (operation == "PutMetricAlarm") {
        const std::string name = input.at("AlarmName");
        PlainAlarm made = alarm_of(input);
        if (alarms.contains(name)) made.state = alarms.at(name).state;
        alarms[name] = std::move(made);
    } else if (operation == "DeleteAlarms") {
        for (const std::string name : input.at("AlarmNames")) alarms.erase(name);
    } else if (operation == "SetAlarmState") {
        const std::string name = input.at("AlarmName");
        if (alarms.at(name).state == input.at("StateValue")) return;
        change(who, name, input.at("StateValue"), now);
        act(who, name, now);
    } else if (operation == "EnableAlarmActions" || operation == "DisableAlarmActions") {
        for (const std::string name : input.at("AlarmNames")) {
            if (alarms.contains(name)) alarms.at(name).actions_enabled = operation == "EnableAlarmActions";
        }
    }
}

void AlarmsModel::reset() {
    owners_ = {};
    histories_ = {};
}

namespace {

void check_history(Stage& stage, const AlarmsModel& model, std::size_t who, const std::string& name,
                   std::uint64_t luck) {
    std::vector<AlarmsModel::Item> expected;
    const auto found = model.history(who).find(name);
    if (found != model.history(who).end()) {
        for (const auto& item : found->second) {
            if (item.at >= stage.now() - history_shown) expected.push_back(item);
        }
    }
    Json told =
        all_pages(stage, who, {"cloudwatch", "DescribeAlarmHistory", "AlarmHistoryItems", "NextToken"},
                  {{"AlarmName", name},
                   {"ScanBy", "TimestampAscending"},
                   {"MaxRecords", page_size(expected.size(), luck) % 100 + 1}});
    std::erase_if(told.get_ref<Json::array_t&>(),
                  [](const Json& item) { return item.at("HistoryItemType") == "ConfigurationUpdate"; });
    bool same = told.size() == expected.size();
    for (std::size_t index = 0; same && index < told.size(); ++index) {
        same = told[index].at("Timestamp") == expected[index].at &&
               told[index].at("HistoryItemType") == expected[index].type &&
               text_or_empty(told[index], "HistorySummary").starts_with(expected[index].text);
    }
    demand(same, "I14", [&] {
        std::string text;
        for (const auto& item : expected) text += fmt::format("\n  {} {} {}", item.at, item.type, item.text);
        for (const Json& item : told)
            text += fmt::format("\n  told {} {}", to_text(item.at("Timestamp")),
                                text_or_empty(item, "HistorySummary"));
        return "the history of " + name + text;
    });
}

}  // namespace

void check_alarms(Stage& stage, const AlarmsModel& model, std::size_t who, std::uint64_t luck) {
    std::vector<std::string> names;
    const Json told = all_pages(stage, who, {"cloudwatch", "DescribeAlarms", "MetricAlarms", "NextToken"},
                                {{"MaxRecords", luck % 3 + 1}});
    for (const auto& [name, alarm] : model.alarms(who)) names.push_back(name);
    demand(column(told, "AlarmName") == names, "I4",
           [&] { return fmt::format("the alarms of owner {}: {}", who, to_text(told)); });
    for (const Json& one : told) {
        const PlainAlarm& alarm = model.alarms(who).at(one.at("AlarmName"));
        demand(one.at("StateValue") == alarm.state, "I13", [&] {
            return fmt::format("{} is {} where the reference says {}", to_text(one.at("AlarmName")),
                               to_text(one.at("StateValue")), alarm.state);
        });
        demand(one.at("ActionsEnabled") == alarm.actions_enabled, "I14",
               [&] { return "ActionsEnabled of " + to_text(one); });
    }
    for (const auto& [name, items] : model.history(who)) check_history(stage, model, who, name, luck);
}

}  // namespace rockwatch::simulation
