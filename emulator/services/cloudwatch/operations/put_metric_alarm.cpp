#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/arn.hpp"
#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t tags_max = 50;
constexpr std::size_t metrics_max = 10;
constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t week_seconds = 604'800;
constexpr std::array<const char*, 3> action_lists{"OKActions", "AlarmActions", "InsufficientDataActions"};

/// The members that an alarm keeps as they were given.
constexpr std::array<const char*, 13> kept_members{"AlarmDescription",
                                                   "MetricName",
                                                   "Namespace",
                                                   "Statistic",
                                                   "ExtendedStatistic",
                                                   "Period",
                                                   "Unit",
                                                   "Threshold",
                                                   "EvaluationPeriods",
                                                   "DatapointsToAlarm",
                                                   "ComparisonOperator",
                                                   "TreatMissingData",
                                                   "EvaluateLowSampleCountPercentile"};

ServiceError must_not_be_null(std::string_view member) {
    return validation_error(fmt::format("{} must not be null", member));
}

ServiceError missing_by_model(std::string_view path) {
    return validation_error(
        fmt::format("1 validation error detected: Value null at '{}' failed to satisfy constraint: Member "
                    "must not be null",
                    path));
}

/// A list of metrics is checked as AWS does, so that what is wrong anyway is said first; then it is refused.
[[noreturn]] void refuse_metrics_list(const Json& input) {
    for (const char* member :
         {"MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit", "Dimensions"}) {
        if (input.contains(member) && !input[member].empty()) {
            throw validation_error(fmt::format("{} should not be set if list of Metrics is set.", member));
        }
    }
    std::size_t returning = 0;
    std::size_t metric_count = 0;
    std::size_t expression_count = 0;
    for (const Json& query : input["Metrics"]) {
        if (query.contains("MetricStat") == query.contains("Expression"))
            throw validation_error("Invalid metrics list");
        if (value_or(query, "ReturnData", true)) ++returning;
        query.contains("MetricStat") ? ++metric_count : ++expression_count;
        if (text_or_empty(query, "Expression").find("SEARCH") != std::string::npos) {
            throw validation_error("SEARCH is not supported on Metric Alarms.");
        }
    }
    if (returning != 1) throw validation_error("Exactly one element of the metrics list should return data.");
    if (metric_count > metrics_max) throw validation_error("Too many metrics in alarm, maximum is 10");
    if (expression_count > metrics_max)
        throw validation_error("Too many expressions in alarm, maximum is 10");
    throw validation_error(
        "Alarms over a list of Metrics (metric math) are not supported by Rockwatch yet. Use MetricName, "
        "Namespace, "
        "Statistic and Period.");
}

void check_kind(const Json& input) {
    if (input.contains("EvaluationCriteria") || input.contains("EvaluationInterval")) {
        throw validation_error("PromQL alarms (EvaluationCriteria) are not supported by Rockwatch.");
    }
    if (input.contains("Metrics") && !input["Metrics"].empty()) refuse_metrics_list(input);
    if (!input.contains("MetricName")) throw must_not_be_null("MetricName");
    if (!input.contains("Namespace")) throw must_not_be_null("Namespace");
    if (!input.contains("Period")) throw must_not_be_null("Period");
    if (!input.contains("EvaluationPeriods")) throw missing_by_model("evaluationPeriods");
    if (!input.contains("ComparisonOperator")) throw missing_by_model("comparisonOperator");
}

void check_threshold(const Json& input) {
    const bool has_threshold = input.contains("Threshold");
    const bool has_threshold_metric = input.contains("ThresholdMetricId");
    if (has_threshold && has_threshold_metric) {
        throw validation_error("Threshold and ThresholdMetricId cannot both be set");
    }
    if (!comparison_of(text_or_empty(input, "ComparisonOperator")) && !has_threshold_metric) {
        throw validation_error("ComparisonOperators for ranges require ThresholdMetricId to be set");
    }
    if (has_threshold_metric) {
        for (const char* list : action_lists) {
            for (const Json& action : list_or_empty(input, list)) {
                const auto arn = parse_arn(action.get<std::string>());
                if (arn && arn->service == "autoscaling") {
                    throw validation_error("autoscaling actions not supported when ThresholdMetricId is set");
                }
            }
        }
        throw validation_error(
            "Anomaly detection alarms (ThresholdMetricId) are not supported by Rockwatch yet.");
    }
    if (!has_threshold || !std::isfinite(input["Threshold"].get<double>())) {
        throw validation_error("PutMetricAlarm request should have valid Threshold parameter");
    }
}

void check_statistic(const Json& input) {
    const bool has_plain = input.contains("Statistic");
    const bool has_extended = input.contains("ExtendedStatistic");
    if (has_plain && has_extended) {
        throw validation_error(
            "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. "
            "Only one of "
            "them should be present");
    }
    if (!has_plain && !has_extended) {
        throw validation_error("PutMetricAlarm request should have a Statistic parameter");
    }
    const std::string name = statistic_name(input);
    const auto statistic = alarm_statistic(name);
    if (!statistic || (has_extended && statistic->is_plain())) {
        throw invalid_value(
            fmt::format("The value {} for parameter ExtendedStatistic is not supported.", name));
    }
    if (!input.contains("EvaluateLowSampleCountPercentile")) return;
    const std::string option = text_or_empty(input, "EvaluateLowSampleCountPercentile");
    if (option != "evaluate" && option != "ignore") {
        throw validation_error(
            fmt::format("Option {} is not supported. Supported options for parameter "
                        "EvaluateLowSampleCountPercentile are evaluate "
                        "and ignore.",
                        option));
    }
    if (!statistic->percentile()) {
        throw validation_error(
            fmt::format("Option evaluateLowSampleCountPercentile can not be applied with statistic {}. This "
                        "option is enabled only "
                        "for percentile statistics.",
                        name));
    }
}

