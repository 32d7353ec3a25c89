#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/random.hpp"
#include "rules/rule.hpp"
#include "rules/template.hpp"

namespace rockwatch::bedrock_runtime {

struct Usage {
    std::int64_t input = 0;  ///< without what came from the cache
    std::int64_t output = 0;
    std::int64_t cache_read = 0;
    std::int64_t cache_write = 0;

    std::int64_t total() const { return input + output + cache_read + cache_write; }
};

/// A content block of an answer, in Converse's terms.
struct Block {
    enum class Kind { text, tool_use, reasoning, redacted, image };
    Kind kind = Kind::text;
    std::string text;  ///< the text, the reasoning (redacted: in base64), or a tool's input as compact JSON
    std::string name;  ///< of the tool; of an image: its format
    std::string tool_use_id;
    std::string signature;  ///< of the reasoning; empty: none
    Json source;            ///< of the image: {"bytes"} in base64, or {"s3Location"}
};

/// A document's place in a ranking.
struct Rank {
    std::size_t index = 0;  ///< in the request's list
    double relevance = 0;   ///< from 0 to 1
};

/// What a model answered, before any door's format.
struct Answer {
    std::vector<Block> blocks;
    std::string stop_reason = "end_turn";      ///< Converse's word
    std::optional<std::string> stop_sequence;  ///< the one that cut the text
    Usage usage;
    std::vector<std::vector<double>> embeddings;  ///< of an embedding model, one an input; no blocks then
    std::vector<std::string> embedding_types;     ///< float, binary
    Json embedding_notes;         ///< what the family's format tells beside the vectors: texts, kinds
    std::vector<Rank> ranking;    ///< of a reranker, the best first; no blocks then
    std::int64_t image_seed = 0;  ///< what images were drawn from
};

/// What an answer depends on.
struct Question {
    const Json& converse;       ///< the request in Converse terms
    std::string_view model_id;  ///< the foundation model
    const rules::TemplateValues& values;
    std::optional<std::int64_t> max_tokens;
    std::vector<std::string> stop_sequences;
};

/// The canned answer of a rule; with `response` absent the default answer: a text that depends on prompt and
/// model alone, a call of a tool when the request insists on one, a document of the schema when it asks for
/// one; images, vectors and rankings as the request's members "images", "embedding" and "ranking" want them.
///
/// Chosen: stop sequences and maxTokens cut default and canned *texts* as a model would be cut; `content` and
/// `toolUse` of a rule go out as written. A rule's stopReason and usage have the last word.
Answer answer(const Question& question, const rules::Response* response, Random& random);

/// A vector of length 1 that depends on text, size and seed alone.
struct EmbeddingSize {
    std::size_t dimensions = 0;
    std::uint64_t seed = 0;
};
std::vector<double> unit_vector(std::string_view text, EmbeddingSize size);

/// Sets what the rule says about token counts.
void override_usage(Usage& usage, const rules::UsageOverride& said);

/// Tokens of all blocks; Chosen: none for an image.
std::int64_t output_tokens(const Answer& answer);

/// A text as long as an ordinary short answer, the same for the same prompt and model.
std::string default_text(std::string_view prompt, std::string_view model_id);

/// A value of a JSON schema: required properties, first enum values. Deterministic.
Json sample_of_schema(const Json& schema);

/// An id as Converse gives to tool calls: tooluse_ and 22 url-safe base64 characters.
std::string new_tool_use_id(Random& random);

}  // namespace rockwatch::bedrock_runtime
