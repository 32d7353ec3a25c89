#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"

namespace rockwatch::cloudwatch {

enum class AlarmState { ok, alarm, insufficient_data };
enum class ComparisonOperator {
    greater_than_or_equal_to_threshold,
    greater_than_threshold,
    less_than_threshold,
    less_than_or_equal_to_threshold,
};
enum class MissingData { missing, ignore, breaching, not_breaching };

/// OK, ALARM, INSUFFICIENT_DATA
std::string_view state_text(AlarmState state);
/// `text` is one of the three.
AlarmState state_of(std::string_view text);
std::optional<ComparisonOperator> comparison_of(std::string_view text);
std::optional<MissingData> missing_data_of(std::string_view text);

/// How a metric alarm judges. Threshold in the metric's own unit.
struct AlarmRule {
    double threshold = 0;
    ComparisonOperator comparison = ComparisonOperator::greater_than_threshold;
    int evaluation_periods = 1;
    std::optional<int> datapoints_to_alarm;  ///< absent: all of them, and another wording
    MissingData treat_missing_data = MissingData::missing;
    std::int64_t period_seconds = 60;
    std::string statistic;  ///< as the alarm names it
    std::string unit;       ///< empty: none given
    /// Set for percentile alarms with EvaluateLowSampleCountPercentile `ignore`.
    std::optional<double> low_sample_percentile;

    int needed() const { return datapoints_to_alarm.value_or(evaluation_periods); }
};

/// One window of the evaluation range.
struct AlarmDatapoint {
    Instant start;
    std::optional<double> value;  ///< empty: no sample fell into it
    double sample_count = 0;
};

/// How many windows an evaluation looks back over, newest included.
///
/// Chosen: N + 2. AWS fetches more than N and does not say how many; this fits the tables of the user guide
/// and a field record to the minute.
constexpr int evaluation_range(int evaluation_periods) { return evaluation_periods + 2; }

/// End of the newest window at `now`: whole minutes, or whole 10 s for periods below a minute.
Instant window_end(Instant now, std::int64_t period_seconds);

bool is_breaching(const AlarmRule& rule, double value);

/// Judges one metric alarm.
///
/// `datapoints`: the evaluation range, oldest first. `previous`: what stays when nothing is known. Reads no
/// clock and no store. Never throws.
///
/// Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data".
/// Chosen: a breaching point that is too young for a premature alarm keeps the state under `missing`.
AlarmState judge(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints, AlarmState previous);

/// Why an alarm went to a state: StateReason and StateReasonData.
struct Explanation {
    std::string reason;
    std::string reason_data;  ///< JSON in AWS's key order
};

/// Words the verdict `state` of `judge` for the same datapoints. `now` is the evaluation's time.
Explanation explain(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints, AlarmState state,
                    Instant now);

/// The points that a verdict rests on.
struct EvaluatedPoints {
    std::vector<AlarmDatapoint> real;  ///< oldest first
    int missing = 0;                   ///< how many of the N are made up from TreatMissingData
};
EvaluatedPoints evaluated_points(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints);

}  // namespace rockwatch::cloudwatch
