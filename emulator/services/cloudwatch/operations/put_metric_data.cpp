#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t data_max = 1000;
constexpr std::size_t values_max = 150;
constexpr std::chrono::hours past_max{24 * 14};
constexpr std::chrono::hours future_max{2};
const double magnitude_max = std::ldexp(1.0, 360);

std::string number_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    return double_text(value);
}

/// `place` names the parameter: MetricData.member.1.Value.
double checked_number(const Json& value, const std::string& place) {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!(std::abs(number) <= magnitude_max)) {
        throw invalid_value(
            fmt::format("The value {} for parameter {} is invalid.", number_text(number), place));
    }
    return number;
}

/// ASCII that prints, not blank: what namespaces and dimensions are made of.
bool is_printable(std::string_view text) {
    const bool prints =
        std::all_of(text.begin(), text.end(), [](char letter) { return letter >= ' ' && letter <= '~'; });
    return prints && text.find_first_not_of(' ') != std::string_view::npos;
}

/// The datum's observations; its statistic set, when it has one that says more than samples would.
struct Observations {
    std::vector<Sample> samples;
    std::optional<StatisticSet> set;
};

Observations read_set(const Json& set, const std::string& place) {
    std::string missing;
    for (const char* member : {"SampleCount", "Sum", "Minimum", "Maximum"}) {
        if (set.contains(member)) continue;
        missing +=
            fmt::format("{}The parameter {}.{} is required.", missing.empty() ? "" : "\n", place, member);
    }
    if (!missing.empty()) throw missing_parameter(missing);

    const auto number = [&](const char* member) { return checked_number(set[member], place + "." + member); };
    const StatisticSet read{.sample_count = number("SampleCount"),
                            .sum = number("Sum"),
                            .minimum = number("Minimum"),
                            .maximum = number("Maximum")};
    if (read.maximum < read.minimum) {
        throw invalid_value(
            fmt::format("The parameter {0}.Maximum must be greater than {0}.Minimum.", place));
    }
    if (read.sample_count <= 0) {
        throw invalid_value(fmt::format("The value {} for parameter {}.SampleCount is invalid.",
                                        number_text(read.sample_count), place));
    }
    if (read.is_degenerate()) return {.samples = {{read.minimum, read.sample_count}}};
    return {.set = read};
}

Observations read_values(const Json& values, const Json& counts, bool has_counts, const std::string& place) {
    if (has_counts && counts.size() != values.size()) {
        throw invalid_value(
            fmt::format("The parameters {0}.Values and {0}.Counts must be of the same size.", place));
    }
    if (values.size() > values_max) {
        throw invalid_value(
            fmt::format("The collection {}.Values must not have a size greater than {}.", place, values_max));
    }
    Observations observations;
    for (std::size_t index = 0; index < values.size(); ++index) {
        const double value = checked_number(values[index], place + ".Values");
        const double count = has_counts ? checked_number(counts[index], place + ".Counts") : 1;
        if (count < 0) {
            throw invalid_value(
                fmt::format("The value {} for parameter {}.Counts is invalid.", number_text(count), place));
        }
        if (count > 0) observations.samples.push_back({value, count});
    }
    return observations;
}

Observations read_observations(const Json& datum, const std::string& place) {
    const bool has_value = datum.contains("Value");
    const Json& values = list_or_empty(datum, "Values");
    const Json& counts = list_or_empty(datum, "Counts");
    const bool has_set = datum.contains("StatisticValues");
    const auto refuse_both = [&](std::string_view one, std::string_view other) {
        throw invalid_combination(fmt::format(
            "The parameters {0}.{1} and {0}.{2} are mutually exclusive and you have specified both.", place,
            one, other));
    };
    if (has_value && !values.empty()) refuse_both("Value", "Values");
    if (has_value && has_set) refuse_both("Value", "StatisticValues");
    if (!values.empty() && has_set) refuse_both("Values", "StatisticValues");
    if (!values.empty() || !counts.empty()) {
        if (has_value || has_set) refuse_both(has_value ? "Value" : "StatisticValues", "Counts");
        return read_values(values, counts, datum.contains("Counts"), place);
    }
    if (has_value) return {.samples = {{checked_number(datum["Value"], place + ".Value"), 1}}};
    if (has_set) return read_set(datum["StatisticValues"], place + ".StatisticValues");
    throw invalid_combination("At least one of the parameters must be specified.");
}

