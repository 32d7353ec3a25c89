#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/chat_answer.hpp"
#include "services/bedrock_runtime/chat_request.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Mistral's chat completion: Large 24.07 and Pixtral (facts: bedrock.md 2.8).
///
/// Chosen: answers have the `id`, the calls' `type` and the `usage` that clients read there, though the user
/// guide shows none of them; a stream's chunks hold a `message` each, not a delta, and calls come whole with
/// the last one.
namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::array<NativeKey, 7> body_keys = {{{"messages", JsonKind::array, true},
                                                 {"tools", JsonKind::array},
                                                 {"tool_choice", JsonKind::string},
                                                 {"max_tokens", JsonKind::integer},
                                                 {"temperature", JsonKind::number},
                                                 {"top_p", JsonKind::number},
                                                 {"stop", JsonKind::string_or_array}}};
constexpr std::array<StopWord, 5> stop_words = {{{"end_turn", "stop"},
                                                 {"stop_sequence", "stop"},
                                                 {"max_tokens", "length"},
                                                 {"model_context_window_exceeded", "length"},
                                                 {"tool_use", "tool_calls"}}};
constexpr std::size_t call_id_letters = 9;
constexpr ChatForm form = {.family = "Mistral chat", .call_letters = call_id_letters, .null_content = false};

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    throw_problems(problems);
    Json converse;
    take_chat_messages(converse, body, common_chat_roles);
    take_chat_tools(converse, body, "any");
    take_chat_max_tokens(converse, body, "max_tokens");
    take_chat_stop(converse, body);
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "top_p");
    return converse;
}

/// One choice; its `stop` is a JSON text.
std::string choice(std::string_view id, std::string_view message, std::string_view stop) {
    std::string out = R"({"id":)";
    append_string(out, id);
    out += R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)";
    out += message;
    out += R"(},"stop_reason":)";
    out += stop;
    out += "}]";
    return out;
}

/// The end of an answer: its last content, the calls, why it ended, and the usage.
std::string ended(const Answer& answer, const NativeContext& context, std::string message) {
    if (has_tool_calls(answer)) {
        message += R"(,"tool_calls":)";
        append_chat_calls(message, answer, form);
    }
    std::string out =
        choice(context.message_id, message, json_string(native_stop(stop_words, answer.stop_reason, "stop")));
    out += R"(,"usage":)";
    append_chat_usage(out, answer.usage);
    out += '}';
    return out;
}

std::string body(const Answer& answer, const NativeContext& context) {
    std::string message;
    append_chat_content(message, answer, form);
    return ended(answer, context, std::move(message));
}

std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps,
                                const NativeContext& context) {
    std::vector<NativeChunk> all;
    for (const ChatPiece& piece : chat_pieces(answer, steps, form)) {
        if (piece.kind == ChatPiece::Kind::content) {
            all.push_back({piece.due, choice(context.message_id, json_string(piece.text), "null") + '}'});
        } else if (piece.kind == ChatPiece::Kind::stop) {
            all.push_back({piece.due, ended(answer, context, R"("")")});
        }
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    auto answer = read_chat_answer(native);
    if (answer)
        answer->stop_reason =
            converse_stop(stop_words, rules::text_member(native.at("choices").front(), "stop_reason"));
    return answer;
}

std::string new_id(Random& random) { return random.uuid(); }

}  // namespace

const Family& mistral_chat() {
    static const Family family{.name = "Mistral chat",
                               .to_converse = to_converse,
                               .body = body,
                               .chunks = chunks,
                               .read_body = read_body,
                               .new_id = new_id};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
