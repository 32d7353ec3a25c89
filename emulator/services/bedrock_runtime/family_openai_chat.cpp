#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/chat_answer.hpp"
#include "services/bedrock_runtime/chat_request.hpp"
#include "services/bedrock_runtime/chat_schema.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"

/// OpenAI's chat completions, which gpt-oss and the other open-weight models speak (facts: bedrock.md 2.12;
/// the members: OpenAI's API reference, "Create chat completion").
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

// What steers sampling, names a user or tunes a cache can change nothing of a canned answer: its type is
// checked.
constexpr std::array<NativeKey, 38> body_keys = {{{"messages", JsonKind::array, true},
                                                  {"model", JsonKind::string},
                                                  {"stream", JsonKind::boolean},
                                                  {"stream_options", JsonKind::object},
                                                  {"max_completion_tokens", JsonKind::integer},
                                                  {"max_tokens", JsonKind::integer},
                                                  {"temperature", JsonKind::number},
                                                  {"top_p", JsonKind::number},
                                                  {"stop", JsonKind::string_or_array},
                                                  {"seed", JsonKind::integer},
                                                  {"presence_penalty", JsonKind::number},
                                                  {"frequency_penalty", JsonKind::number},
                                                  {"logit_bias", JsonKind::object},
                                                  {"tools", JsonKind::array},
                                                  {"tool_choice", JsonKind::any},
                                                  {"parallel_tool_calls", JsonKind::boolean},
                                                  {"response_format", JsonKind::object},
                                                  {"reasoning_effort", JsonKind::string},
                                                  {"verbosity", JsonKind::string},
                                                  {"service_tier", JsonKind::string},
                                                  {"user", JsonKind::string},
                                                  {"safety_identifier", JsonKind::string},
                                                  {"prompt_cache_key", JsonKind::string},
                                                  {"prompt_cache_retention", JsonKind::string},
                                                  {"prompt_cache_options", JsonKind::object},
                                                  {"modalities", JsonKind::array},
                                                  {"n", JsonKind::integer},
                                                  {"logprobs", JsonKind::boolean},
                                                  {"top_logprobs", JsonKind::integer},
                                                  {"store", JsonKind::boolean},
                                                  {"metadata", JsonKind::object},
                                                  {"audio", JsonKind::object},
                                                  {"prediction", JsonKind::object},
                                                  {"web_search_options", JsonKind::object},
                                                  {"functions", JsonKind::array},
                                                  {"function_call", JsonKind::any},
                                                  {"moderation", JsonKind::object},
                                                  {"amazon-bedrock-guardrailConfig", JsonKind::object}}};
constexpr std::array<NativeKey, 2> stream_keys = {
    {{"include_usage", JsonKind::boolean}, {"include_obfuscation", JsonKind::boolean}}};
constexpr std::array<std::string_view, 9> unsupported = {
    "metadata",      "audio",      "prediction",
    "functions",     "moderation", "web_search_options",
    "function_call", "logprobs",   "amazon-bedrock-guardrailConfig"};
constexpr std::array<std::string_view, 5> roles = {"developer", "system", "user", "assistant", "tool"};
constexpr std::array<std::string_view, 7> efforts = {"none", "minimal", "low", "medium",
                                                     "high", "xhigh",   "max"};
constexpr std::array<std::string_view, 3> verbosities = {"low", "medium", "high"};
constexpr std::array<std::string_view, 4> tiers = {"auto", "default", "flex", "priority"};
constexpr std::array<StopWord, 7> stop_words = {{{"end_turn", "stop"},
                                                 {"stop_sequence", "stop"},
                                                 {"max_tokens", "length"},
                                                 {"model_context_window_exceeded", "length"},
                                                 {"tool_use", "tool_calls"},
                                                 {"content_filtered", "content_filter"},
                                                 {"guardrail_intervened", "content_filter"}}};
constexpr ChatForm form = {.family = "OpenAI chat completions", .call_prefix = "call_", .reasons = true};
constexpr std::string_view forcing = "required";

ServiceError unsupported_member(std::string_view what) {
    return not_supported(fmt::format("{} is not supported yet by the emulator.", what));
}

/// What some server of this shape has and the emulator has not must not be accepted and ignored.
void refuse_unsupported(const Json& body) {
    for (const std::string_view name : unsupported) {
        const Json* value = given(body, name);
        const bool asks = value != nullptr && *value != false && !(value->is_structured() && value->empty());
        if (asks) throw unsupported_member(name);
    }
    if (const Json* count = given(body, "n"); count != nullptr && *count != 1)
        throw unsupported_member("n other than 1");
    if (const Json* count = given(body, "top_logprobs"); count != nullptr && *count != 0)
        throw unsupported_member("top_logprobs");
    if (const Json* store = given(body, "store"); store != nullptr && *store == true)
        throw unsupported_member("store");
    for (const Json& modality : rules::elements(body, "modalities")) {
        if (modality != "text") throw unsupported_member("A modality other than text");
    }
}

void check_word(const Json& body, std::string_view name, std::span<const std::string_view> words) {
    const Json* word = given(body, name);
    if (word == nullptr) return;
    const auto& text = word->get_ref<const std::string&>();
    if (std::find(words.begin(), words.end(), text) == words.end()) throw unknown_variant(name, text, words);
}

