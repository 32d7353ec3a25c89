#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// What the catalogue does not say about a model. `model_id` is a foundation model's id throughout. Pure.
namespace rockwatch::bedrock_runtime {

/// us.anthropic.claude-… without the inference profile's prefix; others as they are.
std::string_view without_region_prefix(std::string_view model_id);

bool is_claude(std::string_view model_id);
/// Answers in usage with cacheRead and cacheWrite counts: Nova's text models, and Claude since 3.5 Haiku.
bool caches_prompts(std::string_view model_id);
/// Tool calls through Converse.
bool supports_tools(std::string_view model_id);
bool supports_system(std::string_view model_id);
/// Ranks documents instead of chatting.
bool is_reranker(std::string_view model_id);
/// Sends its streamed answer in one piece.
bool streams_in_one_piece(std::string_view model_id);
/// Takes temperature or topP, not both: Claude 4.5.
bool takes_one_sampling_parameter(std::string_view model_id);
/// The most maxTokens it takes, where known.
std::optional<std::int64_t> max_tokens_limit(std::string_view model_id);
/// What counts as maxTokens when the request says none. Chosen: 512 for Titan Text, which is its documented
/// default; others reserve all they can answer, where that is known, else 4096.
std::int64_t default_max_tokens(std::string_view model_id);
/// How many tokens of quota an output token burns: 5 since Claude 3.7.
std::int64_t burndown(std::string_view model_id);

}  // namespace rockwatch::bedrock_runtime
