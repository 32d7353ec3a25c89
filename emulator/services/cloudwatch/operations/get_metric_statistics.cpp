#include <fmt/format.h>

#include <algorithm>

#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/metric_times.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::int64_t datapoints_max = 1440;

struct StatisticsRead {
    Instant start;
    Instant end;
    std::int64_t period = 60;
    std::vector<Statistic> statistics;
    std::vector<Statistic> extended;
};

std::vector<Statistic> read_statistics(const Json& names, std::string_view member) {
    std::vector<Statistic> statistics;
    for (std::size_t index = 0; index < names.size(); ++index) {
        const std::string name = names[index].get<std::string>();
        auto statistic = Statistic::parse(name);
        if (!statistic || (member == "ExtendedStatistics" && statistic->is_plain())) {
            throw invalid_value(fmt::format("The value {} for parameter {}.member.{} is not supported.", name,
                                            member, index + 1));
        }
        statistics.push_back(std::move(*statistic));
    }
    return statistics;
}

StatisticsRead read_request(const Json& input, Instant now) {
    StatisticsRead read{.start = time_or(input, "StartTime", now),
                        .end = time_or(input, "EndTime", now),
                        .period = value_or(input, "Period", std::int64_t{60})};
    if (read.start >= read.end) {
        throw invalid_value("The parameter StartTime must be less than the parameter EndTime.");
    }
    if (read.period <= 0) throw invalid_value("The parameter Period must be greater than 0.");
    if (!is_read_period(read.period)) throw invalid_value("The parameter Period must be a multiple of 60.");
    const Json& names = list_or_empty(input, "Statistics");
    const Json& extended_names = list_or_empty(input, "ExtendedStatistics");
    if (names.empty() && extended_names.empty())
        throw missing_parameter("The parameter Statistics is required.");
    if (!names.empty() && !extended_names.empty()) {
        throw invalid_combination(
            "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified "
            "both.");
    }
    read.statistics = read_statistics(names, "Statistics");
    read.extended = read_statistics(extended_names, "ExtendedStatistics");
    const std::int64_t count = (read.end - read.start) / std::chrono::seconds{read.period};
    if (count > datapoints_max) {
        throw invalid_combination(
            fmt::format("You have requested up to {} datapoints, which exceeds the limit of {}. You may "
                        "reduce the datapoints "
                        "requested by increasing Period, or decreasing the time range.",
                        count, datapoints_max));
    }
    return read;
}

}  // namespace

Json get_metric_statistics(Reading& cloudwatch, const Caller& caller, const Json& input) {
    const StatisticsRead read = read_request(input, cloudwatch.now);
    const MetricKey key{.metric_namespace = text_or_empty(input, "Namespace"),
                        .name = text_or_empty(input, "MetricName"),
                        .dimensions = read_dimensions(input)};
    Json datapoints = Json::array();
    if (is_kept(read.start, read.period, cloudwatch.now)) {
        const BucketRange range{.from = rounded_start(read.start, read.period, cloudwatch.now),
                                .to = read.end,
                                .period = std::chrono::seconds{read.period}};
        for (const UnitSeries& series : cloudwatch.metrics.units(caller, key, text_or_empty(input, "Unit"))) {
            for (auto& [start, bucket] : cloudwatch.metrics.buckets(series.id, range)) {
                Json datapoint{{"Timestamp", epoch_ms(start)}, {"Unit", series.unit}};
                bool has_value = false;
                for (const Statistic& statistic : read.statistics) {
                    datapoint[statistic.name()] = *statistic.of(bucket);
                    has_value = true;
                }
                for (const Statistic& statistic : read.extended) {
                    const auto value = statistic.of(bucket);
                    if (!value) continue;
                    datapoint["ExtendedStatistics"][statistic.name()] = *value;
                    has_value = true;
                }
                if (has_value) datapoints.push_back(std::move(datapoint));
            }
        }
    }
    std::stable_sort(datapoints.begin(), datapoints.end(),
                     [](const Json& a, const Json& b) { return a["Timestamp"] < b["Timestamp"]; });
    return {{"Label", key.name}, {"Datapoints", std::move(datapoints)}};
}

}  // namespace rockwatch::cloudwatch
