#include "services/cloudwatch/alarm.hpp"

#include "core/arn.hpp"
#include "core/error.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t history_data_length_max = 4095;

OrderedJson state_json(const Alarm& alarm, bool with_data) {
    OrderedJson json{{"stateValue", state_text(alarm.state)}, {"stateReason", alarm.reason}};
    if (with_data && alarm.reason_data) {
        OrderedJson data = OrderedJson::parse(*alarm.reason_data, nullptr, false);
        if (!data.is_discarded()) json["stateReasonData"] = std::move(data);
    }
    return json;
}

std::string lower_camel(std::string_view name) {
    std::string lower(name);
    // OKActions becomes okActions; the rest has one capital in front.
    const std::size_t capitals = lower.starts_with("OK") ? 2 : 1;
    for (std::size_t index = 0; index < capitals; ++index)
        lower[index] = static_cast<char>(lower[index] | 0x20);
    return lower;
}

}  // namespace

std::string Alarm::alarm_arn(const Owner& owner, const std::string& name) {
    return arn_of(owner, "cloudwatch", "alarm:" + name);
}

std::string statistic_name(const Json& configuration) {
    const std::string plain = text_or_empty(configuration, "Statistic");
    return plain.empty() ? text_or_empty(configuration, "ExtendedStatistic") : plain;
}

std::optional<Statistic> alarm_statistic(const std::string& name) {
    constexpr std::string_view hundred = "p100.";
    if (!name.starts_with(hundred)) return Statistic::parse(name);
    // Its decimals are taken where those of a smaller percentile are.
    const bool is_number = Statistic::parse("p99." + name.substr(hundred.size())).has_value();
    return is_number ? Statistic::parse("p100") : std::nullopt;
}

WatchedAlarm watched(Alarm alarm) {
    const Json& configuration = alarm.configuration;
    const std::string name = statistic_name(configuration);
    auto statistic = alarm_statistic(name);
    if (!statistic && name.starts_with("p100.")) statistic = Statistic::parse("p100");  // of an older version
    const auto comparison = comparison_of(text_or_empty(configuration, "ComparisonOperator"));
    ensure(statistic && comparison, "a stored alarm has a known statistic and operator");

    AlarmRule rule{
        .threshold = value_or(configuration, "Threshold", 0.0),
        .comparison = *comparison,
        .evaluation_periods = value_or(configuration, "EvaluationPeriods", 1),
        .treat_missing_data =
            missing_data_of(text_or_empty(configuration, "TreatMissingData")).value_or(MissingData::missing),
        .period_seconds = value_or(configuration, "Period", std::int64_t{60}),
        .statistic = name,
        .unit = text_or_empty(configuration, "Unit")};
    if (configuration.contains("DatapointsToAlarm")) {
        rule.datapoints_to_alarm = configuration["DatapointsToAlarm"].get<int>();
    }
    if (text_or_empty(configuration, "EvaluateLowSampleCountPercentile") == "ignore") {
        rule.low_sample_percentile = statistic->percentile();
    }
    MetricKey metric{.metric_namespace = text_or_empty(configuration, "Namespace"),
                     .name = text_or_empty(configuration, "MetricName"),
                     .dimensions = read_dimensions(configuration)};
    return {.alarm = std::move(alarm),
            .rule = std::move(rule),
            .metric = std::move(metric),
            .statistic = *statistic};
}

Json describe(const Alarm& alarm) {
    Json entry = alarm.configuration;
    entry["AlarmName"] = alarm.name;
    entry["AlarmArn"] = alarm.arn();
    entry["AlarmConfigurationUpdatedTimestamp"] = epoch_ms(alarm.configuration_updated);
    entry["StateValue"] = state_text(alarm.state);
    entry["StateReason"] = alarm.reason;
    if (alarm.reason_data) entry["StateReasonData"] = *alarm.reason_data;
    entry["StateUpdatedTimestamp"] = epoch_ms(alarm.state_updated);
    entry["StateTransitionedTimestamp"] = epoch_ms(alarm.state_transitioned);
    return entry;
}

std::string state_history_data(const Alarm& before, const Alarm& after) {
    struct Parts {
        bool old_data;
        bool new_data;
    };
    std::string text;
    // Chosen: what does not fit is left out, the old state's data first.
    for (const Parts parts : {Parts{true, true}, Parts{false, true}, Parts{false, false}}) {
        text = to_text(OrderedJson{{"version", "1.0"},
                                   {"oldState", state_json(before, parts.old_data)},
                                   {"newState", state_json(after, parts.new_data)}});
        if (text.size() <= history_data_length_max) break;
    }
    return text;
}

std::string configuration_history_data(const Alarm& alarm, std::string_view type) {
    OrderedJson configuration{{"alarmName", alarm.name}, {"alarmArn", alarm.arn()}};
    for (const auto& [name, value] : alarm.configuration.items()) configuration[lower_camel(name)] = value;
    configuration["stateValue"] = state_text(alarm.state);
    const std::string_view member = type == "Create"   ? "createdAlarm"
                                    : type == "Update" ? "updatedAlarm"
                                                       : "deletedAlarm";
    const auto text_of = [&] {
        return to_text(OrderedJson{{"version", "1.0"}, {"type", type}, {std::string(member), configuration}});
    };
    std::string text = text_of();
    if (text.size() > history_data_length_max) {
        configuration.erase("alarmDescription");
        text = text_of();
    }
    if (text.size() > history_data_length_max) {  // actions and dimensions may be up to 15 KB and 35 KB
        for (const char* member_name :
             {"okActions", "alarmActions", "insufficientDataActions", "dimensions"}) {
            configuration.erase(member_name);
        }
        text = text_of();
    }
    return text;
}

}  // namespace rockwatch::cloudwatch
