#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "rules/reply_plan.hpp"
#include "services/bedrock_runtime/answer.hpp"
#include "services/bedrock_runtime/stream_steps.hpp"

namespace rockwatch::bedrock_runtime {

/// What Converse tells beside the answer.
struct ConverseExtras {
    Milliseconds latency{0};
    bool caches = false;            ///< usage tells cache counts, each under both its names
    std::string performance;        ///< performanceConfig.latency, when the request had it
    std::string tier;               ///< serviceTier.type, when the request had it
    std::string additional_fields;  ///< additionalModelResponseFields as JSON text; empty: none
};

/// Converse's answer as recorded: compact, keys in the order of the alphabet (facts: bedrock.md 4.2).
std::string converse_body(const Answer& answer, const ConverseExtras& extras);

/// The same answer as the invocation record holds it, without images' bytes, for Converse and ConverseStream
/// alike (facts: bedrock.md 5.5).
void append_recorded_body(std::string& out, const Answer& answer, const ConverseExtras& extras);

/// ConverseStream's events (facts: bedrock.md 3.4), each with its padding.
std::vector<PlannedEvent> converse_events(const Answer& answer, const std::vector<Step>& steps,
                                          const ConverseExtras& extras, Random& random);

/// The value of the padding key: 2 to 61 letters (facts: bedrock.md 3.2).
std::string padding(Random& random);

}  // namespace rockwatch::bedrock_runtime
