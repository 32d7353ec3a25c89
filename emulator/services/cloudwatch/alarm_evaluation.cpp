#include "services/cloudwatch/alarm_evaluation.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rockwatch::cloudwatch {

namespace {

/// Fewest samples of a window for a percentile to count.
///
/// Source: CloudWatch user guide, "Percentile-based alarms and low data samples".
double samples_needed(double percentile) {
    const double share = percentile / 100;
    if (share >= 0.5) return share >= 1 ? 10 : 10 / (1 - share);
    return share <= 0 ? 10 : 10 / share;
}

/// Chosen: one window short of samples among the N newest with data keeps the state.
bool has_low_samples(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints) {
    if (!rule.low_sample_percentile) return false;
    constexpr double rounding = 1e-9;
    const double needed = samples_needed(*rule.low_sample_percentile) * (1 - rounding);
    int seen = 0;
    for (auto point = datapoints.rbegin(); point != datapoints.rend() && seen < rule.evaluation_periods;
         ++point) {
        if (!point->value) continue;
        ++seen;
        if (point->sample_count < needed) return true;
    }
    return false;
}

/// The rule for `missing` and `ignore` when fewer than N points exist and fewer than M of them breach.
AlarmState judge_sparse(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints,
                        AlarmState previous, int breaching, int real) {
    if (breaching < real) return AlarmState::ok;
    if (rule.treat_missing_data == MissingData::ignore) return previous;
    // Premature alarm: only breaching points, the oldest of them at least M windows old.
    const auto oldest = std::find_if(datapoints.begin(), datapoints.end(),
                                     [](const AlarmDatapoint& point) { return point.value.has_value(); });
    return datapoints.end() - oldest >= rule.needed() ? AlarmState::alarm : previous;
}

}  // namespace

std::string_view state_text(AlarmState state) {
    switch (state) {
        case AlarmState::ok:
            return "OK";
        case AlarmState::alarm:
            return "ALARM";
        default:
            return "INSUFFICIENT_DATA";
    }
}

AlarmState state_of(std::string_view text) {
    if (text == "OK") return AlarmState::ok;
    return text == "ALARM" ? AlarmState::alarm : AlarmState::insufficient_data;
}

std::optional<ComparisonOperator> comparison_of(std::string_view text) {
    if (text == "GreaterThanOrEqualToThreshold")
        return ComparisonOperator::greater_than_or_equal_to_threshold;
    if (text == "GreaterThanThreshold") return ComparisonOperator::greater_than_threshold;
    if (text == "LessThanThreshold") return ComparisonOperator::less_than_threshold;
    if (text == "LessThanOrEqualToThreshold") return ComparisonOperator::less_than_or_equal_to_threshold;
    return std::nullopt;
}

std::optional<MissingData> missing_data_of(std::string_view text) {
    if (text == "missing") return MissingData::missing;
    if (text == "ignore") return MissingData::ignore;
    if (text == "breaching") return MissingData::breaching;
    if (text == "notBreaching") return MissingData::not_breaching;
    return std::nullopt;
}

Instant window_end(Instant now, std::int64_t period_seconds) {
    return floor_to(now, std::chrono::seconds{period_seconds < 60 ? 10 : 60});
}

bool is_breaching(const AlarmRule& rule, double value) {
    switch (rule.comparison) {
        case ComparisonOperator::greater_than_or_equal_to_threshold:
            return value >= rule.threshold;
        case ComparisonOperator::greater_than_threshold:
            return value > rule.threshold;
        case ComparisonOperator::less_than_threshold:
            return value < rule.threshold;
        default:
            return value <= rule.threshold;
    }
}

EvaluatedPoints evaluated_points(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints) {
    EvaluatedPoints points;
    for (auto point = datapoints.rbegin(); point != datapoints.rend(); ++point) {
        if (point->value && std::cmp_less(points.real.size(), rule.evaluation_periods))
            points.real.push_back(*point);
    }
    std::reverse(points.real.begin(), points.real.end());
    points.missing = rule.evaluation_periods - static_cast<int>(points.real.size());
    return points;
}

AlarmState judge(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints, AlarmState previous) {
    if (has_low_samples(rule, datapoints)) return previous;
    int real = 0;
    int breaching = 0;
    for (auto point = datapoints.rbegin(); point != datapoints.rend() && real < rule.evaluation_periods;
         ++point) {
        if (!point->value) continue;
        ++real;
        if (is_breaching(rule, *point->value)) ++breaching;
    }
    const int needed = rule.needed();
    const auto alarm_when = [](bool holds) { return holds ? AlarmState::alarm : AlarmState::ok; };
    if (real >= rule.evaluation_periods) return alarm_when(breaching >= needed);
    switch (rule.treat_missing_data) {
        case MissingData::breaching:
            return alarm_when(breaching + rule.evaluation_periods - real >= needed);
        case MissingData::not_breaching:
            return alarm_when(breaching >= needed);
        case MissingData::missing:
            if (real == 0) return AlarmState::insufficient_data;
            break;
        case MissingData::ignore:
            if (real == 0) return previous;
            break;
    }
    if (breaching >= needed) return AlarmState::alarm;
    return judge_sparse(rule, datapoints, previous, breaching, real);
}

}  // namespace rockwatch::cloudwatch
