#include "services/cloudwatch/dashboard_body.hpp"

#include <fmt/format.h>

#include <array>

#include "services/cloudwatch/metric_times.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t widgets_max = 500;
constexpr std::size_t metrics_of_widget_max = 500;
constexpr std::size_t metrics_of_dashboard_max = 2500;

class Checker {
public:
    DashboardCheck check;

    void body(const Json& body) {
        for (const auto& [name, value] : body.items()) {
            if (name != "start" && name != "end" && name != "periodOverride" && name != "widgets" &&
                name != "variables") {
                warn("/" + name, "Should NOT have additional properties");
            }
        }
        const auto widgets = body.find("widgets");
        if (widgets == body.end()) return fail("", "Should have required property 'widgets'");
        if (!widgets->is_array()) return fail("/widgets", "Should be array");
        if (widgets->size() > widgets_max)
            fail("/widgets", fmt::format("Should NOT have more than {} items", widgets_max));
        for (std::size_t index = 0; index < widgets->size(); ++index) {
            widget((*widgets)[index], fmt::format("/widgets/{}", index));
        }
        if (metric_count_ > metrics_of_dashboard_max) {
            fail("/widgets", fmt::format("Should NOT have more than {} metrics", metrics_of_dashboard_max));
        }
    }

private:
    void fail(std::string path, std::string message) {
        check.errors.push_back({std::move(path), std::move(message)});
    }
    void warn(std::string path, std::string message) {
        check.warnings.push_back({std::move(path), std::move(message)});
    }

    /// The member, when it is there; absent: said as an error.
    const Json* required(const Json& object, const char* name, const std::string& path) {
        const auto found = object.find(name);
        if (found != object.end()) return &*found;
        fail(path, fmt::format("Should have required property '{}'", name));
        return nullptr;
    }

    void range(const Json& widget, const char* name, const std::string& path, double lowest, double highest) {
        const auto found = widget.find(name);
        if (found == widget.end()) return;
        const std::string place = path + "/" + name;
        if (!found->is_number()) return fail(place, "Should be number");
        const double value = found->get<double>();
        if (value < lowest) fail(place, fmt::format("Should be >= {}", lowest));
        if (value > highest) fail(place, fmt::format("Should be <= {}", highest));
    }

    void widget(const Json& widget, const std::string& path) {
        if (!widget.is_object()) return fail(path, "Should be object");
        const Json* type = required(widget, "type", path);
        const Json* properties = required(widget, "properties", path);
        range(widget, "x", path, 0, 23);
        range(widget, "y", path, 0, 1e9);
        range(widget, "width", path, 1, 24);
        range(widget, "height", path, 1, 1000);
        if (type == nullptr || properties == nullptr) return;
        if (!type->is_string()) return fail(path + "/type", "Should be string");
        if (!properties->is_object()) return fail(path + "/properties", "Should be object");
        const std::string kind = type->get<std::string>();
        const std::string place = path + "/properties";
        if (kind == "metric") return metric_widget(*properties, place);
        if (kind == "text") return text_widget(*properties, place);
        if (kind == "alarm") return alarm_widget(*properties, place);
        static constexpr std::array<std::string_view, 4> others{"log", "explorer", "custom", "chart"};
        for (const std::string_view other : others) {
            if (kind == other) return;
        }
        fail(path + "/type", "Should be equal to one of the allowed values");
    }

    void text_widget(const Json& properties, const std::string& path) {
        const Json* markdown = required(properties, "markdown", path);
        if (markdown != nullptr && !markdown->is_string()) fail(path + "/markdown", "Should be string");
    }

    void alarm_widget(const Json& properties, const std::string& path) {
        const Json* alarms = required(properties, "alarms", path);
        if (alarms == nullptr) return;
        if (!alarms->is_array()) return fail(path + "/alarms", "Should be array");
        if (alarms->empty()) fail(path + "/alarms", "Should NOT have fewer than 1 items");
        if (alarms->size() > 100) fail(path + "/alarms", "Should NOT have more than 100 items");
    }

    void metric_widget(const Json& properties, const std::string& path) {
        const auto metrics = properties.find("metrics");
        const bool has_metrics = metrics != properties.end();
        const auto annotations = properties.find("annotations");
        const bool has_alarms =
            annotations != properties.end() && annotations->is_object() && annotations->contains("alarms");
        if (!has_alarms && (!has_metrics || !properties.contains("region"))) {
            fail(path,
                 "The metric widget should have specified a region and a data source or an alarm annotation");
        }
        const auto period = properties.find("period");
        if (period != properties.end()) {
            if (!period->is_number_integer() || !is_read_period(period->get<std::int64_t>())) {
                fail(path + "/period", "Should be multiple of 60");
            }
        }
        axes(properties, path);
        if (!has_metrics) return;
        if (!metrics->is_array()) return fail(path + "/metrics", "Should be array");
        if (metrics->size() > metrics_of_widget_max) {
            fail(path + "/metrics", fmt::format("Should NOT have more than {} items", metrics_of_widget_max));
        }
        metric_count_ += metrics->size();
        for (std::size_t index = 0; index < metrics->size(); ++index) {
            metric((*metrics)[index], fmt::format("{}/metrics/{}", path, index));
        }
    }

    void axes(const Json& properties, const std::string& path) {
        const auto axis = properties.find("yAxis");
        if (axis == properties.end() || !axis->is_object()) return;
        for (const char* side : {"left", "right"}) {
            const auto found = axis->find(side);
            if (found == axis->end() || !found->is_object()) continue;
            const auto lowest = found->find("min");
            const auto highest = found->find("max");
            if (lowest == found->end() || highest == found->end()) continue;
            if (!lowest->is_number() || !highest->is_number()) continue;
            if (lowest->get<double>() >= highest->get<double>()) {
                fail(fmt::format("{}/yAxis/{}/min", path, side),
                     fmt::format("Should be <= {}", highest->get<double>()));
            }
        }
    }

    /// [Namespace, MetricName, (DimensionName, DimensionValue)..., {options}] or [{"expression": ...}]
    void metric(const Json& metric, const std::string& path) {
        if (!metric.is_array()) return fail(path, "Should be array");
        for (std::size_t index = 0; index < metric.size(); ++index) {
            if (metric[index].is_string()) continue;
            const bool is_last = index + 1 == metric.size();
            if (!metric[index].is_object()) {
                fail(path, "Invalid metric field type, only \"String\" type is allowed");
            } else if (!is_last) {
                fail(path, fmt::format("Should NOT have more than {} items", index + 1));
            }
            return;
        }
    }

    std::size_t metric_count_ = 0;
};

}  // namespace

DashboardCheck check_dashboard(const Json& body) {
    Checker checker;
    checker.body(body);
    return std::move(checker.check);
}

std::string dashboard_error_text(const std::vector<DashboardFinding>& errors) {
    OrderedJson list = OrderedJson::array();
    for (const DashboardFinding& error : errors) {
        list.push_back({{"dataPath", error.data_path}, {"message", error.message}});
    }
    return fmt::format("The dashboard body is invalid, there are {} validation errors:\n{}", errors.size(),
                       list.dump(2, ' ', false, OrderedJson::error_handler_t::replace));
}

}  // namespace rockwatch::cloudwatch
