#pragma once

#include <string>
#include <string_view>

#include "services/cloudwatch/alarm.hpp"

namespace rockwatch::cloudwatch {

/// US East (N. Virginia); the id itself where no name is known. Europe is written EU, as alarms still do.
std::string_view region_long_name(std::string_view region);

/// ALARM: "name" in US East (N. Virginia); at most 100 characters, as SNS takes them.
std::string notification_subject(const Alarm& after);

/// The JSON text that a topic's subscribers get, in AWS's key order.
std::string notification_message(const Alarm& after, AlarmState before);

/// The JSON text of the event that a Lambda function among the actions is called with.
///
/// Source: facts, cloudwatch.md 7.5. Chosen: the id of its one metric is made of the alarm's ARN; AWS's is a
/// UUID that says nothing.
std::string function_event(const Alarm& before, const Alarm& after);

/// The actions that the alarm lists for a state.
const Json& actions_of(const Alarm& alarm, AlarmState state);

}  // namespace rockwatch::cloudwatch
