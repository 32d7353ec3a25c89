#include <fmt/format.h>

#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Anthropic Claude, Messages format (facts: bedrock.md 2.6).
namespace rockwatch::bedrock_runtime {

namespace {

using rules::elements;
using rules::member;
using rules::text_member;

constexpr std::array<NativeKey, 16> body_keys = {{{"anthropic_version", JsonKind::string, true},
                                                  {"max_tokens", JsonKind::integer, true},
                                                  {"messages", JsonKind::array, true},
                                                  {"system", JsonKind::string_or_array},
                                                  {"temperature", JsonKind::number},
                                                  {"top_p", JsonKind::number},
                                                  {"top_k", JsonKind::integer},
                                                  {"stop_sequences", JsonKind::array},
                                                  {"tools", JsonKind::array},
                                                  {"tool_choice", JsonKind::object},
                                                  {"thinking", JsonKind::object},
                                                  {"anthropic_beta", JsonKind::array},
                                                  {"output_config", JsonKind::object},
                                                  {"output_format", JsonKind::object},
                                                  {"metadata", JsonKind::object},
                                                  {"context_management", JsonKind::object}}};

constexpr std::array<StopWord, 5> stop_words = {{{"end_turn", "end_turn"},
                                                 {"max_tokens", "max_tokens"},
                                                 {"stop_sequence", "stop_sequence"},
                                                 {"tool_use", "tool_use"},
                                                 {"content_filtered", "refusal"}}};
constexpr std::string_view bedrock_version = "bedrock-2023-05-31";

Json content_of(const Json& value);

/// A content block in Converse's terms; null for cache marks and the like.
Json block_of(const Json& block) {
    const std::string_view type = text_member(block, "type");
    if (type == "text") return {{"text", text_member(block, "text")}};
    if (type == "image") return {{"image", Json::object()}};
    if (type == "document") return {{"document", Json::object()}};
    if (type == "tool_use") {
        const Json* input = member(block, "input");
        return {{"toolUse",
                 {{"toolUseId", text_member(block, "id")},
                  {"name", text_member(block, "name")},
                  {"input", input == nullptr ? Json::object() : *input}}}};
    }
    if (type == "tool_result") {
        const Json* content = member(block, "content");
        return {{"toolResult",
                 {{"toolUseId", text_member(block, "tool_use_id")},
                  {"content", content == nullptr ? Json::array() : content_of(*content)}}}};
    }
    return nullptr;
}

/// A text, or a list of blocks.
Json content_of(const Json& value) {
    if (value.is_string()) return Json::array({Json{{"text", value}}});
    Json blocks = Json::array();
    if (!value.is_array()) return blocks;
    for (const Json& block : value) {
        Json converted = block_of(block);
        if (!converted.is_null()) blocks.push_back(std::move(converted));
    }
    return blocks;
}

Json messages_of(const Json& body) {
    Json messages = Json::array();
    for (const Json& message : elements(body, "messages")) {
        const std::string_view role = text_member(message, "role");
        if (role != "user" && role != "assistant") {
            throw validation_error(
                fmt::format("messages.{}.role: Input should be 'user' or 'assistant'", messages.size()));
        }
        const Json* content = member(message, "content");
        if (content == nullptr)
            throw validation_error(fmt::format("messages.{}.content: Field required", messages.size()));
        messages.push_back({{"role", role}, {"content", content_of(*content)}});
    }
    if (messages.empty()) throw validation_error("messages: at least one message is required");
    return messages;
}

Json tool_config_of(const Json& body) {
    Json config = {{"tools", Json::array()}};
    for (const Json& tool : elements(body, "tools")) {
        const Json* schema = member(tool, "input_schema");
        config["tools"].push_back(
            {{"toolSpec",
              {{"name", text_member(tool, "name")},
               {"description", text_member(tool, "description")},
               {"inputSchema", {{"json", schema == nullptr ? Json::object() : *schema}}}}}});
    }
    if (const Json* choice = member(body, "tool_choice")) {
        const std::string_view type = text_member(*choice, "type");
        if (type == "any") config["toolChoice"] = {{"any", Json::object()}};
        if (type == "tool") config["toolChoice"] = {{"tool", {{"name", text_member(*choice, "name")}}}};
    }
    return config;
}

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    throw_problems(problems);
    if (text_member(body, "anthropic_version") != bedrock_version)
        throw validation_error("invalid anthropic_version");
    if (count_member(body, "max_tokens") < 1)
        throw validation_error("max_tokens: Input should be greater than or equal to 1");
    Json converse = {{"messages", messages_of(body)}};
    if (const Json* system = member(body, "system")) converse["system"] = content_of(*system);
    if (!elements(body, "tools").empty()) converse["toolConfig"] = tool_config_of(body);
    for (const char* holder : {"output_config", "output_format"}) {
        const Json* config = member(body, holder);
        const Json* format = config == nullptr ? nullptr : member(*config, "format");
        if (format == nullptr) format = config;
        const Json* schema = format == nullptr ? nullptr : member(*format, "schema");
        if (schema != nullptr)
            converse["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"] = *schema;
    }
    take_parameter(converse, "maxTokens", body, "max_tokens");
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "top_p");
    take_parameter(converse, "stopSequences", body, "stop_sequences");
    return converse;
}

