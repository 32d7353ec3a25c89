#pragma once

#include <string_view>

#include "core/random.hpp"
#include "services/bedrock_runtime/answer.hpp"

namespace rockwatch::bedrock_runtime {

/// How long a real model would have taken.
struct RealisticTimes {
    double first_token_ms = 0;
    double per_token_ms = 0;  ///< of what follows the first token
};

/// Drawn from the model's profile (facts: bedrock.md 9.2): lognormal time to the first token, longer with the
/// input, and a decode speed with jitter. `optimized`: performanceConfig.latency says so.
///
/// Source: the suggested default profiles, fitted to recorded latencies.
struct ProfileQuestion {
    std::string_view model_id;  ///< the foundation model's
    bool optimized = false;
};
RealisticTimes realistic_times(const ProfileQuestion& question, const Usage& usage, Random& random);

}  // namespace rockwatch::bedrock_runtime
