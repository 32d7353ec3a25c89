#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/random.hpp"
#include "services/cloudwatch/errors.hpp"
#include "services/cloudwatch/metric_labels.hpp"
#include "services/cloudwatch/metric_times.hpp"
#include "services/cloudwatch/metric_units.hpp"
#include "services/cloudwatch/operations/operations.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t queries_max = 500;
constexpr std::int64_t datapoints_max = 100'800;

struct Query {
    std::string id;
    LabelledQuery labelled;
    Statistic statistic;
    std::string unit;
    std::string label;
    bool returns_data = true;
};

/// What one query found, oldest first.
struct Found {
    std::vector<LabelPoint> points;
    std::vector<std::string> units;  ///< those with samples; the first one's are in `points`
};

/// Where a page starts: a query, and the time of the last point that was sent of it.
struct Place {
    std::size_t query = 0;
    std::optional<std::int64_t> after_ms;
};

bool is_query_id(std::string_view id) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (id.empty() || id[0] < 'a' || id[0] > 'z') return false;
    return std::all_of(id.begin(), id.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Query read_query(const Json& json, const Caller& caller, const std::string& place) {
    const std::string id = text_or_empty(json, "Id");
    if (!is_query_id(id)) {
        throw validation_error(
            fmt::format("The value {} for parameter {}.Id is not supported. It must start with a lower-case "
                        "letter and hold "
                        "letters, digits and underscores alone.",
                        id, place));
    }
    if (json.contains("MetricStat") == json.contains("Expression")) {
        throw validation_error(
            fmt::format("Exactly one of {0}.MetricStat and {0}.Expression must be specified.", place));
    }
    if (json.contains("Expression")) {
        throw validation_error(
            fmt::format("The parameter {}.Expression is not supported by Rockwatch yet: metric math comes "
                        "later. Use MetricStat.",
                        place));
    }
    const std::string account = text_or_empty(json, "AccountId");
    if (!account.empty() && account != caller.account) {
        throw validation_error(
            fmt::format("The value {} for parameter {}.AccountId is not supported: no account is linked.",
                        account, place));
    }
    const Json& stat = json["MetricStat"];
    const Json& metric = stat["Metric"];
    const auto period = value_or(stat, "Period", std::int64_t{60});
    if (!is_read_period(period)) {
        throw validation_error(
            fmt::format("The parameter {}.MetricStat.Period must be a multiple of 60.", place));
    }
    const std::string name = text_or_empty(stat, "Stat");
    auto statistic = Statistic::parse(name);
    if (!statistic) {
        throw validation_error(
            fmt::format("The value {} for parameter {}.MetricStat.Stat is not supported.", name, place));
    }
    return {.id = id,
            .labelled = {.metric = {.metric_namespace = text_or_empty(metric, "Namespace"),
                                    .name = text_or_empty(metric, "MetricName"),
                                    .dimensions = read_dimensions(metric)},
                         .statistic = name,
                         .period_seconds = period},
            .statistic = std::move(*statistic),
            .unit = text_or_empty(stat, "Unit"),
            .label = text_or_empty(json, "Label"),
            .returns_data = value_or(json, "ReturnData", true)};
}

std::vector<Query> read_queries(const Json& list, const Caller& caller) {
    if (list.empty()) throw validation_error("The parameter MetricDataQueries is required.");
    if (list.size() > queries_max) {
        throw validation_error(fmt::format(
            "The collection MetricDataQueries must not have a size greater than {}.", queries_max));
    }
    std::vector<Query> queries;
    std::set<std::string> ids;
    for (std::size_t index = 0; index < list.size(); ++index) {
        queries.push_back(
            read_query(list[index], caller, fmt::format("MetricDataQueries.member.{}", index + 1)));
        if (!ids.insert(queries.back().id).second) {
            throw validation_error(fmt::format(
                "The values for parameter Id in MetricDataQueries are not unique: {}.", queries.back().id));
        }
    }
    return queries;
}

Found find(Reading& cloudwatch, const Caller& caller, const Query& query, Instant start, Instant end) {
    Found found;
    const std::int64_t period = query.labelled.period_seconds;
    if (!is_kept(start, period, cloudwatch.now)) return found;
    const BucketRange range{.from = rounded_start(start, period, cloudwatch.now),
                            .to = end,
                            .period = std::chrono::seconds{period}};
    for (const UnitSeries& series : cloudwatch.metrics.units(caller, query.labelled.metric, query.unit)) {
        auto buckets = cloudwatch.metrics.buckets(series.id, range);
        if (buckets.empty()) continue;
        found.units.push_back(series.unit);
        if (found.units.size() > 1) continue;
        for (auto& [at, bucket] : buckets) {
            if (const auto value = query.statistic.of(bucket))
                found.points.push_back({.time = at, .value = *value});
        }
    }
    return found;
}

/// Binds a token to everything else in the request.
std::string request_mark(const Json& input, const Owner& owner) {
    Json rest = input;
    rest.erase("NextToken");
    return fmt::format("{:x}", text_hash(owner.account + owner.region + to_text(rest)));
}

Place read_place(const Json& input, const std::string& mark) {
    if (!input.contains("NextToken")) return {};
    const auto token = read_page_token(text_or_empty(input, "NextToken"));
    const bool is_ours = token && token->is_object() && text_or_empty(*token, "request") == mark &&
                         token->contains("query") && (*token)["query"].is_number_unsigned();
    if (!is_ours) throw invalid_next_token();
    Place place{.query = (*token)["query"].get<std::size_t>()};
    if (token->contains("after") && (*token)["after"].is_number_integer()) {
        place.after_ms = (*token)["after"].get<std::int64_t>();
    }
    return place;
}

/// Fills one page: results in the order of the queries until the page is full.
class Page {
public:
    Page(Place start, std::int64_t size) : start_(start), left_(size) {}

    std::optional<Place> next;

    /// Adds Timestamps, Values and StatusCode. `points`: in the order of the scan.
    void add(std::size_t query, const std::vector<LabelPoint>& points, Json& result) {
        Json& times = result["Timestamps"] = Json::array();
        Json& values = result["Values"] = Json::array();
        result["StatusCode"] = "Complete";
        if (query < start_.query) return;
        std::size_t index = 0;
        if (query == start_.query && start_.after_ms) {
            const auto last = std::find_if(points.begin(), points.end(), [&](const LabelPoint& point) {
                return epoch_ms(point.time) == *start_.after_ms;
            });
            if (last != points.end()) index = static_cast<std::size_t>(last - points.begin()) + 1;
        }
        for (; index < points.size() && left_ > 0; ++index, --left_) {
            times.push_back(epoch_ms(points[index].time));
            values.push_back(points[index].value);
        }
        if (index == points.size()) return;
        result["StatusCode"] = "PartialData";
        if (next) return;
        next = Place{.query = query};
        if (index > 0) next->after_ms = epoch_ms(points[index - 1].time);
    }

private:
    Place start_;
    std::int64_t left_;
};

struct DataRequest {
    std::vector<Query> queries;
    Instant start;
    Instant end;
    std::int64_t page_size = datapoints_max;
    std::chrono::minutes utc_offset{0};
};

DataRequest read_request(const Json& input, const Caller& caller, Instant now) {
    DataRequest request{.queries = read_queries(list_or_empty(input, "MetricDataQueries"), caller),
                        .start = time_or(input, "StartTime", now),
                        .end = time_or(input, "EndTime", now),
                        .page_size = value_or(input, "MaxDatapoints", datapoints_max)};
    if (request.start == request.end) {
        throw validation_error("The parameter StartTime must not equal parameter EndTime.");
    }
    if (request.start > request.end)
        throw validation_error("The parameter EndTime must be greater than StartTime.");
    if (request.page_size < 1 || request.page_size > datapoints_max) {
        throw validation_error(
            fmt::format("The parameter MaxDatapoints must be between 1 and {}.", datapoints_max));
    }
    const auto options = input.find("LabelOptions");
    if (options != input.end() && options->contains("Timezone")) {
        const auto offset = parse_utc_offset(text_or_empty(*options, "Timezone"));
        if (!offset) {
            throw validation_error(
                fmt::format("The value {} for parameter LabelOptions.Timezone is not supported.",
                            text_or_empty(*options, "Timezone")));
        }
        request.utc_offset = *offset;
    }
    return request;
}

}  // namespace

