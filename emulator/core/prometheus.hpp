#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/histogram.hpp"

namespace rockwatch {

/// Writes figures in Prometheus' text format, version 0.0.4.
class PrometheusText {
public:
    enum class Type { counter, gauge, histogram };
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

    /// Begins a family: its samples follow. `name` begins with rockwatch_ or process_ and ends in the unit.
    PrometheusText& family(std::string_view name, Type type, std::string_view help);
    PrometheusText& sample(double value, Labels labels = {});
    PrometheusText& sample(const Histogram& histogram, Labels labels = {});

    const std::string& text() const { return text_; }

private:
    void line(std::string_view suffix, Labels labels, std::string_view bound, double value);

    std::string name_;
    std::string text_;
};

}  // namespace rockwatch
