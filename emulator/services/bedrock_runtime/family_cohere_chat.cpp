#include <fmt/format.h>

#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Cohere Command R and R+ (facts: bedrock.md 2.9; the members: user guide,
/// model-parameters-cohere-command-r-plus; the stream's events: Cohere's API reference, version 1, "Chat").
namespace rockwatch::bedrock_runtime {

namespace {

using rules::elements;
using rules::member;
using rules::text_member;

constexpr std::array<NativeKey, 18> body_keys = {{{"message", JsonKind::string, true},
                                                  {"chat_history", JsonKind::array},
                                                  {"documents", JsonKind::array},
                                                  {"search_queries_only", JsonKind::boolean},
                                                  {"preamble", JsonKind::string},
                                                  {"max_tokens", JsonKind::integer},
                                                  {"temperature", JsonKind::number},
                                                  {"p", JsonKind::number},
                                                  {"k", JsonKind::number},
                                                  {"prompt_truncation", JsonKind::string},
                                                  {"frequency_penalty", JsonKind::number},
                                                  {"presence_penalty", JsonKind::number},
                                                  {"seed", JsonKind::integer},
                                                  {"return_prompt", JsonKind::boolean},
                                                  {"tools", JsonKind::array},
                                                  {"tool_results", JsonKind::array},
                                                  {"stop_sequences", JsonKind::array},
                                                  {"raw_prompting", JsonKind::boolean}}};
constexpr std::string_view truncations[] = {"OFF", "AUTO_PRESERVE_ORDER"};
constexpr NativeLimit limits[] = {{.name = "prompt_truncation", .words = truncations}};
constexpr std::array<NativeKey, 2> turn_keys = {
    {{"role", JsonKind::string, true}, {"message", JsonKind::string, true}}};
constexpr std::array<NativeKey, 3> tool_keys = {{{"name", JsonKind::string, true},
                                                 {"description", JsonKind::string},
                                                 {"parameter_definitions", JsonKind::object}}};
constexpr std::array<NativeKey, 3> definition_keys = {
    {{"description", JsonKind::string}, {"type", JsonKind::string, true}, {"required", JsonKind::boolean}}};
constexpr std::array<NativeKey, 2> result_keys = {
    {{"call", JsonKind::object, true}, {"outputs", JsonKind::array, true}}};
constexpr std::array<NativeKey, 2> call_keys = {
    {{"name", JsonKind::string, true}, {"parameters", JsonKind::object}}};
constexpr std::array<StopWord, 5> stop_words = {{{"end_turn", "COMPLETE"},
                                                 {"stop_sequence", "COMPLETE"},
                                                 {"max_tokens", "MAX_TOKENS"},
                                                 {"model_context_window_exceeded", "MAX_TOKENS"},
                                                 {"content_filtered", "ERROR_TOXIC"}}};
constexpr std::string_view family_name = "Cohere Command R";

void check(const Json& object, const std::string& pointer, std::span<const NativeKey> keys) {
    std::vector<std::string> problems;
    check_keys(object, pointer, keys, problems);
    throw_problems(problems);
}

std::string at(std::string_view list, std::size_t index) { return fmt::format("#/{}/{}", list, index); }

void refuse_unsupported(const Json& body) {
    for (const char* name : {"search_queries_only", "return_prompt", "raw_prompting"}) {
        if (const Json* wanted = member(body, name); wanted != nullptr && *wanted == true)
            throw not_supported(fmt::format("{} is not supported yet by the emulator.", name));
    }
}

Json turn(std::string_view role, Json content) { return {{"role", role}, {"content", std::move(content)}}; }

void add_history(Json& messages, const Json& body) {
    const Json& history = elements(body, "chat_history");
    for (std::size_t index = 0; index < history.size(); ++index) {
        const std::string pointer = at("chat_history", index);
        check(history[index], pointer, turn_keys);
        const std::string_view role = text_member(history[index], "role");
        if (role != "USER" && role != "CHATBOT")
            throw malformed_request(fmt::format("{}/role: {} is not a valid enum value", pointer, role));
        messages.push_back(turn(role == "USER" ? "user" : "assistant",
                                Json::array({Json{{"text", history[index].at("message")}}})));
    }
}

/// The message, and the documents beside it as search results.
Json asked(const Json& body) {
    Json content = Json::array();
    if (!text_member(body, "message").empty()) content.push_back({{"text", body.at("message")}});
    for (const Json& document : elements(body, "documents")) {
        if (!document.is_object()) throw malformed_request("#/documents: expected type: JSONObject");
        Json texts = Json::array();
        for (const auto& [name, value] : document.items()) {
            if (value.is_string() && name != "title") texts.push_back({{"text", value}});
        }
        content.push_back(
            {{"searchResult", {{"title", text_member(document, "title")}, {"content", std::move(texts)}}}});
    }
    return content;
}

std::string id_of_call(std::string_view name, std::size_t index) { return fmt::format("{}_{}", name, index); }

/// The calls that the results answer, which the request names beside them, and the results. Calls have no ids
/// in this format: they are counted.
void add_results(Json& messages, const Json& body) {
    const Json& results = elements(body, "tool_results");
    if (results.empty()) return;
    Json calls = Json::array();
    Json answers = Json::array();
    for (std::size_t index = 0; index < results.size(); ++index) {
        const std::string pointer = at("tool_results", index);
        check(results[index], pointer, result_keys);
        const Json& call = results[index].at("call");
        check(call, pointer + "/call", call_keys);
        const std::string id = id_of_call(text_member(call, "name"), index);
        calls.push_back({{"toolUse",
                          {{"toolUseId", id},
                           {"name", call.at("name")},
                           {"input", value_or<Json>(call, "parameters", Json::object())}}}});
        Json outputs = Json::array();
        for (const Json& output : results[index].at("outputs")) outputs.push_back({{"json", output}});
        answers.push_back({{"toolResult", {{"toolUseId", id}, {"content", std::move(outputs)}}}});
    }
    messages.push_back(turn("assistant", std::move(calls)));
    messages.push_back(turn("user", std::move(answers)));
}

/// JSON schema's word for one of Python's, which the definitions use.
std::string_view schema_type(std::string_view type) {
    if (type == "int") return "integer";
    if (type == "float") return "number";
    if (type == "bool") return "boolean";
    if (type.starts_with("list") || type.starts_with("List")) return "array";
    if (type.starts_with("dict") || type.starts_with("Dict")) return "object";
    return "string";
}

Json tool_spec_of(const Json& tool, const std::string& pointer) {
    check(tool, pointer, tool_keys);
    Json schema = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
    const Json* definitions = member(tool, "parameter_definitions");
    if (definitions != nullptr) {
        for (const auto& [name, definition] : definitions->items()) {
            check(definition, fmt::format("{}/parameter_definitions/{}", pointer, name), definition_keys);
            schema["properties"][name] = {{"type", schema_type(text_member(definition, "type"))}};
            if (value_or<bool>(definition, "required", false)) schema["required"].push_back(name);
        }
    }
    return {{"toolSpec",
             {{"name", tool.at("name")},
              {"description", text_member(tool, "description")},
              {"inputSchema", {{"json", std::move(schema)}}}}}};
}

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_shape(body, "#", {body_keys, limits}, problems);
    check_generation(body, {"max_tokens", "stop_sequences"}, problems);
    throw_problems(problems);
    refuse_unsupported(body);
    Json converse = {{"messages", Json::array()}};
    Json& messages = converse["messages"];
    add_history(messages, body);
    if (Json content = asked(body); !content.empty()) messages.push_back(turn("user", std::move(content)));
    add_results(messages, body);
    if (messages.empty())
        throw validation_error("message must be at least 1 token long or tool results must be specified.");
    if (const auto preamble = text_member(body, "preamble"); !preamble.empty())
        converse["system"] = Json::array({Json{{"text", preamble}}});
    const Json& tools = elements(body, "tools");
    for (std::size_t index = 0; index < tools.size(); ++index)
        converse["toolConfig"]["tools"].push_back(tool_spec_of(tools[index], at("tools", index)));
    take_parameter(converse, "maxTokens", body, "max_tokens");
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "p");
    take_parameter(converse, "stopSequences", body, "stop_sequences");
    return converse;
}

