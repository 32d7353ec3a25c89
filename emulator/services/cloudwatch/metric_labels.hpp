#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "services/cloudwatch/metric_dimensions.hpp"

namespace rockwatch::cloudwatch {

/// What a label may speak of: one MetricStat query of a GetMetricData call.
struct LabelledQuery {
    MetricKey metric;
    std::string statistic;
    std::int64_t period_seconds = 60;
};

/// Labels of queries that give none: the metric's name, and what tells queries on one metric apart.
///
/// Source: recorded answers of AWS; for dimensions see "Chosen" in the definition.
std::vector<std::string> default_labels(std::span<const LabelledQuery> queries);

/// A datapoint of a result.
struct LabelPoint {
    Instant time;
    double value = 0;
};

/// What the dynamic values of a label are made of.
struct LabelValues {
    const LabelledQuery& query;
    std::string default_label;
    std::string account;
    std::string region;
    std::span<const LabelPoint> points;  ///< oldest first
    Instant now;
    std::chrono::minutes utc_offset{0};
};

/// Fills in `${AVG}`, `${PROP('Dim.ModelId')}`, ... What is unknown stays as it stands.
///
/// Source: user guide, "Using dynamic labels". Chosen: numbers with up to three decimals, relative times like
/// 1h 5m.
std::string dynamic_label(std::string_view label, const LabelValues& values);

/// `+0130`, `-0500`; nullopt when it is not of that form.
std::optional<std::chrono::minutes> parse_utc_offset(std::string_view text);

}  // namespace rockwatch::cloudwatch