void check_stream_options(const Json& body) {
    const Json* options = given(body, "stream_options");
    if (options == nullptr) return;
    check_members(*options, "stream_options", stream_keys);
    const Json* obfuscation = given(*options, "include_obfuscation");
    if (obfuscation != nullptr && *obfuscation == true)
        throw unsupported_member("stream_options.include_obfuscation");
}

Json to_converse(const Json& body) {
    check_members(body, "", body_keys);
    refuse_unsupported(body);
    check_word(body, "reasoning_effort", efforts);
    check_word(body, "verbosity", verbosities);
    check_word(body, "service_tier", tiers);
    check_stream_options(body);
    Json converse;
    take_chat_messages(converse, body, roles);
    take_chat_tools(converse, body, forcing);
    take_chat_format(converse, body);
    take_chat_stop(converse, body);
    take_chat_max_tokens(converse, body, "max_tokens");
    take_chat_max_tokens(converse, body, "max_completion_tokens");
    for (const auto& [name, native] : {std::pair{"temperature", "temperature"}, {"topP", "top_p"}}) {
        if (given(body, native) != nullptr) take_parameter(converse, name, body, native);
    }
    if (const auto tier = text_member(body, "service_tier"); !tier.empty() && tier != "auto")
        converse["serviceTier"] = {{"type", tier}};
    return converse;
}

/// facts: bedrock.md 2.12. Chosen: the words of both refusals.
void check_door(const Json& body, const NativeDoor& door) {
    const auto model = text_member(body, "model");
    if (!model.empty() && model != door.model_id && model != door.foundation_id) {
        throw validation_error(fmt::format(
            "The model in the request body, {}, is not the model of the request: {}.", model, door.model_id));
    }
    const Json* stream = given(body, "stream");
    if (stream != nullptr && *stream != door.streamed) {
        throw validation_error(fmt::format("stream is {} in the request body, which does not match {}.",
                                           stream->dump(), door.operation));
    }
    if (given(body, "stream_options") != nullptr && !door.streamed)
        throw model_refused("stream_options is only allowed when stream is enabled");
}

/// What every object of an answer starts with, up to its choices.
std::string head_of(std::string_view object, const NativeContext& context) {
    std::string out = R"({"id":)";
    append_string(out, context.message_id);
    out += R"(,"object":)";
    append_string(out, object);
    out += R"(,"created":)";
    append_number(out, context.created);
    out += R"(,"model":)";
    append_string(out, context.model_id);
    out += R"(,"service_tier":)";
    append_string(out, context.service_tier);
    out += R"(,"choices":[)";
    return out;
}

std::string body(const Answer& answer, const NativeContext& context) {
    std::string out = head_of("chat.completion", context);
    out += R"({"index":0,"finish_reason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, "stop"));
    out += R"(,"logprobs":null,"message":{"role":"assistant","content":)";
    append_chat_content(out, answer, form);
    out += R"(,"refusal":null)";
    if (has_tool_calls(answer)) {
        out += R"(,"tool_calls":)";
        append_chat_calls(out, answer, form);
    }
    out += R"(}}],"usage":)";
    append_chat_usage(out, answer.usage);
    out += '}';
    return out;
}

bool wants_usage(const NativeContext& context) {
    const Json* options = context.request == nullptr ? nullptr : member(*context.request, "stream_options");
    const Json* wanted = options == nullptr ? nullptr : member(*options, "include_usage");
    return wanted != nullptr && *wanted == true;
}

/// With include_usage one more chunk without choices tells the usage, which is null in all others.
std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps,
                                const NativeContext& context) {
    std::vector<NativeChunk> all;
    const bool tells_usage = wants_usage(context);
    for (const ChatPiece& piece : chat_pieces(answer, steps, form)) {
        const bool end = piece.kind == ChatPiece::Kind::end;
        if (end && !tells_usage) continue;
        std::string json = head_of("chat.completion.chunk", context);
        if (!end) {
            json += R"({"index":0,"delta":)";
            append_chat_delta(json, piece, form);
            json += R"(,"logprobs":null,"finish_reason":)";
            json += piece.kind == ChatPiece::Kind::stop
                        ? json_string(native_stop(stop_words, answer.stop_reason, "stop"))
                        : "null";
            json += '}';
        }
        json += ']';
        if (tells_usage) json += R"(,"usage":)";
        if (tells_usage && !end) json += "null";
        if (end) append_chat_usage(json, answer.usage);
        json += '}';
        all.push_back({piece.due, std::move(json)});
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    auto answer = read_chat_answer(native);
    if (answer)
        answer->stop_reason =
            converse_stop(stop_words, text_member(native.at("choices").front(), "finish_reason"));
    return answer;
}

std::string new_id(Random& random) { return "chatcmpl-" + random.uuid(); }

}  // namespace

const Family& openai_chat() {
    static const Family family{.name = "OpenAI chat completions",
                               .to_converse = to_converse,
                               .body = body,
                               .chunks = chunks,
                               .read_body = read_body,
                               .new_id = new_id,
                               .check_door = check_door};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
