#include "metrics_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
const char* const plain_statistics[] = {"SampleCount", "Sum", "Minimum", "Maximum", "Average"};

std::int64_t floored(std::int64_t ms, std::int64_t step) { return ms - ms % step; }

Json dimensions_of(const std::string& dimension) {
    if (dimension.empty()) return Json::array();
    const auto at = dimension.find('=');
    return Json::array({{{"Name", dimension.substr(0, at)}, {"Value", dimension.substr(at + 1)}}});
}

std::vector<Totals> samples_of(const Json& datum) {
    if (datum.contains("Value")) {
        const double value = datum.at("Value");
        return {{1, value, value, value}};
    }
    if (datum.contains("StatisticValues")) {
        const Json& set = datum.at("StatisticValues");
        return {{set.at("SampleCount"), set.at("Sum"), set.at("Minimum"), set.at("Maximum")}};
    }
    std::vector<Totals> samples;
    for (std::size_t index = 0; index < datum.at("Values").size(); ++index) {
        const double value = datum.at("Values")[index];
        const double count = datum.contains("Counts") ? datum.at("Counts")[index].get<double>() : 1;
        samples.push_back({count, value * count, value, value});
    }
    return samples;
}

bool nearly(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

/// The datapoints of a period, made from the samples: time -> totals.
std::map<std::int64_t, Totals> periods(const MetricsModel::Minutes& minutes, std::int64_t from,
                                       std::int64_t to, std::int64_t period) {
    std::map<std::int64_t, Totals> points;
    for (auto at = minutes.lower_bound(from); at != minutes.end() && at->first < to; ++at) {
        for (const Totals& sample : at->second) points[floored(at->first, period)].add(sample);
    }
    return points;
}

void check_period(Stage& stage, const MetricsModel::Key& key, const MetricsModel::Minutes& minutes,
                  std::int64_t period) {
    const std::int64_t back = period == minute ? 20 * hour : 4 * day;
    const std::int64_t from = floored(stage.now() - back, hour);
    const std::int64_t to = floored(stage.now(), hour) + 4 * hour;
    const auto points = periods(minutes, from, to, period);
    const Json told = stage
                          .ask(key.who, "cloudwatch", "GetMetricStatistics",
                               {{"Namespace", key.metric_namespace},
                                {"MetricName", key.name},
                                {"Dimensions", dimensions_of(key.dimension)},
                                {"Unit", key.unit},
                                {"StartTime", from},
                                {"EndTime", to},
                                {"Period", period / 1000},
                                {"Statistics", plain_statistics}})
                          .at("Datapoints");
    const auto facts = [&] {
        std::string expected;
        for (const auto& [at, totals] : points)
            expected += fmt::format(" {}:{}x sum {}", at, totals.count, totals.sum);
        return fmt::format("{} {} [{}] of owner {} by {} s: expected{}\n  told {}", key.metric_namespace,
                           key.name, key.dimension, key.who, period / 1000, expected, to_text(told));
    };
    const char* invariant = key.metric_namespace == "AWS/Bedrock" ? "I10" : "I9";
    demand(told.size() == points.size(), invariant, facts);
    std::size_t index = 0;
    for (const auto& [at, totals] : points) {
        const Json& point = told[index++];
        demand(point.at("Timestamp") == at, invariant, facts);
        for (const char* name : plain_statistics)
            demand(nearly(point.at(name), totals.statistic(name)), invariant, facts);
    }
}

/// Percentiles rise with p and lie between the bounds; GetMetricData tells the same as GetMetricStatistics.
void check_other_ways(Stage& stage, const MetricsModel::Key& key, const MetricsModel::Minutes& minutes) {
    const std::int64_t from = floored(stage.now() - 2 * day, hour);
    const std::int64_t to = floored(stage.now(), hour) + 4 * hour;
    Json queries = Json::array();
    int number = 0;
    for (const char* statistic : {"Sum", "p10", "p50", "p90", "p100"}) {
        queries.push_back({{"Id", fmt::format("q{}", number++)},
                           {"MetricStat",
                            {{"Metric",
                              {{"Namespace", key.metric_namespace},
                               {"MetricName", key.name},
                               {"Dimensions", dimensions_of(key.dimension)}}},
                             {"Period", 3600},
                             {"Unit", key.unit},
                             {"Stat", statistic}}}});
    }
    const Json told = stage
                          .ask(key.who, "cloudwatch", "GetMetricData",
                               {{"MetricDataQueries", queries},
                                {"StartTime", from},
                                {"EndTime", to},
                                {"ScanBy", "TimestampAscending"}})
                          .at("MetricDataResults");
    std::vector<double> sums;
    const auto points = periods(minutes, from, to, hour);
    for (const auto& [at, totals] : points) sums.push_back(totals.sum);
    const auto told_sums = told[0].at("Values").get<std::vector<double>>();
    demand(std::equal(sums.begin(), sums.end(), told_sums.begin(), told_sums.end(), nearly), "I9", [&] {
        return fmt::format("GetMetricData of {} {}: {}", key.metric_namespace, key.name, to_text(told));
    });
    for (std::size_t lower = 1; lower + 1 < told.size(); ++lower) {
        const auto low = told[lower].at("Values").get<std::vector<double>>();
        const auto high = told[lower + 1].at("Values").get<std::vector<double>>();
        const bool rises =
            low.size() == high.size() && std::equal(low.begin(), low.end(), high.begin(),
                                                    [](double a, double b) { return a <= b + 1e-9; });
        demand(rises, "I9", [&] { return "percentiles fall: " + to_text(told); });
    }
}

}  // namespace

