#pragma once

#include "core/instant.hpp"

namespace rockwatch::cloudwatch {

/// 1, 5, 10, 20, 30 or a multiple of 60.
bool is_read_period(std::int64_t period_seconds);

/// Where the first bucket of a read starts: StartTime, rounded down by its age and the period. Buckets follow
/// from there in steps of the period, not at multiples of it. Periods that lie wholly before the 455 days for
/// which data is kept are left out: StartTime itself may be any.
///
/// Source: API reference of GetMetricStatistics; the anchor: user guide, "Getting statistics for a resource".
Instant rounded_start(Instant start, std::int64_t period_seconds, Instant now);

/// Whether a read that starts there finds data in a resolution that serves the period; if not, it is empty.
bool is_kept(Instant start, std::int64_t period_seconds, Instant now);

}  // namespace rockwatch::cloudwatch