/// claude-3-7-sonnet-20250219 for anthropic.claude-3-7-sonnet-20250219-v1:0
std::string_view short_name(std::string_view model_id) {
    if (const auto dot = model_id.find('.'); dot != std::string_view::npos) model_id.remove_prefix(dot + 1);
    const auto version = model_id.rfind("-v");
    return version == std::string_view::npos || version == 0 ? model_id : model_id.substr(0, version);
}

void append_block(std::string& out, const Block& block) {
    switch (block.kind) {
        case Block::Kind::text:
            out += R"({"type":"text","text":)";
            append_string(out, block.text);
            break;
        case Block::Kind::tool_use:
            out += R"({"type":"tool_use","id":)";
            append_string(out, native_tool_id(block.tool_use_id, {"toolu_bdrk_01"}));
            out += R"(,"name":)";
            append_string(out, block.name);
            out += R"(,"input":)" + block.text;
            break;
        case Block::Kind::reasoning:
            out += R"({"type":"thinking","thinking":)";
            append_string(out, block.text);
            out += R"(,"signature":)";
            append_string(out, block.signature);
            break;
        case Block::Kind::redacted:
            out += R"({"type":"redacted_thinking","data":)";
            append_string(out, block.text);
            break;
        case Block::Kind::image:
            throw no_place_for("images", "Claude Messages");
    }
    out += '}';
}

void append_usage(std::string& out, const Usage& usage, std::int64_t output, const NativeContext& context) {
    out += R"({"input_tokens":)";
    append_number(out, usage.input);
    if (context.caches) {
        out += R"(,"cache_creation_input_tokens":)";
        append_number(out, usage.cache_write);
        out += R"(,"cache_read_input_tokens":)";
        append_number(out, usage.cache_read);
    }
    out += R"(,"output_tokens":)";
    append_number(out, output);
    out += '}';
}

void append_stop(std::string& out, const Answer& answer) {
    out += R"("stop_reason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, answer.stop_reason));
    out += R"(,"stop_sequence":)";
    out += answer.stop_sequence ? json_string(*answer.stop_sequence) : "null";
}

std::string body(const Answer& answer, const NativeContext& context) {
    std::string out = R"({"model":)";
    append_string(out, short_name(context.model_id));
    out += R"(,"id":)";
    append_string(out, context.message_id);
    out += R"(,"type":"message","role":"assistant","content":[)";
    for (std::size_t index = 0; index < answer.blocks.size(); ++index) {
        if (index > 0) out += ',';
        append_block(out, answer.blocks[index]);
    }
    out += "],";
    append_stop(out, answer);
    out += R"(,"usage":)";
    append_usage(out, answer.usage, answer.usage.output, context);
    out += '}';
    return out;
}

std::string message_start(const Answer& answer, const NativeContext& context) {
    std::string out = R"({"type":"message_start","message":{"id":)";
    append_string(out, context.message_id);
    out += R"(,"type":"message","role":"assistant","model":)";
    append_string(out, short_name(context.model_id));
    out += R"(,"content":[],"stop_reason":null,"stop_sequence":null,"usage":)";
    append_usage(out, answer.usage, 1, context);
    out += "}}";
    return out;
}

