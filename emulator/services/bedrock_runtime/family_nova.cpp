#include <fmt/format.h>

#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Amazon Nova text (facts: bedrock.md 2.4): close to Converse, in its requests as in its answers.
namespace rockwatch::bedrock_runtime {

namespace {

using rules::elements;
using rules::member;
using rules::text_member;

constexpr std::array<NativeKey, 6> body_keys = {{{"messages", JsonKind::array, true},
                                                 {"schemaVersion", JsonKind::string},
                                                 {"system", JsonKind::array},
                                                 {"inferenceConfig", JsonKind::object},
                                                 {"toolConfig", JsonKind::object},
                                                 {"additionalModelRequestFields", JsonKind::object}}};
constexpr std::array<NativeKey, 10> config_keys = {{{"maxTokens", JsonKind::integer},
                                                    {"max_new_tokens", JsonKind::integer},
                                                    {"temperature", JsonKind::number},
                                                    {"topP", JsonKind::number},
                                                    {"top_p", JsonKind::number},
                                                    {"topK", JsonKind::integer},
                                                    {"top_k", JsonKind::integer},
                                                    {"stopSequences", JsonKind::array},
                                                    {"stop_sequences", JsonKind::array},
                                                    {"reasoningConfig", JsonKind::object}}};
constexpr std::array<StopWord, 5> stop_words = {{{"end_turn", "end_turn"},
                                                 {"max_tokens", "max_tokens"},
                                                 {"stop_sequence", "stop_sequence"},
                                                 {"tool_use", "tool_use"},
                                                 {"content_filtered", "content_filtered"}}};

/// The block without the bytes of its media.
Json without_bytes(const Json& block) {
    for (const char* kind : {"image", "video", "document", "audio"}) {
        if (member(block, kind) != nullptr) return {{kind, Json::object()}};
    }
    return block;
}

Json messages_of(const Json& body) {
    Json messages = Json::array();
    for (const Json& message : elements(body, "messages")) {
        const std::string at = fmt::format("#/messages/{}", messages.size());
        const std::string_view role = text_member(message, "role");
        if (role != "user" && role != "assistant")
            throw malformed_request(at + "/role: " + std::string(role) + " is not a valid enum value");
        if (member(message, "content") == nullptr)
            throw malformed_request(at + ": required key [content] not found");
        Json content = Json::array();
        for (const Json& block : elements(message, "content")) content.push_back(without_bytes(block));
        messages.push_back({{"role", role}, {"content", std::move(content)}});
    }
    if (messages.empty()) throw malformed_request("#/messages: expected minimum item count: 1, found: 0");
    return messages;
}

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    const Json* config = member(body, "inferenceConfig");
    if (config != nullptr && config->is_object())
        check_keys(*config, "#/inferenceConfig", config_keys, problems);
    throw_problems(problems);
    Json converse = {{"messages", messages_of(body)}};
    if (const Json* system = member(body, "system")) converse["system"] = *system;
    if (const Json* tools = member(body, "toolConfig")) converse["toolConfig"] = *tools;
    if (config == nullptr) return converse;
    // The older spellings are aliases.
    for (const auto& [name, alias] : {std::pair{"maxTokens", "max_new_tokens"},
                                      {"topP", "top_p"},
                                      {"stopSequences", "stop_sequences"},
                                      {"temperature", "temperature"}}) {
        take_parameter(converse, name, *config, alias);
        take_parameter(converse, name, *config, name);
    }
    return converse;
}

void append_block(std::string& out, const Block& block) {
    switch (block.kind) {
        case Block::Kind::text:
            out += R"({"text":)";
            append_string(out, block.text);
            break;
        case Block::Kind::tool_use:
            out += R"({"toolUse":{"name":)";
            append_string(out, block.name);
            out += R"(,"toolUseId":)";
            append_string(out, block.tool_use_id);
            out += R"(,"input":)" + block.text + '}';
            break;
        case Block::Kind::reasoning:
            out += R"({"reasoningContent":{"reasoningText":{"text":)";
            append_string(out, block.text);
            out += "}}";
            break;
        case Block::Kind::redacted:
            throw no_place_for("redacted reasoning", "Nova");
        case Block::Kind::image:
            throw no_place_for("images", "Nova");
    }
    out += '}';
}

std::string body(const Answer& answer, const NativeContext&) {
    std::string out = R"({"output":{"message":{"content":[)";
    for (std::size_t index = 0; index < answer.blocks.size(); ++index) {
        if (index > 0) out += ',';
        append_block(out, answer.blocks[index]);
    }
    out += R"(],"role":"assistant"}},"stopReason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, answer.stop_reason));
    const Usage& usage = answer.usage;
    out += fmt::format(
        R"(,"usage":{{"inputTokens":{},"outputTokens":{},"totalTokens":{},"cacheReadInputTokenCount":{},"cacheWriteInputTokenCount":{}}}}})",
        usage.input, usage.output, usage.total(), usage.cache_read, usage.cache_write);
    return out;
}

