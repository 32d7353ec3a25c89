#include "core/prometheus.hpp"

#include <fmt/format.h>

#include <iterator>

namespace rockwatch {

namespace {

std::string_view type_name(PrometheusText::Type type) {
    if (type == PrometheusText::Type::counter) return "counter";
    return type == PrometheusText::Type::gauge ? "gauge" : "histogram";
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
    out += out.ends_with('{') ? "" : ",";
    out += name;
    out += "=\"";
    for (const char letter : value) {
        if (letter == '\\' || letter == '"') out += '\\';
        letter == '\n' ? void(out += "\\n") : void(out += letter);
    }
    out += '"';
}

}  // namespace

PrometheusText& PrometheusText::family(std::string_view name, Type type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type_name(type));
    return *this;
}

PrometheusText& PrometheusText::sample(double value, Labels labels) {
    line("", labels, "", value);
    return *this;
}

PrometheusText& PrometheusText::sample(const Histogram& histogram, Labels labels) {
    for (std::size_t place = 0; place < Histogram::bounds.size(); ++place) {
        line("_bucket", labels, fmt::format("{}", Histogram::bounds[place]),
             static_cast<double>(histogram.within(place)));
    }
    line("_bucket", labels, "+Inf", static_cast<double>(histogram.count()));
    line("_sum", labels, "", histogram.sum());
    line("_count", labels, "", static_cast<double>(histogram.count()));
    return *this;
}

void PrometheusText::line(std::string_view suffix, Labels labels, std::string_view bound, double value) {
    text_ += name_;
    text_ += suffix;
    if (labels.size() > 0 || !bound.empty()) {
        text_ += '{';
        for (const auto& [name, label] : labels) append_label(text_, name, label);
        if (!bound.empty()) append_label(text_, "le", bound);
        text_ += '}';
    }
    fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

}  // namespace rockwatch
