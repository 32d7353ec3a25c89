#include "services/cloudwatch/service.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr Operation<Reading, Writing> operations_table[] = {
    {"PutMetricData", put_metric_data},
    {"ListMetrics", list_metrics},
    {"GetMetricStatistics", get_metric_statistics},
    {"GetMetricData", get_metric_data},
    {"PutMetricAlarm", put_metric_alarm},
    {"DescribeAlarms", describe_alarms},
    {"DescribeAlarmsForMetric", describe_alarms_for_metric},
    {"DeleteAlarms", delete_alarms},
    {"SetAlarmState", set_alarm_state},
    {"EnableAlarmActions", enable_alarm_actions},
    {"DisableAlarmActions", disable_alarm_actions},
    {"DescribeAlarmHistory", describe_alarm_history},
    {"PutDashboard", put_dashboard},
    {"GetDashboard", get_dashboard},
    {"ListDashboards", list_dashboards},
    {"DeleteDashboards", delete_dashboards},
    {"ListTagsForResource", list_tags_for_resource},
    {"TagResource", tag_resource},
    {"UntagResource", untag_resource},
};

constexpr Milliseconds standard_resolution{60'000};

}  // namespace

CloudWatch::CloudWatch(Storage& storage, Agenda& agenda, const Clock& clock, Publisher& publisher,
                       ActionSink& actions, AlarmListener& listener)
    : TableService(operations_table),
      storage_(storage),
      scheduler_({.storage = storage,
                  .agenda = agenda,
                  .clock = clock,
                  .publisher = publisher,
                  .actions = actions,
                  .listener = listener,
                  .metrics = memory_}) {}

void CloudWatch::put(Database& database, const Owner& owner, std::string_view metric_namespace,
                     std::span<const DataPoint> points) {
    MetricWriter writer(database, memory_);
    std::vector<NewSample> samples;
    samples.reserve(points.size());
    std::vector<Dimension> sorted;
    for (const DataPoint& point : points) {
        const bool in_order = std::is_sorted(point.dimensions.begin(), point.dimensions.end());
        if (!in_order) {
            sorted = point.dimensions;
            std::sort(sorted.begin(), sorted.end());
        }
        samples.push_back({.series = writer.series(owner, metric_namespace, point.metric_name,
                                                   in_order ? point.dimensions : sorted, point.unit),
                           .start_ms = epoch_ms(floor_to(point.timestamp, standard_resolution)),
                           .value = point.value,
                           .weight = point.weight});
    }
    writer.add(samples);
}

Reading CloudWatch::reading(Database& database, Instant now) { return {database, now}; }

Writing CloudWatch::writing(Database& database, Instant now) {
    return {storage_, database, now, memory_, scheduler_};
}

bool CloudWatch::has_data(Database& database) const {
    return MetricReader(database).any() || AlarmReader(database).any();
}

void CloudWatch::reset_metrics(Database& database) { MetricWriter(database, memory_).remove_all(); }

void CloudWatch::reset_alarms(Database& database) {
    AlarmWriter(database).remove_all();
    DashboardWriter(database).remove_all();
    TagWriter(database).remove_all();
    scheduler_.forget_all();
}

const Json& list_or_empty(const Json& input, std::string_view member) {
    static const Json empty = Json::array();
    const auto found = input.find(member);
    return found == input.end() || !found->is_array() ? empty : *found;
}

Instant time_or(const Json& input, std::string_view member, Instant fallback) {
    const auto found = input.find(member);
    if (found == input.end() || !found->is_number()) return fallback;
    constexpr std::int64_t year_9999 = 253'402'300'799'000;
    return from_epoch_ms(std::clamp(found->get<std::int64_t>(), -year_9999, year_9999));
}

std::string page_token(const Json& place) { return base64_encode(to_text(place)); }

std::optional<Json> read_page_token(const std::string& token) {
    std::string text;
    if (!base64_decode(token, text)) return std::nullopt;
    return parse_json(text);
}

}  // namespace rockwatch::cloudwatch