void check_place(const Answer& answer) {
    for (const Block& block : answer.blocks) {
        if (block.kind == Block::Kind::image) throw no_place_for("images", family_name);
        if (block.kind == Block::Kind::reasoning || block.kind == Block::Kind::redacted)
            throw no_place_for("reasoning", family_name);
    }
}

/// The list of calls as JSON; empty when there are none.
std::string tool_calls(const Answer& answer) {
    std::string out;
    for (const Block& block : answer.blocks) {
        if (block.kind != Block::Kind::tool_use) continue;
        out += out.empty() ? R"([{"name":)" : R"(,{"name":)";
        append_string(out, block.name);
        out += R"(,"parameters":)" + block.text + '}';
    }
    if (!out.empty()) out += ']';
    return out;
}

void append_turn(std::string& out, std::string_view role, std::string_view text, std::string_view calls) {
    out += R"({"role":)";
    append_string(out, role);
    out += R"(,"message":)";
    append_string(out, text);
    if (!calls.empty()) (out += R"(,"tool_calls":)") += calls;
    out += '}';
}

/// The history so far, this question and this answer.
void append_history(std::string& out, const Answer& answer, const NativeContext& context) {
    out += '[';
    if (context.request != nullptr) {
        for (const Json& said : elements(*context.request, "chat_history")) {
            append_json(out, said);
            out += ',';
        }
        append_turn(out, "USER", text_member(*context.request, "message"), {});
        out += ',';
    }
    append_turn(out, "CHATBOT", all_text(answer), tool_calls(answer));
    out += ']';
}