Json get_metric_data(Reading& cloudwatch, const Caller& caller, const Json& input) {
    const DataRequest request = read_request(input, caller, cloudwatch.now);
    const std::string mark = request_mark(input, caller);
    const bool ascending = text_or_empty(input, "ScanBy") == "TimestampAscending";
    std::vector<LabelledQuery> labelled;
    for (const Query& query : request.queries) labelled.push_back(query.labelled);
    const std::vector<std::string> labels = default_labels(labelled);

    Page page(read_place(input, mark), request.page_size);
    Json results = Json::array();
    for (std::size_t index = 0; index < request.queries.size(); ++index) {
        const Query& query = request.queries[index];
        if (!query.returns_data) continue;
        Found found = find(cloudwatch, caller, query, request.start, request.end);
        Json result{{"Id", query.id}, {"Label", labels[index]}};
        if (!query.label.empty()) {
            result["Label"] = dynamic_label(query.label, {.query = query.labelled,
                                                          .default_label = labels[index],
                                                          .account = caller.account,
                                                          .region = caller.region,
                                                          .points = found.points,
                                                          .now = cloudwatch.now,
                                                          .utc_offset = request.utc_offset});
        }
        if (found.units.size() > 1) {
            result["Messages"] =
                Json::array({Json{{"Code", "MultipleUnits"}, {"Value", multiple_units_text(found.units)}}});
        }
        if (!ascending) std::reverse(found.points.begin(), found.points.end());
        page.add(index, found.points, result);
        results.push_back(std::move(result));
    }
    Json output{{"MetricDataResults", std::move(results)}, {"Messages", Json::array()}};
    if (page.next) {
        Json place{{"request", mark}, {"query", page.next->query}};
        if (page.next->after_ms) place["after"] = *page.next->after_ms;
        output["NextToken"] = page_token(place);
    }
    return output;
}

}  // namespace rockwatch::cloudwatch
