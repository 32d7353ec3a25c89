#include <algorithm>

#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr int history_page_size = 100;

Json switch_actions(Writing& cloudwatch, const Caller& caller, const Json& input, bool enabled) {
    // Unknown names are passed over, as AWS does.
    for (const Json& json : list_or_empty(input, "AlarmNames")) {
        const std::string name = json.get<std::string>();
        auto alarm = cloudwatch.alarms.find(caller, name);
        if (!alarm || alarm->has_actions_enabled() == enabled) continue;
        alarm->configuration["ActionsEnabled"] = enabled;
        alarm->configuration_updated = cloudwatch.now;
        cloudwatch.alarm_writer.put(*alarm);
        cloudwatch.alarm_writer.add_history(caller,
                                            {.alarm_name = name,
                                             .timestamp = cloudwatch.now,
                                             .item_type = "ConfigurationUpdate",
                                             .summary = "Alarm \"" + name + "\" updated",
                                             .data = configuration_history_data(*alarm, "Update")},
                                            cloudwatch.now - history_kept);
        cloudwatch.scheduler.changed(caller, name);
    }
    return Json::object();
}

HistoryFilter read_history_filter(const Json& input, Instant now) {
    const Instant oldest = now - history_kept;
    HistoryFilter filter{.alarm_name = text_or_empty(input, "AlarmName"),
                         .item_type = text_or_empty(input, "HistoryItemType"),
                         .from = std::max(time_or(input, "StartDate", oldest), oldest),
                         .until = time_or(input, "EndDate", Instant{std::chrono::hours{24 * 365 * 1000}}),
                         .count_max = value_or(input, "MaxRecords", history_page_size)};
    if (text_or_empty(input, "ScanBy") == "TimestampAscending")
        filter.order = HistoryFilter::Order::oldest_first;
    if (!input.contains("NextToken")) return filter;
    const auto place = read_page_token(text_or_empty(input, "NextToken"));
    const bool is_ours = place && place->is_array() && place->size() == 2 &&
                         (*place)[0].is_number_integer() && (*place)[1].is_number_integer();
    if (!is_ours) throw invalid_next_token();
    filter.after_time_and_id = {(*place)[0].get<std::int64_t>(), (*place)[1].get<std::int64_t>()};
    return filter;
}

}  // namespace

Json set_alarm_state(Writing& cloudwatch, const Caller& caller, const Json& input) {
    const auto before = cloudwatch.alarms.find(caller, text_or_empty(input, "AlarmName"));
    if (!before) throw no_such_alarm();
    Alarm after = *before;
    after.state = state_of(text_or_empty(input, "StateValue"));
    after.reason = text_or_empty(input, "StateReason");
    after.reason_data.reset();
    if (input.contains("StateReasonData")) {
        after.reason_data = text_or_empty(input, "StateReasonData");
        if (!parse_json(*after.reason_data)) throw invalid_format("StateReasonData is not valid JSON");
    }
    after.state_updated = cloudwatch.now;
    if (after.state != before->state) {
        after.state_transitioned = cloudwatch.now;
        cloudwatch.scheduler.transition(cloudwatch.database, *before, after);
        return Json::object();
    }
    cloudwatch.alarm_writer.set_state(after);
    cloudwatch.scheduler.changed(caller, after.name);
    return Json::object();
}

Json enable_alarm_actions(Writing& cloudwatch, const Caller& caller, const Json& input) {
    return switch_actions(cloudwatch, caller, input, true);
}

Json disable_alarm_actions(Writing& cloudwatch, const Caller& caller, const Json& input) {
    return switch_actions(cloudwatch, caller, input, false);
}

Json describe_alarm_history(Reading& cloudwatch, const Caller& caller, const Json& input) {
    const Json& types = list_or_empty(input, "AlarmTypes");
    const bool metric_alarms =
        types.empty() || std::find(types.begin(), types.end(), "MetricAlarm") != types.end();
    Json output{{"AlarmHistoryItems", Json::array()}};
    // Alarms with contributors are not made here, so no entry is one's.
    if (!metric_alarms || input.contains("AlarmContributorId")) return output;

    HistoryFilter filter = read_history_filter(input, cloudwatch.now);
    const auto page_size = static_cast<std::size_t>(filter.count_max);
    ++filter.count_max;  // one more tells whether there is a next page
    std::vector<HistoryItem> items = cloudwatch.alarms.history(caller, filter);
    if (items.size() > page_size) {
        items.resize(page_size);
        output["NextToken"] = page_token(Json::array({epoch_ms(items.back().timestamp), items.back().id}));
    }
    for (const HistoryItem& item : items) {
        output["AlarmHistoryItems"].push_back({{"AlarmName", item.alarm_name},
                                               {"AlarmType", item.alarm_type},
                                               {"Timestamp", epoch_ms(item.timestamp)},
                                               {"HistoryItemType", item.item_type},
                                               {"HistorySummary", item.summary},
                                               {"HistoryData", item.data}});
    }
    return output;
}

}  // namespace rockwatch::cloudwatch