/// Chosen: the response's id is made of the generation's and the request's.
std::string body(const Answer& answer, const NativeContext& context) {
    check_place(answer);
    constexpr std::size_t letters = 8;
    std::string out = R"({"response_id":)";
    append_string(out, fmt::format("{}/{}", context.message_id.substr(0, letters), context.request_id));
    out += R"(,"text":)";
    append_string(out, all_text(answer));
    out += R"(,"generation_id":)";
    append_string(out, context.message_id);
    out += R"(,"chat_history":)";
    append_history(out, answer, context);
    out += R"(,"finish_reason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, "COMPLETE"));
    if (const std::string calls = tool_calls(answer); !calls.empty()) out += R"(,"tool_calls":)" + calls;
    out += '}';
    return out;
}

std::string event(std::string_view type, std::string_view members) {
    return fmt::format(R"({{{}"is_finished":{},"event_type":"{}"}})", members, type == "stream-end", type);
}

std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps,
                                const NativeContext& context) {
    check_place(answer);
    std::vector<NativeChunk> all;
    const auto add = [&](const Step& step, std::string_view type, const std::string& members) {
        all.push_back({step.due, event(type, members)});
    };
    for (const Step& step : steps) {
        if (step.kind == Step::Kind::message_start) {
            add(step, "stream-start", fmt::format(R"("generation_id":{},)", json_string(context.message_id)));
        } else if (step.kind == Step::Kind::delta && answer.blocks[step.block].kind == Block::Kind::text) {
            add(step, "text-generation", fmt::format(R"("text":{},)", json_string(step.text)));
        } else if (step.kind == Step::Kind::message_stop && !tool_calls(answer).empty()) {
            add(step, "tool-calls-generation", fmt::format(R"("tool_calls":{},)", tool_calls(answer)));
        } else if (step.kind == Step::Kind::metadata) {
            const std::string reason = json_string(native_stop(stop_words, answer.stop_reason, "COMPLETE"));
            add(step, "stream-end",
                fmt::format(R"("finish_reason":{},"response":{},)", reason, body(answer, context)));
        }
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    if (member(native, "text") == nullptr && member(native, "tool_calls") == nullptr) return std::nullopt;
    Answer answer;
    if (const auto text = text_member(native, "text"); !text.empty())
        answer.blocks.push_back({.text = std::string(text)});
    answer.stop_reason = converse_stop(stop_words, text_member(native, "finish_reason"));
    const Json& calls = elements(native, "tool_calls");
    for (std::size_t index = 0; index < calls.size(); ++index) {
        const std::string_view name = text_member(calls[index], "name");
        const Json* parameters = member(calls[index], "parameters");
        answer.blocks.push_back({.kind = Block::Kind::tool_use,
                                 .text = parameters == nullptr ? "{}" : json_text(*parameters),
                                 .name = std::string(name),
                                 .tool_use_id = id_of_call(name, index)});
        answer.stop_reason = "tool_use";
    }
    answer.usage.output = output_tokens(answer);
    return answer;
}

std::string new_id(Random& random) { return random.uuid(); }

}  // namespace

const Family& cohere_chat() {
    static const Family family{.name = family_name,
                               .to_converse = to_converse,
                               .body = body,
                               .chunks = chunks,
                               .read_body = read_body,
                               .new_id = new_id};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