std::string block_start(const Block& block, std::size_t index) {
    std::string out = fmt::format(R"({{"type":"content_block_start","index":{},"content_block":)", index);
    Block empty = block;
    if (block.kind != Block::Kind::redacted)  // that comes whole, with its start
        empty.text = block.kind == Block::Kind::tool_use ? "{}" : "";
    empty.signature.clear();
    append_block(out, empty);
    out += '}';
    return out;
}

std::string block_delta(const Block& block, const Step& step) {
    std::string out = fmt::format(R"({{"type":"content_block_delta","index":{},"delta":)", step.block);
    if (step.signature) {
        out += R"({"type":"signature_delta","signature":)";
    } else if (block.kind == Block::Kind::tool_use) {
        out += R"({"type":"input_json_delta","partial_json":)";
    } else if (block.kind == Block::Kind::reasoning) {
        out += R"({"type":"thinking_delta","thinking":)";
    } else {
        out += R"({"type":"text_delta","text":)";
    }
    append_string(out, step.text);
    out += "}}";
    return out;
}

std::string message_delta(const Answer& answer) {
    std::string out = R"({"type":"message_delta","delta":{)";
    append_stop(out, answer);
    out += R"(},"usage":{"output_tokens":)";
    append_number(out, answer.usage.output);
    out += "}}";
    return out;
}

std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps,
                                const NativeContext& context) {
    std::vector<NativeChunk> all;
    for (const Step& step : steps) {
        std::string json;
        switch (step.kind) {
            case Step::Kind::message_start:
                json = message_start(answer, context);
                break;
            case Step::Kind::block_start:
                json = block_start(answer.blocks[step.block], step.block);
                break;
            case Step::Kind::delta:
                if (answer.blocks[step.block].kind != Block::Kind::redacted)
                    json = block_delta(answer.blocks[step.block], step);
                break;
            case Step::Kind::block_stop:
                json = fmt::format(R"({{"type":"content_block_stop","index":{}}})", step.block);
                break;
            case Step::Kind::message_stop:
                json = message_delta(answer);
                break;
            case Step::Kind::metadata:
                json = R"({"type":"message_stop"})";
                break;
        }
        if (!json.empty()) all.push_back({step.due, std::move(json)});
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    if (member(native, "content") == nullptr || !native.at("content").is_array()) return std::nullopt;
    Answer answer;
    for (const Json& block : native.at("content")) {
        const std::string_view type = text_member(block, "type");
        if (type == "text") answer.blocks.push_back({.text = std::string(text_member(block, "text"))});
        if (type == "thinking") {
            answer.blocks.push_back({.kind = Block::Kind::reasoning,
                                     .text = std::string(text_member(block, "thinking")),
                                     .signature = std::string(text_member(block, "signature"))});
        }
        if (type == "redacted_thinking") {
            answer.blocks.push_back(
                {.kind = Block::Kind::redacted, .text = std::string(text_member(block, "data"))});
        }
        if (type == "tool_use") {
            const Json* input = member(block, "input");
            answer.blocks.push_back({.kind = Block::Kind::tool_use,
                                     .text = input == nullptr ? "{}" : json_text(*input),
                                     .name = std::string(text_member(block, "name")),
                                     .tool_use_id = std::string(text_member(block, "id"))});
        }
    }
    answer.stop_reason = converse_stop(stop_words, text_member(native, "stop_reason"));
    if (const auto sequence = text_member(native, "stop_sequence"); !sequence.empty())
        answer.stop_sequence = sequence;
    answer.usage.output = output_tokens(answer);
    if (const Json* usage = member(native, "usage")) {
        answer.usage = {.input = count_member(*usage, "input_tokens"),
                        .output = count_member(*usage, "output_tokens"),
                        .cache_read = count_member(*usage, "cache_read_input_tokens"),
                        .cache_write = count_member(*usage, "cache_creation_input_tokens")};
    }
    return answer;
}

}  // namespace

const Family& claude_messages() {
    static const Family family{"Claude Messages", to_converse, body, chunks, read_body};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
