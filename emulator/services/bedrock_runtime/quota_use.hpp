#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "rules/quota.hpp"
#include "services/bedrock_runtime/call.hpp"

/// What one call takes of the quotas (facts: bedrock.md 9.3). Pure.
namespace rockwatch::bedrock_runtime {

/// By whose name it is counted: calls through a cross-region inference profile count by the profile, apart
/// from those of the model's own id, since AWS has quotas for both. An ARN counts as the id in it.
std::string_view counted_model(const Call& call);

/// Before the answer is known: the input, and the most output that the request allows.
std::int64_t reserved_tokens(const Call& call);

/// In the end: input, what was written to the cache, and the output times its burndown; cache reads are free.
/// The metric EstimatedTPMQuotaUsage tells the same number.
///
/// Chosen: a call that failed burns none, as it moves no token metric; its request stays counted.
std::int64_t burned_tokens(const Call& call);

/// ThrottlingException in AWS's words.
ServiceError throttled(rules::QuotaLimit limit);

}  // namespace rockwatch::bedrock_runtime
