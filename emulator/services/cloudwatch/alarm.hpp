#pragma once

#include <optional>
#include <string>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "services/cloudwatch/alarm_evaluation.hpp"
#include "services/cloudwatch/metric_dimensions.hpp"
#include "services/cloudwatch/statistics.hpp"

namespace rockwatch::cloudwatch {

/// A metric alarm as it is kept.
struct Alarm {
    Owner owner;
    std::string name;
    Json configuration;  ///< PutMetricAlarm's members, with the defaults that AWS shows
    Instant configuration_updated;
    AlarmState state = AlarmState::insufficient_data;
    std::string reason;
    std::optional<std::string> reason_data;
    Instant state_updated;
    Instant state_transitioned;

    std::string arn() const { return alarm_arn(owner, name); }
    bool has_actions_enabled() const { return value_or(configuration, "ActionsEnabled", true); }

    static std::string alarm_arn(const Owner& owner, const std::string& name);
};

/// An alarm made ready for evaluation.
struct WatchedAlarm {
    Alarm alarm;
    AlarmRule rule;
    MetricKey metric;
    Statistic statistic;
};

/// The text that names the alarm's statistic, whichever member holds it.
std::string statistic_name(const Json& configuration);

/// A percentile just over 100, which PutMetricAlarm lets pass (p100.5), means the maximum.
std::optional<Statistic> alarm_statistic(const std::string& name);

/// `alarm.configuration` went through PutMetricAlarm.
WatchedAlarm watched(Alarm alarm);

/// DescribeAlarms' entry. What the alarm was not given is absent, as AWS leaves it out.
Json describe(const Alarm& alarm);

/// HistoryData of a change of state.
std::string state_history_data(const Alarm& before, const Alarm& after);

/// HistoryData of a change of configuration; `type`: Create, Update, Delete.
std::string configuration_history_data(const Alarm& alarm, std::string_view type);

}  // namespace rockwatch::cloudwatch
