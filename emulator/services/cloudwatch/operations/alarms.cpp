#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr int describe_page_size = 50;
constexpr std::size_t names_max = 100;

bool asks_for_metric_alarms(const Json& input) {
    const Json& types = list_or_empty(input, "AlarmTypes");
    return types.empty() || std::find(types.begin(), types.end(), "MetricAlarm") != types.end();
}

bool has_action(const Alarm& alarm, const std::string& prefix) {
    for (const char* list : {"OKActions", "AlarmActions", "InsufficientDataActions"}) {
        for (const Json& action : alarm.configuration[list]) {
            if (action.get_ref<const std::string&>().starts_with(prefix)) return true;
        }
    }
    return false;
}

/// A metric alarm has no relatives, and composite alarms are not here yet.
Json describe_relatives(Reading& cloudwatch, const Caller& caller, const Json& input, const char* member) {
    for (const auto& [name, value] : input.items()) {
        if (name == member || name == "MaxRecords" || name == "NextToken") continue;
        throw validation_error(
            fmt::format("{} can only be specified together with MaxRecords and NextToken", member));
    }
    const std::string name = text_or_empty(input, member);
    if (!cloudwatch.alarms.find(caller, name))
        throw validation_error(fmt::format("Alarm {} does not exist", name));
    return {{"MetricAlarms", Json::array()}, {"CompositeAlarms", Json::array()}};
}

std::string name_of_token(const Json& input) {
    if (!input.contains("NextToken")) return {};
    const auto place = read_page_token(text_or_empty(input, "NextToken"));
    if (!place || !place->is_string()) throw invalid_next_token();
    return place->get<std::string>();
}

}  // namespace

Json describe_alarms(Reading& cloudwatch, const Caller& caller, const Json& input) {
    for (const char* member : {"ChildrenOfAlarmName", "ParentsOfAlarmName"}) {
        if (input.contains(member)) return describe_relatives(cloudwatch, caller, input, member);
    }
    const Json& names = list_or_empty(input, "AlarmNames");
    const std::string prefix = text_or_empty(input, "AlarmNamePrefix");
    if (!names.empty() && !prefix.empty()) {
        throw validation_error("AlarmNamePrefix and AlarmNames cannot both be specified");
    }
    const std::string state = text_or_empty(input, "StateValue");
    const std::string action_prefix = text_or_empty(input, "ActionPrefix");
    const auto page_size = static_cast<std::size_t>(value_or(input, "MaxRecords", describe_page_size));
    const std::string after = name_of_token(input);

    Json output{{"MetricAlarms", Json::array()}, {"CompositeAlarms", Json::array()}};
    if (!asks_for_metric_alarms(input)) return output;
    Json& alarms = output["MetricAlarms"];
    const auto visit = [&](const Alarm& alarm) {
        if (!state.empty() && state_text(alarm.state) != state) return true;
        if (!action_prefix.empty() && !has_action(alarm, action_prefix)) return true;
        if (alarms.size() == page_size) {
            output["NextToken"] = page_token(alarms.back()["AlarmName"]);
            return false;
        }
        alarms.push_back(describe(alarm));
        return true;
    };
    if (names.empty()) {
        cloudwatch.alarms.each(caller, prefix, after, visit);
        return output;
    }
    std::set<std::string> wanted;
    for (const Json& name : names) wanted.insert(name.get<std::string>());
    for (auto name = wanted.upper_bound(after); name != wanted.end(); ++name) {
        const auto alarm = cloudwatch.alarms.find(caller, *name);
        if (alarm && !visit(*alarm)) break;
    }
    return output;
}

Json describe_alarms_for_metric(Reading& cloudwatch, const Caller& caller, const Json& input) {
    const Json dimensions = dimensions_json(read_dimensions(input));
    Json alarms = Json::array();
    cloudwatch.alarms.each(caller, "", "", [&](const Alarm& alarm) {
        const Json& configuration = alarm.configuration;
        const auto differs = [&](const char* member) {
            return input.contains(member) &&
                   (!configuration.contains(member) || configuration[member] != input[member]);
        };
        for (const char* member :
             {"MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit"}) {
            if (differs(member)) return true;
        }
        // No dimensions given means a metric without any, not any metric of the name.
        if (configuration["Dimensions"] != dimensions) return true;
        alarms.push_back(describe(alarm));
        return true;
    });
    return {{"MetricAlarms", std::move(alarms)}};
}

Json delete_alarms(Writing& cloudwatch, const Caller& caller, const Json& input) {
    const Json& names = list_or_empty(input, "AlarmNames");
    if (names.size() > names_max) {
        throw validation_error(
            fmt::format("The collection AlarmNames must not have a size greater than {}.", names_max));
    }
    std::size_t deleted = 0;
    for (const Json& json : names) {
        const std::string name = json.get<std::string>();
        const auto alarm = cloudwatch.alarms.find(caller, name);
        if (!alarm) continue;
        ++deleted;
        cloudwatch.alarm_writer.remove(caller, name);
        cloudwatch.tag_writer.remove_of(caller.account, alarm->arn());
        cloudwatch.alarm_writer.add_history(caller,
                                            {.alarm_name = name,
                                             .timestamp = cloudwatch.now,
                                             .item_type = "ConfigurationUpdate",
                                             .summary = fmt::format("Alarm \"{}\" deleted", name),
                                             .data = configuration_history_data(*alarm, "Delete")},
                                            cloudwatch.now - history_kept);
        cloudwatch.scheduler.changed(caller, name);
    }
    if (deleted == 0 && !names.empty()) throw no_such_alarm();
    return Json::object();
}

}  // namespace rockwatch::cloudwatch
