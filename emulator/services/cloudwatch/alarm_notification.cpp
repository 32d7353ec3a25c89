#include "services/cloudwatch/alarm_notification.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/random.hpp"
#include "core/text.hpp"
#include "core/text_time.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 30> region_names{{
    {"us-east-1", "US East (N. Virginia)"},
    {"us-east-2", "US East (Ohio)"},
    {"us-west-1", "US West (N. California)"},
    {"us-west-2", "US West (Oregon)"},
    {"eu-west-1", "EU (Ireland)"},
    {"eu-west-2", "EU (London)"},
    {"eu-west-3", "EU (Paris)"},
    {"eu-central-1", "EU (Frankfurt)"},
    {"eu-central-2", "Europe (Zurich)"},
    {"eu-north-1", "EU (Stockholm)"},
    {"eu-south-1", "EU (Milan)"},
    {"eu-south-2", "Europe (Spain)"},
    {"ap-northeast-1", "Asia Pacific (Tokyo)"},
    {"ap-northeast-2", "Asia Pacific (Seoul)"},
    {"ap-northeast-3", "Asia Pacific (Osaka)"},
    {"ap-south-1", "Asia Pacific (Mumbai)"},
    {"ap-south-2", "Asia Pacific (Hyderabad)"},
    {"ap-southeast-1", "Asia Pacific (Singapore)"},
    {"ap-southeast-2", "Asia Pacific (Sydney)"},
    {"ap-southeast-3", "Asia Pacific (Jakarta)"},
    {"ap-southeast-4", "Asia Pacific (Melbourne)"},
    {"ap-east-1", "Asia Pacific (Hong Kong)"},
    {"ca-central-1", "Canada (Central)"},
    {"ca-west-1", "Canada West (Calgary)"},
    {"sa-east-1", "South America (Sao Paulo)"},
    {"me-south-1", "Middle East (Bahrain)"},
    {"me-central-1", "Middle East (UAE)"},
    {"il-central-1", "Israel (Tel Aviv)"},
    {"af-south-1", "Africa (Cape Town)"},
    {"mx-central-1", "Mexico (Central)"},
}};

/// AVERAGE, SAMPLE_COUNT
std::string message_statistic(std::string_view statistic) {
    if (statistic == "SampleCount") return "SAMPLE_COUNT";
    std::string upper(statistic);
    for (char& letter : upper)
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    return upper;
}

OrderedJson trigger(const Json& configuration) {
    OrderedJson json{{"MetricName", text_or_empty(configuration, "MetricName")},
                     {"Namespace", text_or_empty(configuration, "Namespace")}};
    if (configuration.contains("Statistic")) {
        json["StatisticType"] = "Statistic";
        json["Statistic"] = message_statistic(text_or_empty(configuration, "Statistic"));
    } else {
        json["StatisticType"] = "ExtendedStatistic";
        json["ExtendedStatistic"] = text_or_empty(configuration, "ExtendedStatistic");
    }
    json["Unit"] = configuration.contains("Unit") ? OrderedJson(configuration["Unit"]) : OrderedJson();
    OrderedJson dimensions = OrderedJson::array();
    for (const Json& dimension : configuration["Dimensions"]) {
        dimensions.push_back(
            {{"value", text_or_empty(dimension, "Value")}, {"name", text_or_empty(dimension, "Name")}});
    }
    json["Dimensions"] = std::move(dimensions);
    json["Period"] = value_or(configuration, "Period", std::int64_t{0});
    json["EvaluationPeriods"] = value_or(configuration, "EvaluationPeriods", 0);
    if (configuration.contains("DatapointsToAlarm"))
        json["DatapointsToAlarm"] = configuration["DatapointsToAlarm"];
    json["ComparisonOperator"] = text_or_empty(configuration, "ComparisonOperator");
    json["Threshold"] = value_or(configuration, "Threshold", 0.0);
    json["TreatMissingData"] = text_or_empty(configuration, "TreatMissingData");
    json["EvaluateLowSampleCountPercentile"] =
        text_or_empty(configuration, "EvaluateLowSampleCountPercentile");
    return json;
}

