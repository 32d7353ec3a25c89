#pragma once

#include <cstdint>
#include <string_view>

#include "core/json.hpp"

/// Token counts without a tokeniser (facts: bedrock.md 2.15): a token for every four characters, rounded up.
namespace rockwatch::bedrock_runtime {

/// 0 for an empty text.
std::int64_t tokens_of(std::string_view text);

/// How many bytes of the text its first `tokens` tokens take; never cuts a character.
std::size_t bytes_of_tokens(std::string_view text, std::int64_t tokens);

/// Tokens of a request in Converse terms: messages, system texts, tool descriptions and documents to rank, at
/// least 1; none for image models, which count images (facts: bedrock.md 2.3).
///
/// Chosen: 750 for an image, 1500 for a document or a sound, 5000 for a video. Models count by pixels and
/// pages; decoding them would tell nothing that a test could use.
std::int64_t input_tokens(const Json& converse);

}  // namespace rockwatch::bedrock_runtime
