#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "services/bedrock_runtime/call.hpp"
#include "services/ports.hpp"

namespace rockwatch::bedrock_runtime {

inline constexpr std::string_view metric_namespace = "AWS/Bedrock";

/// The data points of one call (facts: bedrock.md 6.1-6.3), each by ModelId and across all models, at
/// `completed`: what succeeded counts as Invocations with its latency and tokens, what failed in one error
/// metric alone.
///
/// Chosen: 408 and 424 count by their HTTP class, as client errors.
std::vector<DataPoint> invocation_metrics(const Call& call, Instant completed);

/// Whether the record reached its log group, across all models (facts: bedrock.md 6.4).
enum class LogDelivery { succeeded, failed };
DataPoint delivery_metric(LogDelivery delivery, Instant at);

/// The ModelId dimension: as called; an application inference profile's ARN by its id.
std::string_view model_dimension(std::string_view model_id);

}  // namespace rockwatch::bedrock_runtime