void Totals::add(const Totals& other) {
    if (other.count == 0) return;
    minimum = count == 0 ? other.minimum : std::min(minimum, other.minimum);
    maximum = count == 0 ? other.maximum : std::max(maximum, other.maximum);
    count += other.count;
    sum += other.sum;
}

double Totals::statistic(const std::string& name) const {
    if (name == "SampleCount") return count;
    if (name == "Sum") return sum;
    if (name == "Minimum") return minimum;
    return name == "Maximum" ? maximum : sum / count;
}

std::string MetricsModel::expected_error(const std::string& operation, const Json& input,
                                         std::int64_t now) const {
    if (operation != "PutMetricData") return {};
    for (const Json& datum : input.at("MetricData")) {
        const std::int64_t at = value_or(datum, "Timestamp", now);
        if (at < now - 14 * day || at > now + 2 * hour) return "InvalidParameterValueException";
        if (datum.contains("Counts") && datum.at("Counts").size() != datum.at("Values").size())
            return "InvalidParameterValueException";
    }
    return {};
}

void MetricsModel::accepted(std::size_t who, const std::string& operation, const Json& input,
                            std::int64_t now) {
    if (operation != "PutMetricData") return;
    for (const Json& datum : input.at("MetricData")) {
        Key key{.who = who,
                .metric_namespace = input.at("Namespace"),
                .name = datum.at("MetricName"),
                .unit = value_or<std::string>(datum, "Unit", "None")};
        for (const Json& dimension : value_or(datum, "Dimensions", Json::array()))
            key.dimension = text_or_empty(dimension, "Name") + "=" + text_or_empty(dimension, "Value");
        for (const Totals& sample : samples_of(datum)) add(key, value_or(datum, "Timestamp", now), sample);
    }
}

void MetricsModel::add(const Key& key, std::int64_t at, const Totals& totals) {
    metrics_[key][floored(at, minute)].push_back(totals);
}

std::optional<Totals> MetricsModel::between(const Key& key, std::int64_t from, std::int64_t to) const {
    const auto found = metrics_.find(key);
    if (found == metrics_.end()) return std::nullopt;
    Totals totals;
    const Minutes& minutes = found->second;
    for (auto at = minutes.lower_bound(from); at != minutes.end() && at->first < to; ++at) {
        for (const Totals& sample : at->second) totals.add(sample);
    }
    return totals.count > 0 ? std::optional(totals) : std::nullopt;
}

void check_metrics(Stage& stage, const MetricsModel& model, std::uint64_t luck) {
    std::uint64_t number = luck;
    for (const auto& [key, minutes] : model.metrics()) {
        static constexpr std::int64_t lengths[] = {minute, 5 * minute, hour};
        check_period(stage, key, minutes, lengths[number++ % 3]);
        if (number % 4 == 0) check_other_ways(stage, key, minutes);
    }
}

}  // namespace rockwatch::simulation
