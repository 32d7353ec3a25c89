#include <fmt/format.h>

#include <algorithm>

#include "core/json.hpp"
#include "core/text_time.hpp"
#include "services/cloudwatch/alarm_evaluation.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t reason_length_max = 1023;
constexpr std::size_t reason_data_length_max = 4000;

std::string_view comparison_words(ComparisonOperator comparison) {
    switch (comparison) {
        case ComparisonOperator::greater_than_or_equal_to_threshold:
            return "greater than or equal to";
        case ComparisonOperator::greater_than_threshold:
            return "greater than";
        case ComparisonOperator::less_than_threshold:
            return "less than";
        default:
            return "less than or equal to";
    }
}

std::string_view datapoints_word(std::size_t count) { return count == 1 ? "datapoint" : "datapoints"; }
std::string_view was_or_were(std::size_t count) { return count == 1 ? "was" : "were"; }

/// How many points a state needs: M for ALARM; N - M + 1 good ones bring it back.
int minimum_points(const AlarmRule& rule, AlarmState state) {
    return state == AlarmState::alarm ? rule.needed() : rule.evaluation_periods - rule.needed() + 1;
}

bool treats_missing(const AlarmRule& rule) {
    return rule.treat_missing_data == MissingData::breaching ||
           rule.treat_missing_data == MissingData::not_breaching;
}

/// "2 missing datapoints were treated as [Breaching]"
std::string missing_clause(const AlarmRule& rule, int missing) {
    const auto count = static_cast<std::size_t>(missing);
    return fmt::format("{} missing {} {} treated as [{}]", missing, datapoints_word(count),
                       was_or_were(count),
                       rule.treat_missing_data == MissingData::breaching ? "Breaching" : "NonBreaching");
}

/// Nothing that exists speaks for the new state: missing points alone do.
std::string carried_by_missing(const AlarmRule& rule, const EvaluatedPoints& points) {
    const std::size_t real = points.real.size();
    const int periods = rule.evaluation_periods;
    const std::string received =
        real == 0 ? std::string("no datapoints were received")
                  : fmt::format("{} {} {} received", real, datapoints_word(real), was_or_were(real));
    return fmt::format("Threshold Crossed: {} for {} {} and {}.", received, periods,
                       periods == 1 ? "period" : "periods", missing_clause(rule, points.missing));
}

std::string reason_text(const AlarmRule& rule, const EvaluatedPoints& points, AlarmState state) {
    if (state == AlarmState::insufficient_data) {
        const auto unknown = static_cast<std::size_t>(rule.evaluation_periods);
        return fmt::format("Insufficient Data: {} {} {} unknown.", unknown, datapoints_word(unknown),
                           was_or_were(unknown));
    }
    std::string listed;
    std::size_t count = 0;
    for (auto point = points.real.rbegin(); point != points.real.rend(); ++point) {
        if (is_breaching(rule, *point->value) != (state == AlarmState::alarm)) continue;
        if (count++ > 0) listed += ", ";
        listed += fmt::format("{} ({})", double_text(*point->value), reason_time(point->start));
    }
    if (count == 0 && treats_missing(rule)) return carried_by_missing(rule, points);

    std::string text = "Threshold Crossed: " + std::to_string(count);
    text += rule.datapoints_to_alarm ? fmt::format(" out of the last {} datapoints", rule.evaluation_periods)
                                     : fmt::format(" {}", datapoints_word(count));
    text += fmt::format(" [{}] {} {}{} the threshold ({})", listed, was_or_were(count),
                        state == AlarmState::ok ? "not " : "", comparison_words(rule.comparison),
                        double_text(rule.threshold));
    if (treats_missing(rule) && points.missing > 0) text += " and " + missing_clause(rule, points.missing);
    if (rule.datapoints_to_alarm) {
        const int minimum = minimum_points(rule, state);
        text += fmt::format(" (minimum {} {} for {} transition)", minimum,
                            datapoints_word(static_cast<std::size_t>(minimum)),
                            state == AlarmState::alarm ? "OK -> ALARM" : "ALARM -> OK");
    }
    return text + ".";
}

/// Whether a window speaks for the new state.
bool supports(const AlarmRule& rule, const AlarmDatapoint& point, AlarmState state) {
    if (point.value)
        return state != AlarmState::insufficient_data &&
               is_breaching(rule, *point.value) == (state == AlarmState::alarm);
    if (state == AlarmState::insufficient_data) return true;
    return rule.treat_missing_data ==
           (state == AlarmState::alarm ? MissingData::breaching : MissingData::not_breaching);
}

OrderedJson evaluated_datapoints(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints,
                                 AlarmState state, int missing) {
    const int wanted =
        state == AlarmState::insufficient_data ? rule.evaluation_periods : minimum_points(rule, state);
    int missing_left = std::max(missing, 0);
    OrderedJson list = OrderedJson::array();
    for (auto point = datapoints.rbegin(); point != datapoints.rend(); ++point) {
        if (std::cmp_greater_equal(list.size(), wanted)) break;
        if (!supports(rule, *point, state) || (!point->value && missing_left-- <= 0)) continue;
        OrderedJson entry{{"timestamp", iso_offset(point->start)}};
        if (point->value) {
            entry["sampleCount"] = point->sample_count;
            entry["value"] = *point->value;
        }
        list.push_back(std::move(entry));
    }
    return list;
}

std::string reason_data_text(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints,
                             const EvaluatedPoints& points, AlarmState state, Instant now) {
    OrderedJson data{{"version", "1.0"}, {"queryDate", iso_offset(now)}};
    if (!points.real.empty()) data["startDate"] = iso_offset(points.real.front().start);
    if (!rule.unit.empty()) data["unit"] = rule.unit;
    data["statistic"] = rule.statistic;
    data["period"] = rule.period_seconds;
    OrderedJson recent = OrderedJson::array();
    for (const AlarmDatapoint& point : points.real) recent.push_back(*point.value);
    data["recentDatapoints"] = std::move(recent);
    data["threshold"] = rule.threshold;
    data["evaluatedDatapoints"] = evaluated_datapoints(rule, datapoints, state, points.missing);

    std::string text = to_text(data);
    // Chosen: what does not fit goes oldest first, the evaluated list before the recent one.
    while (text.size() > reason_data_length_max) {
        OrderedJson& evaluated = data["evaluatedDatapoints"];
        OrderedJson& values = data["recentDatapoints"];
        if (evaluated.size() > 1) {
            evaluated.erase(evaluated.begin() + static_cast<std::ptrdiff_t>(evaluated.size() / 2),
                            evaluated.end());
        } else if (values.size() > 1) {
            values.erase(values.begin(),
                         values.begin() + static_cast<std::ptrdiff_t>((values.size() + 1) / 2));
        } else {
            break;
        }
        text = to_text(data);
    }
    return text;
}

}  // namespace

Explanation explain(const AlarmRule& rule, std::span<const AlarmDatapoint> datapoints, AlarmState state,
                    Instant now) {
    const EvaluatedPoints points = evaluated_points(rule, datapoints);
    Explanation explanation{.reason = reason_text(rule, points, state),
                            .reason_data = reason_data_text(rule, datapoints, points, state, now)};
    if (explanation.reason.size() > reason_length_max) {
        explanation.reason.resize(reason_length_max - 3);
        explanation.reason += "...";
    }
    return explanation;
}

}  // namespace rockwatch::cloudwatch
