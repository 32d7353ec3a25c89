#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/json.hpp"

/// What chat requests of OpenAI's shape have in common, in Converse's terms (facts: bedrock.md 2.12, and
/// Mistral's and AI21's in 2.8 and 2.10). `body` is an object whose own members have been checked; all throw
/// ServiceError for what stands deeper.
namespace rockwatch::bedrock_runtime {

/// messages and system. Media keep their kind and lose their bytes. What `tool` messages bring one after
/// another is one user message, as Converse has it.
///
/// `roles`: those that the family knows; developer is another word for system.
void take_chat_messages(Json& converse, const Json& body, std::span<const std::string_view> roles);
inline constexpr std::array<std::string_view, 4> common_chat_roles = {"system", "user", "assistant", "tool"};

/// toolConfig. `forcing`: the word of tool_choice that insists on some tool. Chosen: "none" offers the tools
/// and leaves the choice open, as Converse has no word for it; the default answer calls none then.
void take_chat_tools(Json& converse, const Json& body, std::string_view forcing);

/// maxTokens, at least 1.
void take_chat_max_tokens(Json& converse, const Json& body, std::string_view name);

/// stopSequences: of one text, or of a list of texts.
void take_chat_stop(Json& converse, const Json& body);

/// outputConfig's schema, for {"type":"json_schema"} and {"type":"json_object"}.
void take_chat_format(Json& converse, const Json& body);

}  // namespace rockwatch::bedrock_runtime
