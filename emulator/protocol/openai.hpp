#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "protocol/model.hpp"

/// How Bedrock's OpenAI-compatible routes speak: chat completions and the list of models (facts: bedrock.md
/// 8).
namespace rockwatch {

/// {"error":{"code","message","param","type"}} as JSON text.
///
/// Sources: validation_error with invalid_request_error, and access_denied with permission_denied_error, as
/// Bedrock's endpoints answered them in 2026. Chosen: the words for the rest, in the same manner.
std::string openai_error_text(const ServiceModel& service, const ServiceError& error);

/// An event of a streamed answer; `json` is one line.
std::string openai_event(std::string_view json);
/// What ends a stream that is whole.
inline constexpr std::string_view openai_done = "data: [DONE]\n\n";

}  // namespace rockwatch
