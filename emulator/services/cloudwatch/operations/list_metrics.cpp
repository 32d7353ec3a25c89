#include <algorithm>

#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t page_size = 500;
constexpr std::chrono::hours listed_for{24 * 14};
constexpr std::chrono::hours recent_for{3};

/// A metric passes when it has every dimension asked for; it may have more.
bool has_dimensions(const Json& dimensions, const Json& filters) {
    return std::all_of(filters.begin(), filters.end(), [&](const Json& filter) {
        return std::any_of(dimensions.begin(), dimensions.end(), [&](const Json& dimension) {
            if (text_or_empty(dimension, "Name") != text_or_empty(filter, "Name")) return false;
            return !filter.contains("Value") ||
                   text_or_empty(dimension, "Value") == text_or_empty(filter, "Value");
        });
    });
}

void continue_after(const std::string& token, MetricFilter& filter) {
    const auto place = read_page_token(token);
    const bool is_ours =
        place && place->is_array() && place->size() == 3 &&
        std::all_of(place->begin(), place->end(), [](const Json& part) { return part.is_string(); });
    if (!is_ours) throw invalid_value("Request parameter NextToken is invalid");
    filter.after_namespace = (*place)[0].get<std::string>();
    filter.after_name = (*place)[1].get<std::string>();
    filter.after_dimensions = (*place)[2].get<std::string>();
}

}  // namespace

Json list_metrics(Reading& cloudwatch, const Caller& caller, const Json& input) {
    const bool recently_active = input.contains("RecentlyActive");
    MetricFilter filter{.metric_namespace = text_or_empty(input, "Namespace"),
                        .metric_name = text_or_empty(input, "MetricName"),
                        .newer_than = cloudwatch.now - (recently_active ? recent_for : listed_for)};
    if (input.contains("NextToken")) continue_after(text_or_empty(input, "NextToken"), filter);
    const Json& dimension_filters = list_or_empty(input, "Dimensions");
    const bool with_accounts = value_or(input, "IncludeLinkedAccounts", false);

    Json output{{"Metrics", Json::array()}};
    Json& metrics = output["Metrics"];
    if (with_accounts) output["OwningAccounts"] = Json::array();
    // No account is linked to another here, so another's metrics are none.
    const std::string owning_account = text_or_empty(input, "OwningAccount");
    if (!owning_account.empty() && owning_account != caller.account) return output;

    ListedMetric last;
    cloudwatch.metrics.list(caller, filter, [&](const ListedMetric& metric) {
        Json dimensions = Json::parse(metric.dimensions);
        if (!has_dimensions(dimensions, dimension_filters)) return true;
        if (metrics.size() == page_size) {
            output["NextToken"] =
                page_token(Json::array({last.metric_namespace, last.metric_name, last.dimensions}));
            return false;
        }
        metrics.push_back({{"Namespace", metric.metric_namespace},
                           {"MetricName", metric.metric_name},
                           {"Dimensions", std::move(dimensions)}});
        if (with_accounts) output["OwningAccounts"].push_back(caller.account);
        last = metric;
        return true;
    });
    return output;
}

}  // namespace rockwatch::cloudwatch
