#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/bedrock_runtime/answer.hpp"
#include "services/bedrock_runtime/stream_steps.hpp"

/// An answer as a chat message of OpenAI's shape, which several families share: one text, reasoning in tags
/// in front of it, and calls whose arguments are a JSON text (facts: bedrock.md 2.8, 2.10, 2.12).
namespace rockwatch::bedrock_runtime {

/// Where the families differ.
struct ChatForm {
    std::string_view family;                       ///< as refusals name it
    std::string_view call_prefix;                  ///< of a tool call's id
    std::size_t call_letters = std::string::npos;  ///< of the id after the prefix, at most
    bool reasons = false;                          ///< reasoning has a place, in tags in front of the text
    bool null_content = true;                      ///< no text: null, otherwise ""
};

/// The content as JSON: the texts in one. Throws for blocks that have no place.
void append_chat_content(std::string& out, const Answer& answer, const ChatForm& form);

bool has_tool_calls(const Answer& answer);
/// The list of calls as JSON.
void append_chat_calls(std::string& out, const Answer& answer, const ChatForm& form);

/// {"prompt_tokens","completion_tokens","total_tokens"}; a prompt's tokens include those from the cache.
void append_chat_usage(std::string& out, const Usage& usage);

/// A piece of a streamed message.
struct ChatPiece {
    enum class Kind { start, content, call, arguments, stop, end };
    Kind kind = Kind::content;
    Milliseconds due{0};
    std::string text;             ///< content or arguments
    const Block* call = nullptr;  ///< call, arguments: of the answer, which outlives the piece
    std::size_t call_index = 0;
};
std::vector<ChatPiece> chat_pieces(const Answer& answer, const std::vector<Step>& steps,
                                   const ChatForm& form);

/// The piece as OpenAI's delta: {"role":"assistant","content":""}, {"content":"He"}, {"tool_calls":[…]}, {}.
void append_chat_delta(std::string& out, const ChatPiece& piece, const ChatForm& form);

/// The whole answer read back from choices[0].message and usage, the tags' text as reasoning and its stop
/// reason left open; nullopt when it is none, or a call's arguments are no JSON object.
std::optional<Answer> read_chat_answer(const Json& native);

}  // namespace rockwatch::bedrock_runtime
