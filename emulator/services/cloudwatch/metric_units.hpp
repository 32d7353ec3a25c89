#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rockwatch::cloudwatch {

/// Place of a unit in the order by which GetMetricData picks one when a metric has several: the lowest wins.
///
/// Source: order seen by the author of LocalStack's recorded tests; it fits the recordings.
std::size_t unit_rank(std::string_view unit);

/// What GetMetricData says beside the data of the one unit it chose: `Multiple units returned: '[Count,
/// Seconds]'`. `units`: in their order.
std::string multiple_units_text(const std::vector<std::string>& units);

}  // namespace rockwatch::cloudwatch