OrderedJson event_state(const Alarm& alarm) {
    OrderedJson state{{"value", state_text(alarm.state)}, {"reason", alarm.reason}};
    if (alarm.reason_data) state["reasonData"] = *alarm.reason_data;
    state["timestamp"] = iso_offset(alarm.state_updated);
    return state;
}

/// In the form of a UUID.
std::string metric_id(const Alarm& alarm) {
    const std::uint64_t high = text_hash(alarm.arn());
    const std::uint64_t low = text_hash(alarm.name + alarm.arn());
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32U, high >> 16U & 0xffffU,
                       high & 0xfffU, 0x8000U | (low >> 48U & 0x3fffU), low & 0xffff'ffff'ffffU);
}

OrderedJson event_configuration(const Alarm& alarm) {
    const Json& configuration = alarm.configuration;
    OrderedJson dimensions = OrderedJson::object();
    for (const Json& dimension : configuration["Dimensions"])
        dimensions[text_or_empty(dimension, "Name")] = text_or_empty(dimension, "Value");
    OrderedJson stat{{"metric",
                      {{"namespace", text_or_empty(configuration, "Namespace")},
                       {"name", text_or_empty(configuration, "MetricName")},
                       {"dimensions", std::move(dimensions)}}},
                     {"period", value_or(configuration, "Period", std::int64_t{0})},
                     {"stat", statistic_name(configuration)}};
    if (configuration.contains("Unit")) stat["unit"] = configuration["Unit"];
    OrderedJson event = OrderedJson::object();
    if (configuration.contains("AlarmDescription")) event["description"] = configuration["AlarmDescription"];
    event["metrics"] = OrderedJson::array();
    event["metrics"].push_back(
        {{"id", metric_id(alarm)}, {"metricStat", std::move(stat)}, {"returnData", true}});
    return event;
}

}  // namespace

std::string_view region_long_name(std::string_view region) {
    for (const auto& [id, name] : region_names) {
        if (id == region) return name;
    }
    return region;
}

std::string notification_subject(const Alarm& after) {
    constexpr std::size_t subject_length_max = 100;
    const std::string subject = fmt::format("{}: \"{}\" in {}", state_text(after.state), after.name,
                                            region_long_name(after.owner.region));
    return std::string(utf8_prefix(subject, subject_length_max));
}

std::string notification_message(const Alarm& after, AlarmState before) {
    const Json& configuration = after.configuration;
    OrderedJson message{{"AlarmName", after.name}};
    message["AlarmDescription"] = configuration.contains("AlarmDescription")
                                      ? OrderedJson(configuration["AlarmDescription"])
                                      : OrderedJson();
    message["AWSAccountId"] = after.owner.account;
    message["AlarmConfigurationUpdatedTimestamp"] = iso_offset(after.configuration_updated);
    message["NewStateValue"] = state_text(after.state);
    message["NewStateReason"] = after.reason;
    message["StateChangeTime"] = iso_offset(after.state_updated);
    message["Region"] = region_long_name(after.owner.region);
    message["AlarmArn"] = after.arn();
    message["OldStateValue"] = state_text(before);
    message["OKActions"] = OrderedJson(configuration["OKActions"]);
    message["AlarmActions"] = OrderedJson(configuration["AlarmActions"]);
    message["InsufficientDataActions"] = OrderedJson(configuration["InsufficientDataActions"]);
    message["ActionExecutedAfterMuteWindow"] = false;
    message["Trigger"] = trigger(configuration);
    return to_text(message);
}

std::string function_event(const Alarm& before, const Alarm& after) {
    OrderedJson event{{"source", "aws.cloudwatch"},
                      {"alarmArn", after.arn()},
                      {"accountId", after.owner.account},
                      {"time", iso_offset(after.state_updated)},
                      {"region", after.owner.region}};
    event["alarmData"] = {{"alarmName", after.name},
                          {"state", event_state(after)},
                          {"previousState", event_state(before)},
                          {"configuration", event_configuration(after)}};
    return to_text(event);
}

const Json& actions_of(const Alarm& alarm, AlarmState state) {
    switch (state) {
        case AlarmState::ok:
            return alarm.configuration["OKActions"];
        case AlarmState::alarm:
            return alarm.configuration["AlarmActions"];
        default:
            return alarm.configuration["InsufficientDataActions"];
    }
}

}  // namespace rockwatch::cloudwatch
