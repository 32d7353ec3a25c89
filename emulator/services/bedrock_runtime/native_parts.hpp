#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "services/bedrock_runtime/answer.hpp"
#include "services/bedrock_runtime/families.hpp"

/// What the families' translations share.
namespace rockwatch::bedrock_runtime {

/// The family's word for a Converse stop reason; `fallback` for reasons that it has no word for.
std::string_view native_stop(std::span<const StopWord> words, std::string_view converse,
                             std::string_view fallback);
/// Converse's word for a native stop reason; end_turn when nobody knows it.
std::string_view converse_stop(std::span<const StopWord> words, std::string_view native);

/// All text blocks in one.
std::string all_text(const Answer& answer);

/// Copies a number or list of the native body into Converse's inferenceConfig under its name there.
void take_parameter(Json& converse, std::string_view name, const Json& body, std::string_view native_name);

/// {"messages":[{"role":"user","content":[{"text":…}]}]}
Json one_user_message(std::string_view text);
/// The same with a list of content blocks.
Json one_user_message(Json content);

/// An answer of one text, for families that know no other.
Answer text_answer(std::string_view text, std::string_view stop_reason);

/// How a family writes the ids of tool calls.
struct ToolIdForm {
    std::string_view prefix;
    std::size_t letters = std::string::npos;  ///< after the prefix, at most
};
/// The family's id for Converse's tooluse_…; ids that a rule gave stay as they are.
std::string native_tool_id(std::string_view id, ToolIdForm form);

/// The numbers of a native answer's vector; 0 for what is none.
std::vector<double> vector_of(const Json& list);

/// What a vector of text and media depends on: the text, and a number that stands for the media's base64 or
/// address. Empty media: the text alone.
std::string media_key(std::string_view text, std::string_view media);

/// Titan's answer to one input read back: {"embedding":[…],"inputTextTokenCount":…}
std::optional<Answer> read_titan_embedding(const Json& native);

/// A count is never negative, and never so large that a few of them could not be added up.
inline constexpr std::int64_t count_max = std::int64_t{1} << 53U;
/// The integer, held within these bounds.
std::int64_t count_of(const Json& number);
/// The integer member as a count, or 0.
std::int64_t count_member(const Json& value, std::string_view name);

}  // namespace rockwatch::bedrock_runtime
