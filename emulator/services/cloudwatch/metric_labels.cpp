#include "services/cloudwatch/metric_labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/text_time.hpp"

namespace rockwatch::cloudwatch {

namespace {

/// Dimension values that not all of the queries share, by name.
std::string differing_dimensions(const LabelledQuery& query, std::span<const LabelledQuery> queries) {
    std::string text;
    for (const Dimension& dimension : query.metric.dimensions) {
        const bool shared = std::all_of(queries.begin(), queries.end(), [&](const LabelledQuery& other) {
            const auto& all = other.metric.dimensions;
            return other.metric.name != query.metric.name ||
                   std::find(all.begin(), all.end(), dimension) != all.end();
        });
        if (!shared) text += " " + dimension.value;
    }
    return text;
}

std::string number_text(double value) {
    std::string text = fmt::format("{:.3f}", value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::string duration_text(Milliseconds duration) {
    const auto seconds = std::abs(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
    std::string text;
    const auto add = [&](std::int64_t count, char unit) {
        if (count > 0) text += fmt::format("{}{}{}", text.empty() ? "" : " ", count, unit);
    };
    add(seconds / 86400, 'd');
    add(seconds % 86400 / 3600, 'h');
    add(seconds % 3600 / 60, 'm');
    add(seconds % 60, 's');
    return text.empty() ? "0s" : text;
}

/// The named point of a result: FIRST, LAST, MIN, MAX.
const LabelPoint* point_of(std::string_view name, std::span<const LabelPoint> points) {
    if (points.empty()) return nullptr;
    const auto less = [](const LabelPoint& a, const LabelPoint& b) { return a.value < b.value; };
    if (name == "FIRST") return &points.front();
    if (name == "LAST") return &points.back();
    if (name == "MIN") return &*std::min_element(points.begin(), points.end(), less);
    if (name == "MAX") return &*std::max_element(points.begin(), points.end(), less);
    return nullptr;
}

std::optional<std::string> property(std::string_view name, const LabelValues& values) {
    const MetricKey& metric = values.query.metric;
    if (name == "AccountId" || name == "AccountLabel") return values.account;
    if (name == "MetricName") return metric.name;
    if (name == "Namespace") return metric.metric_namespace;
    if (name == "Period") return std::to_string(values.query.period_seconds);
    if (name == "Region") return values.region;
    if (name == "Stat") return values.query.statistic;
    if (!name.starts_with("Dim.")) return std::nullopt;
    for (const Dimension& dimension : metric.dimensions) {
        if (dimension.name == name.substr(4)) return dimension.value;
    }
    return std::nullopt;
}

std::optional<std::string> range_value(std::string_view name, std::span<const LabelPoint> points) {
    const bool over_extremes = name.starts_with("MIN_MAX_");
    if (!over_extremes && !name.starts_with("FIRST_LAST_")) return std::nullopt;
    const LabelPoint* from = point_of(over_extremes ? "MIN" : "FIRST", points);
    const LabelPoint* to = point_of(over_extremes ? "MAX" : "LAST", points);
    if (from == nullptr || to == nullptr) return std::nullopt;
    if (name.ends_with("_TIME_RANGE")) return duration_text(to->time - from->time);
    if (name.ends_with("_RANGE")) return number_text(to->value - from->value);
    return std::nullopt;
}

std::optional<std::string> dynamic_value(std::string_view name, const LabelValues& values) {
    if (name.starts_with("PROP('") && name.ends_with("')"))
        return property(name.substr(6, name.size() - 8), values);
    if (name == "LABEL") return values.default_label;
    if (name == "DATAPOINT_COUNT") return std::to_string(values.points.size());
    if (values.points.empty()) return std::nullopt;
    if (name == "AVG" || name == "SUM") {
        const double sum =
            std::accumulate(values.points.begin(), values.points.end(), 0.0,
                            [](double total, const LabelPoint& point) { return total + point.value; });
        return number_text(name == "SUM" ? sum : sum / static_cast<double>(values.points.size()));
    }
    if (auto range = range_value(name, values.points)) return range;
    const auto cut = name.find('_');
    const LabelPoint* point = point_of(name.substr(0, cut), values.points);
    if (point == nullptr) return std::nullopt;
    const std::string_view form = cut == std::string_view::npos ? std::string_view{} : name.substr(cut);
    if (form.empty()) return number_text(point->value);
    if (form == "_TIME_RELATIVE") return duration_text(values.now - point->time);
    if (form != "_TIME") return std::nullopt;
    std::string time = iso_seconds(point->time + values.utc_offset);
    time[10] = ' ';
    return time.substr(0, 19);
}

}  // namespace

std::vector<std::string> default_labels(std::span<const LabelledQuery> queries) {
    std::vector<std::string> labels;
    for (const LabelledQuery& query : queries) {
        bool statistics_differ = false;
        bool periods_differ = false;
        for (const LabelledQuery& other : queries) {
            if (other.metric.name != query.metric.name) continue;
            statistics_differ = statistics_differ || other.statistic != query.statistic;
            periods_differ = periods_differ || other.period_seconds != query.period_seconds;
        }
        // Chosen: differing dimension values stand before statistic and period, as on the console.
        std::string label = query.metric.name + differing_dimensions(query, queries);
        if (statistics_differ) label += " " + query.statistic;
        if (periods_differ) label += fmt::format(" {}", query.period_seconds);
        labels.push_back(std::move(label));
    }
    return labels;
}

std::string dynamic_label(std::string_view label, const LabelValues& values) {
    std::string text;
    for (;;) {
        const auto from = label.find("${");
        const auto to = from == std::string_view::npos ? from : label.find('}', from);
        if (to == std::string_view::npos) return text.append(label);
        text.append(label.substr(0, from));
        const auto value = dynamic_value(label.substr(from + 2, to - from - 2), values);
        text.append(value ? std::string_view(*value) : label.substr(from, to + 1 - from));
        label.remove_prefix(to + 1);
    }
}

std::optional<std::chrono::minutes> parse_utc_offset(std::string_view text) {
    const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
    if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    if (!std::all_of(text.begin() + 1, text.end(), is_digit)) return std::nullopt;
    const int hours = (text[1] - '0') * 10 + (text[2] - '0');
    const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    if (hours > 23 || minutes > 59) return std::nullopt;
    return std::chrono::minutes{(text[0] == '-' ? -1 : 1) * (hours * 60 + minutes)};
}

}  // namespace rockwatch::cloudwatch