std::string delta_of(const Block& block, const Step& step) {
    std::string out = R"({"contentBlockDelta":{"delta":)";
    if (block.kind == Block::Kind::tool_use) {
        out += R"({"toolUse":{"input":)";
        append_string(out, step.text);
        out += '}';
    } else if (block.kind == Block::Kind::redacted || block.kind == Block::Kind::image) {
        throw no_place_for("redacted reasoning and images", "Nova");
    } else if (block.kind == Block::Kind::reasoning) {
        out += R"({"reasoningContent":{"text":)";
        append_string(out, step.text);
        out += '}';
    } else {
        out += R"({"text":)";
        append_string(out, step.text);
    }
    out += fmt::format(R"(}},"contentBlockIndex":{}}}}})", step.block);
    return out;
}

std::string tool_start(const Block& block, std::size_t index) {
    std::string out = R"({"contentBlockStart":{"start":{"toolUse":{"name":)";
    append_string(out, block.name);
    out += R"(,"toolUseId":)";
    append_string(out, block.tool_use_id);
    out += fmt::format(R"(}}}},"contentBlockIndex":{}}}}})", index);
    return out;
}

std::string message_stop(const Answer& answer) {
    std::string out = R"({"messageStop":{"stopReason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, answer.stop_reason));
    out += "}}";
    return out;
}

std::string metadata(const Usage& usage) {
    return fmt::format(
        R"({{"metadata":{{"usage":{{"inputTokens":{},"outputTokens":{}}},"metrics":{{}},"trace":{{}}}}}})",
        usage.input, usage.output);
}

std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps, const NativeContext&) {
    std::vector<NativeChunk> all;
    for (const Step& step : steps) {
        std::string json;
        switch (step.kind) {
            case Step::Kind::message_start:
                json = R"({"messageStart":{"role":"assistant"}})";
                break;
            case Step::Kind::block_start:
                if (answer.blocks[step.block].kind == Block::Kind::tool_use)
                    json = tool_start(answer.blocks[step.block], step.block);
                break;
            case Step::Kind::delta:
                if (!step.signature) json = delta_of(answer.blocks[step.block], step);  // Nova signs nothing
                break;
            case Step::Kind::block_stop:
                json = fmt::format(R"({{"contentBlockStop":{{"contentBlockIndex":{}}}}})", step.block);
                break;
            case Step::Kind::message_stop:
                json = message_stop(answer);
                break;
            case Step::Kind::metadata:
                json = metadata(answer.usage);
                break;
        }
        if (!json.empty()) all.push_back({step.due, std::move(json)});
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    const Json* output = member(native, "output");
    const Json* message = output == nullptr ? nullptr : member(*output, "message");
    if (message == nullptr) return std::nullopt;
    Answer answer;
    for (const Json& block : elements(*message, "content")) {
        if (const Json* text = member(block, "text"); text != nullptr && text->is_string()) {
            answer.blocks.push_back({.text = text->get<std::string>()});
        }
        if (const Json* tool = member(block, "toolUse")) {
            const Json* input = member(*tool, "input");
            answer.blocks.push_back({.kind = Block::Kind::tool_use,
                                     .text = input == nullptr ? "{}" : json_text(*input),
                                     .name = std::string(text_member(*tool, "name")),
                                     .tool_use_id = std::string(text_member(*tool, "toolUseId"))});
        }
    }
    answer.stop_reason = converse_stop(stop_words, text_member(native, "stopReason"));
    answer.usage.output = output_tokens(answer);
    if (const Json* usage = member(native, "usage")) {
        answer.usage = {.input = count_member(*usage, "inputTokens"),
                        .output = count_member(*usage, "outputTokens"),
                        .cache_read = count_member(*usage, "cacheReadInputTokenCount"),
                        .cache_write = count_member(*usage, "cacheWriteInputTokenCount")};
    }
    return answer;
}

}  // namespace

const Family& nova() {
    static const Family family{"Nova", to_converse, body, chunks, read_body};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
