#pragma once

#include <optional>
#include <string>

#include "core/instant.hpp"

namespace rockwatch::logs {

/// Whether PutRetentionPolicy takes that many days.
///
/// Source: API reference, PutRetentionPolicy, retentionInDays.
bool is_allowed_retention(std::int64_t days);

/// The allowed periods as AWS prints an enum value set: [1, 3, 5, ...].
std::string allowed_retention_text();

/// Events before this instant are past the retention: rejected, not returned, and swept.
inline Instant retention_cutoff(Instant now, std::int64_t days) { return now - std::chrono::days{days}; }

/// A log group of class DELIVERY keeps its events for this long, whatever anybody asks.
inline constexpr std::int64_t delivery_class_retention_days = 1;

}  // namespace rockwatch::logs
