#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "rules/fields.hpp"
#include "rules/rule.hpp"

namespace rockwatch::rules {

namespace {

constexpr Range token_counts{0, 1e9};
constexpr Range dimension_counts{1, 16'384};
constexpr Range seeds{0, 9.007199254740992e15};

constexpr std::array<std::string_view, 9> stop_reasons = {"end_turn",
                                                          "tool_use",
                                                          "max_tokens",
                                                          "stop_sequence",
                                                          "guardrail_intervened",
                                                          "content_filtered",
                                                          "malformed_model_output",
                                                          "malformed_tool_use",
                                                          "model_context_window_exceeded"};

constexpr std::array<std::string_view, 4> image_formats = {"png", "jpeg", "gif", "webp"};

// What models do not answer with, or not through us: citations and server tools.
constexpr std::array<std::string_view, 9> unsupported_blocks = {
    "document",         "video",        "audio",     "toolResult", "guardContent", "cachePoint",
    "citationsContent", "searchResult", "systemTool"};

InputError not_yet(std::string_view what, std::string pointer) {
    return invalid_rule(fmt::format("{} is not supported yet", what), std::move(pointer));
}

bool is_tool_use_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.' ||
               letter == ':';
    });
}

void check_tool_use(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer, {"name", "input", "toolUseId"});
    const auto name = fields.text("name");
    if (!name || name->empty()) throw invalid_rule("needs the name of a tool", pointer);
    if (const Json* input = fields.find("input"); input != nullptr && !input->is_object()) {
        throw invalid_rule("must be an object", fields.at("input"));
    }
    if (const auto id = fields.text("toolUseId"); id && !is_tool_use_id(*id)) {
        throw invalid_rule("must be 1 to 64 letters, digits or _.:-", fields.at("toolUseId"));
    }
}

void check_base64(const Fields& fields, std::string_view name) {
    const auto text = fields.text(name);
    std::string bytes;
    if (!text || text->empty() || !base64_decode(*text, bytes))
        throw invalid_rule("must be bytes in base64", fields.at(name));
}

void check_reasoning(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer, {"reasoningText", "redactedContent"});
    const Json* text = fields.find("reasoningText");
    if (value.size() != 1) throw invalid_rule("needs one of reasoningText, redactedContent", pointer);
    if (text == nullptr) return check_base64(fields, "redactedContent");
    const Fields parts(*text, fields.at("reasoningText"), {"text", "signature"});
    if (!parts.text("text")) throw invalid_rule("needs a text", parts.pointer());
    parts.text("signature");
}

void check_image(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer, {"format", "source"});
    const auto format = fields.text("format");
    if (!format) throw invalid_rule("needs a format", pointer);
    if (std::find(image_formats.begin(), image_formats.end(), *format) == image_formats.end())
        throw invalid_rule(fmt::format("must be one of {}", fmt::join(image_formats, ", ")),
                           fields.at("format"));
    const Json* source = fields.find("source");
    if (source == nullptr) throw invalid_rule("needs a source", pointer);
    const Fields places(*source, fields.at("source"), {"bytes", "s3Location"});
    if (source->size() != 1) throw invalid_rule("must be bytes or an s3Location", places.pointer());
    const Json* object = places.find("s3Location");
    if (object == nullptr) return check_base64(places, "bytes");
    const Fields location(*object, places.at("s3Location"), {"uri", "bucketOwner"});
    const auto uri = location.text("uri");
    if (!uri || !uri->starts_with("s3://"))
        throw invalid_rule("needs a uri: s3://bucket/key", location.pointer());
    location.text("bucketOwner");
}

void check_block(const Json& block, const std::string& pointer) {
    if (!block.is_object() || block.size() != 1) {
        throw invalid_rule(
            "must be a content block with one member: text, toolUse, reasoningContent or "
            "image",
            pointer);
    }
    const std::string& kind = block.begin().key();
    const Json& value = block.begin().value();
    const std::string at = pointer_to(pointer, kind);
    if (kind == "text") {
        if (!value.is_string()) throw invalid_rule("must be a string", at);
    } else if (kind == "toolUse") {
        check_tool_use(value, at);
    } else if (kind == "reasoningContent") {
        check_reasoning(value, at);
    } else if (kind == "image") {
        check_image(value, at);
    } else if (std::find(unsupported_blocks.begin(), unsupported_blocks.end(), kind) !=
               unsupported_blocks.end()) {
        throw not_yet(kind, at);
    } else {
        throw invalid_rule("is no content block", at);
    }
}

Json content_blocks(const Json& value, const std::string& pointer) {
    if (!value.is_array() || value.empty()) throw invalid_rule("must be a list of content blocks", pointer);
    for (std::size_t index = 0; index < value.size(); ++index) {
        check_block(value[index], pointer_to(pointer, std::to_string(index)));
    }
    return value;
}

/// toolUse: one call or a list of them, as content blocks.
Json tool_blocks(const Json& value, const std::string& pointer) {
    if (value.is_object()) {
        check_tool_use(value, pointer);
        return Json::array({Json{{"toolUse", value}}});
    }
    if (!value.is_array() || value.empty()) throw invalid_rule("must be a list of tool calls", pointer);
    Json blocks = Json::array();
    for (std::size_t index = 0; index < value.size(); ++index) {
        check_tool_use(value[index], pointer_to(pointer, std::to_string(index)));
        blocks.push_back(Json{{"toolUse", value[index]}});
    }
    return blocks;
}