void check_periods(const Json& input) {
    const auto period = value_or(input, "Period", std::int64_t{0});
    const bool is_short = period == 10 || period == 20 || period == 30;
    if (!is_short && (period <= 0 || period % 60 != 0)) {
        throw validation_error("Period must be 10, 20, 30 or a multiple of 60");
    }
    const auto evaluation_periods = value_or(input, "EvaluationPeriods", std::int64_t{1});
    const auto datapoints = value_or(input, "DatapointsToAlarm", evaluation_periods);
    if (datapoints > evaluation_periods) {
        throw validation_error("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
    }
    if (period < 3600 && evaluation_periods * period > day_seconds) {
        throw validation_error(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)");
    }
    if (period >= 3600 && evaluation_periods * period > week_seconds) {
        throw validation_error(
            "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= "
            "604800) for alarms "
            "using period >= 3600");
    }
    if (!input.contains("TreatMissingData")) return;
    const std::string treat = text_or_empty(input, "TreatMissingData");
    if (!missing_data_of(treat)) {
        throw validation_error(fmt::format(
            "The value {} is not supported for TreatMissingData parameter. Supported values are [breaching, "
            "notBreaching, ignore, missing].",
            treat));
    }
}

void check_action(const std::string& action, const Owner& owner) {
    static constexpr std::array<std::string_view, 9> services{
        "sns", "lambda", "autoscaling", "automate", "swf", "ssm", "states", "ssm-incidents", "aiops"};
    const auto arn = parse_arn(action);
    if (!arn) throw validation_error("Invalid arn syntax: " + action);
    if (std::find(services.begin(), services.end(), arn->service) == services.end()) {
        throw validation_error("Unsupported AWS vendor " + arn->service);
    }
    if (!arn->region.empty() && arn->region != owner.region) {
        throw validation_error(
            fmt::format("Invalid region {} specified. Only {} is supported.", arn->region, owner.region));
    }
}

void check_name(const std::string& name) {
    const bool has_control =
        std::any_of(name.begin(), name.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; });
    if (has_control) throw validation_error("AlarmName must not contain ASCII control characters");
}

Json configuration_of(const Json& input) {
    Json configuration{{"ActionsEnabled", value_or(input, "ActionsEnabled", true)},
                       {"Dimensions", dimensions_json(read_dimensions(input))}};
    for (const char* list : action_lists) configuration[list] = list_or_empty(input, list);
    for (const char* member : kept_members) {
        if (input.contains(member)) configuration[member] = input[member];
    }
    configuration["Threshold"] = input["Threshold"].get<double>();
    return configuration;
}

}  // namespace

Json put_metric_alarm(Writing& cloudwatch, const Caller& caller, const Json& input) {
    check_name(text_or_empty(input, "AlarmName"));
    check_kind(input);
    check_threshold(input);
    check_statistic(input);
    check_periods(input);
    if (const auto repeated = repeated_name(read_dimensions(input))) {
        throw validation_error(
            fmt::format("Dimensions must not have the dimension {} more than once", *repeated));
    }
    for (const char* list : action_lists) {
        for (const Json& action : list_or_empty(input, list)) check_action(action.get<std::string>(), caller);
    }
    const Json& tags = list_or_empty(input, "Tags");
    if (tags.size() > tags_max) {
        throw validation_error(
            fmt::format("The collection Tags must not have a size greater than {}.", tags_max));
    }

    const std::string name = text_or_empty(input, "AlarmName");
    const auto before = cloudwatch.alarms.find(caller, name);
    Alarm alarm = before.value_or(Alarm{.owner = caller,
                                        .name = name,
                                        .reason = "Unchecked: Initial alarm creation",
                                        .state_updated = cloudwatch.now,
                                        .state_transitioned = cloudwatch.now});
    alarm.configuration = configuration_of(input);
    alarm.configuration_updated = cloudwatch.now;
    cloudwatch.alarm_writer.put(alarm);
    if (!before) cloudwatch.tag_writer.put(caller.account, alarm.arn(), tags);  // an update leaves tags alone
    cloudwatch.alarm_writer.add_history(
        caller,
        {.alarm_name = name,
         .timestamp = cloudwatch.now,
         .item_type = "ConfigurationUpdate",
         .summary = fmt::format("Alarm \"{}\" {}", name, before ? "updated" : "created"),
         .data = configuration_history_data(alarm, before ? "Update" : "Create")},
        cloudwatch.now - history_kept);
    cloudwatch.scheduler.changed(caller, name);
    cloudwatch.scheduler.arm_after_commit(cloudwatch.database, cloudwatch.now,
                                          value_or(input, "Period", std::int64_t{60}));
    return Json::object();
}

}  // namespace rockwatch::cloudwatch
