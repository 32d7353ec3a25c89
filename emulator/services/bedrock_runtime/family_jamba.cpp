#include <fmt/format.h>

#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/chat_answer.hpp"
#include "services/bedrock_runtime/chat_request.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// AI21 Jamba: chat completions much like OpenAI's (facts: bedrock.md 2.10). Tools and response_format are
/// AI21's own, which the user guide leaves out.
namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::array<NativeKey, 11> body_keys = {{{"messages", JsonKind::array, true},
                                                  {"max_tokens", JsonKind::integer},
                                                  {"temperature", JsonKind::number},
                                                  {"top_p", JsonKind::number},
                                                  {"stop", JsonKind::string_or_array},
                                                  {"n", JsonKind::integer},
                                                  {"frequency_penalty", JsonKind::number},
                                                  {"presence_penalty", JsonKind::number},
                                                  {"tools", JsonKind::array},
                                                  {"response_format", JsonKind::object},
                                                  {"documents", JsonKind::array}}};
constexpr std::array<StopWord, 6> stop_words = {{{"end_turn", "stop"},
                                                 {"stop_sequence", "stop"},
                                                 {"max_tokens", "length"},
                                                 {"model_context_window_exceeded", "length"},
                                                 {"tool_use", "tool_calls"},
                                                 {"content_filtered", "content_filter"}}};
constexpr ChatForm form = {.family = "Jamba", .call_prefix = "call_"};

void refuse_unsupported(const Json& body) {
    if (rules::member(body, "n") != nullptr && body.at("n") != 1)
        throw not_supported("n other than 1 is not supported yet by the emulator.");
    if (!rules::elements(body, "documents").empty())
        throw not_supported("documents is not supported yet by the emulator.");
}

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    throw_problems(problems);
    refuse_unsupported(body);
    Json converse;
    take_chat_messages(converse, body, common_chat_roles);
    take_chat_tools(converse, body, "auto");  // it has no tool_choice
    take_chat_format(converse, body);
    take_chat_max_tokens(converse, body, "max_tokens");
    take_chat_stop(converse, body);
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "top_p");
    return converse;
}

/// {"id":…,"choices":[{"index":0,
std::string head_of(const NativeContext& context) {
    std::string out = R"({"id":)";
    append_string(out, context.message_id);
    out += R"(,"choices":[{"index":0,)";
    return out;
}

/// "finish_reason":…}],"usage":{…}}
std::string tail_of(const Answer& answer) {
    std::string out = R"("finish_reason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, "stop"));
    out += R"(}],"usage":)";
    append_chat_usage(out, answer.usage);
    out += '}';
    return out;
}

std::string body(const Answer& answer, const NativeContext& context) {
    std::string out = head_of(context);
    out += R"("message":{"role":"assistant","content":)";
    append_chat_content(out, answer, form);
    out += R"(,"tool_calls":)";
    if (has_tool_calls(answer)) {
        append_chat_calls(out, answer, form);
    } else {
        out += "null";
    }
    return out + "}," + tail_of(answer);
}

/// The usage comes with the last chunk.
std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps,
                                const NativeContext& context) {
    std::vector<NativeChunk> all;
    for (const ChatPiece& piece : chat_pieces(answer, steps, form)) {
        if (piece.kind == ChatPiece::Kind::end) continue;
        std::string json = head_of(context) + R"("delta":)";
        append_chat_delta(json, piece, form);
        json += ',';
        json += piece.kind == ChatPiece::Kind::stop ? tail_of(answer) : R"("finish_reason":null}]})";
        all.push_back({piece.due, std::move(json)});
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    auto answer = read_chat_answer(native);
    if (answer)
        answer->stop_reason =
            converse_stop(stop_words, rules::text_member(native.at("choices").front(), "finish_reason"));
    return answer;
}

std::string new_id(Random& random) {
    constexpr std::size_t letters = 32;
    return "cmpl-" + random.text(letters, "0123456789abcdef");
}

}  // namespace

const Family& jamba() {
    static const Family family{.name = "Jamba",
                               .to_converse = to_converse,
                               .body = body,
                               .chunks = chunks,
                               .read_body = read_body,
                               .new_id = new_id};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
