#include "services/cloudwatch/metric_units.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::array<std::string_view, 27> order{"Megabits",
                                                 "Terabits",
                                                 "Gigabits",
                                                 "Count",
                                                 "Bytes",
                                                 "Gigabytes",
                                                 "Gigabytes/Second",
                                                 "Kilobytes",
                                                 "Kilobits/Second",
                                                 "Terabytes",
                                                 "Terabits/Second",
                                                 "Bytes/Second",
                                                 "Percent",
                                                 "Megabytes",
                                                 "Megabits/Second",
                                                 "Milliseconds",
                                                 "Microseconds",
                                                 "Kilobytes/Second",
                                                 "Gigabits/Second",
                                                 "Megabytes/Second",
                                                 "Bits",
                                                 "Bits/Second",
                                                 "Count/Second",
                                                 "Seconds",
                                                 "Kilobits",
                                                 "Terabytes/Second",
                                                 "None"};

}  // namespace

std::size_t unit_rank(std::string_view unit) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), unit) - order.begin());
}

std::string multiple_units_text(const std::vector<std::string>& units) {
    return "Multiple units returned: '[" + join(units, ", ") + "]'";
}

}  // namespace rockwatch::cloudwatch