UsageOverride read_usage(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer,
                        {"inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"});
    return {.input_tokens = fields.integer("inputTokens", token_counts),
            .output_tokens = fields.integer("outputTokens", token_counts),
            .cache_read_input_tokens = fields.integer("cacheReadInputTokens", token_counts),
            .cache_write_input_tokens = fields.integer("cacheWriteInputTokens", token_counts)};
}

EmbeddingSpec read_embedding(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer, {"dimensions", "seed"});
    EmbeddingSpec embedding{.dimensions = fields.integer("dimensions", dimension_counts)};
    if (const auto seed = fields.integer("seed", seeds)) embedding.seed = static_cast<std::uint64_t>(*seed);
    return embedding;
}

void read_companions(const Fields& fields, Response& response) {
    response.reasoning = fields.text("reasoning");
    response.stop_reason = fields.text("stopReason");
    if (response.stop_reason &&
        std::find(stop_reasons.begin(), stop_reasons.end(), *response.stop_reason) == stop_reasons.end()) {
        throw invalid_rule(fmt::format("must be one of {}", fmt::join(stop_reasons, ", ")),
                           fields.at("stopReason"));
    }
    if (const Json* usage = fields.find("usage")) response.usage = read_usage(*usage, fields.at("usage"));
    if (const Json* embedding = fields.find("embedding")) {
        response.embedding = read_embedding(*embedding, fields.at("embedding"));
    }
}

/// The one answer that an object describes, sequence aside.
Response read_response(const Fields& fields) {
    Response response;
    read_companions(fields, response);
    response.text = fields.text("text");
    int kinds = response.text ? 1 : 0;
    if (const Json* tools = fields.find("toolUse")) {
        ++kinds;
        response.content = tool_blocks(*tools, fields.at("toolUse"));
    }
    if (const Json* content = fields.find("content")) {
        ++kinds;
        response.content = content_blocks(*content, fields.at("content"));
    }
    if (const Json* body = fields.find("body")) {
        ++kinds;
        if (!body->is_object()) throw invalid_rule("must be an object", fields.at("body"));
        response.body = *body;
        for (const std::string_view name : {"reasoning", "stopReason", "embedding"}) {
            if (fields.find(name) != nullptr)
                throw invalid_rule("cannot change a body, which is sent verbatim", fields.at(name));
        }
    }
    if (kinds > 1)
        throw invalid_rule("must have one of text, toolUse, content, body, sequence", fields.pointer());
    return response;
}

/// What an element of a sequence does not say is taken from beside the sequence.
void inherit(Response& element, const Response& outer) {
    if (element.body.is_null()) {
        if (!element.reasoning) element.reasoning = outer.reasoning;
        if (!element.stop_reason) element.stop_reason = outer.stop_reason;
        if (!element.embedding) element.embedding = outer.embedding;
    }
    const auto take = [](auto& own, const auto& other) {
        if (!own) own = other;
    };
    take(element.usage.input_tokens, outer.usage.input_tokens);
    take(element.usage.output_tokens, outer.usage.output_tokens);
    take(element.usage.cache_read_input_tokens, outer.usage.cache_read_input_tokens);
    take(element.usage.cache_write_input_tokens, outer.usage.cache_write_input_tokens);
}

std::vector<Response> read_sequence(const Json& value, const std::string& pointer, const Response& outer) {
    if (!value.is_array() || value.empty())
        throw invalid_rule("must be a list of at least one answer", pointer);
    std::vector<Response> answers;
    for (std::size_t index = 0; index < value.size(); ++index) {
        const Fields fields(
            value[index], pointer_to(pointer, std::to_string(index)),
            {"text", "toolUse", "content", "body", "embedding", "reasoning", "stopReason", "usage"});
        if (value[index].empty()) throw invalid_rule("says nothing", fields.pointer());
        answers.push_back(read_response(fields));
        inherit(answers.back(), outer);
    }
    return answers;
}

}  // namespace

Respond respond_from_json(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer,
                        {"text", "toolUse", "content", "body", "sequence", "cycle", "embedding", "reasoning",
                         "stopReason", "usage"});
    if (value.empty()) throw invalid_rule("must have one of text, toolUse, content, body, sequence", pointer);
    Respond respond;
    Response outer = read_response(fields);
    const Json* sequence = fields.find("sequence");
    if (const auto cycle = fields.boolean("cycle")) {
        if (sequence == nullptr) throw invalid_rule("stands beside sequence only", fields.at("cycle"));
        respond.cycle = *cycle;
    }
    if (sequence == nullptr) {
        respond.answers.push_back(std::move(outer));
        return respond;
    }
    if (outer.text || !outer.content.is_null() || !outer.body.is_null()) {
        throw invalid_rule("must have one of text, toolUse, content, body, sequence", pointer);
    }
    respond.answers = read_sequence(*sequence, fields.at("sequence"), outer);
    return respond;
}

}  // namespace rockwatch::rules
