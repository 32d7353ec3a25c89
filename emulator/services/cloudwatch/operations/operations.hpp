#pragma once

#include "core/caller.hpp"
#include "core/json.hpp"
#include "services/cloudwatch/parts.hpp"

/// The operations of CloudWatch, one function each. Inputs have the model's types, required members and
/// limits.
namespace rockwatch::cloudwatch {

Json put_metric_data(Writing& cloudwatch, const Caller& caller, const Json& input);
Json list_metrics(Reading& cloudwatch, const Caller& caller, const Json& input);
Json get_metric_statistics(Reading& cloudwatch, const Caller& caller, const Json& input);
Json get_metric_data(Reading& cloudwatch, const Caller& caller, const Json& input);

Json put_metric_alarm(Writing& cloudwatch, const Caller& caller, const Json& input);
Json describe_alarms(Reading& cloudwatch, const Caller& caller, const Json& input);
Json describe_alarms_for_metric(Reading& cloudwatch, const Caller& caller, const Json& input);
Json delete_alarms(Writing& cloudwatch, const Caller& caller, const Json& input);
Json set_alarm_state(Writing& cloudwatch, const Caller& caller, const Json& input);
Json enable_alarm_actions(Writing& cloudwatch, const Caller& caller, const Json& input);
Json disable_alarm_actions(Writing& cloudwatch, const Caller& caller, const Json& input);
Json describe_alarm_history(Reading& cloudwatch, const Caller& caller, const Json& input);

Json put_dashboard(Writing& cloudwatch, const Caller& caller, const Json& input);
Json get_dashboard(Reading& cloudwatch, const Caller& caller, const Json& input);
Json list_dashboards(Reading& cloudwatch, const Caller& caller, const Json& input);
Json delete_dashboards(Writing& cloudwatch, const Caller& caller, const Json& input);

Json list_tags_for_resource(Reading& cloudwatch, const Caller& caller, const Json& input);
Json tag_resource(Writing& cloudwatch, const Caller& caller, const Json& input);
Json untag_resource(Writing& cloudwatch, const Caller& caller, const Json& input);

/// arn:aws:cloudwatch::<account>:dashboard/<name>: dashboards have no region.
std::string dashboard_arn(const Owner& owner, const std::string& name);

/// The member list, or an empty one.
const Json& list_or_empty(const Json& input, std::string_view member);

/// A time of the input, kept within the years that calculations bear; `fallback` when it is absent.
Instant time_or(const Json& input, std::string_view member, Instant fallback);

/// A page token around any JSON, and back; nullopt when it is none of ours.
std::string page_token(const Json& place);
std::optional<Json> read_page_token(const std::string& token);

}  // namespace rockwatch::cloudwatch