std::int64_t storage_start(const Json& datum, const std::string& place, Instant now) {
    const Instant timestamp = time_or(datum, "Timestamp", now);
    if (timestamp < now - past_max) {
        throw invalid_value(
            fmt::format("The parameter {}.Timestamp must specify a time within the past two weeks.", place));
    }
    if (timestamp > now + future_max) {
        throw invalid_value(fmt::format(
            "The parameter {}.Timestamp must specify a time no more than two hours in the future.", place));
    }
    const auto resolution = value_or(datum, "StorageResolution", std::int64_t{60});
    if (resolution != 1 && resolution != 60) {
        throw invalid_value(
            fmt::format("The parameter {}.StorageResolution must be a value in the set [ 1, 60 ].", place));
    }
    return epoch_ms(floor_to(timestamp, std::chrono::seconds{resolution}));
}

void check_dimensions(const std::vector<Dimension>& dimensions, const std::string& place) {
    if (const auto name = repeated_name(dimensions)) {
        throw invalid_value(fmt::format(
            "The parameter {}.Dimensions must not have the dimension {} more than once.", place, *name));
    }
    for (const Dimension& dimension : dimensions) {
        if (!is_printable(dimension.name) || dimension.name.starts_with(':')) {
            throw invalid_value(fmt::format("The value {} for parameter {}.Dimensions.Name is invalid.",
                                            dimension.name, place));
        }
        if (!is_printable(dimension.value)) {
            throw invalid_value(fmt::format("The value {} for parameter {}.Dimensions.Value is invalid.",
                                            dimension.value, place));
        }
    }
}

}  // namespace

Json put_metric_data(Writing& cloudwatch, const Caller& caller, const Json& input) {
    if (!list_or_empty(input, "EntityMetricData").empty()) {
        throw invalid_value(
            "The parameter EntityMetricData is not supported by Rockwatch. Send the data in MetricData.");
    }
    const Json& data = list_or_empty(input, "MetricData");
    if (data.empty()) throw missing_parameter("The parameter MetricData is required.");
    if (data.size() > data_max) {
        throw invalid_value(
            fmt::format("The collection MetricData must not have a size greater than {}.", data_max));
    }
    const std::string metric_namespace = text_or_empty(input, "Namespace");
    if (!is_printable(metric_namespace)) {
        throw invalid_value(
            fmt::format("The value {} for parameter Namespace is invalid.", metric_namespace));
    }

    std::vector<NewSample> samples;
    for (std::size_t index = 0; index < data.size(); ++index) {
        const Json& datum = data[index];
        const std::string place = fmt::format("MetricData.member.{}", index + 1);
        const Observations observations = read_observations(datum, place);
        const std::int64_t start_ms = storage_start(datum, place, cloudwatch.now);
        const auto dimensions = read_dimensions(datum);
        check_dimensions(dimensions, place);
        const std::string unit = text_or_empty(datum, "Unit");
        const std::int64_t series =
            cloudwatch.metric_writer.series(caller, metric_namespace, text_or_empty(datum, "MetricName"),
                                            dimensions, unit.empty() ? "None" : unit);
        for (const Sample& sample : observations.samples) {
            samples.push_back({series, start_ms, sample.value, sample.weight});
        }
        if (observations.set) cloudwatch.metric_writer.add(series, start_ms, *observations.set);
    }
    cloudwatch.metric_writer.add(samples);
    return Json::object();
}

}  // namespace rockwatch::cloudwatch
