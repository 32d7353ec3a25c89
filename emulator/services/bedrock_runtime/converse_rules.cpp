#include "services/bedrock_runtime/converse_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/modalities.hpp"
#include "services/bedrock_runtime/model_traits.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::elements;
using rules::member;
using rules::text_member;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

/// The block's one member that is set: its kind and value.
std::pair<std::string_view, const Json*> kind_of(const Json& block) {
    if (!block.is_object() || block.empty()) return {{}, nullptr};
    return {block.begin().key(), &block.begin().value()};
}

std::vector<std::string_view> ids_of(const Json& message, std::string_view kind) {
    std::vector<std::string_view> ids;
    for (const Json& block : elements(message, "content")) {
        if (const Json* part = member(block, kind)) ids.push_back(text_member(*part, "toolUseId"));
    }
    return ids;
}

void check_order(const Json& messages) {
    if (messages.empty() || text_member(messages.front(), "role") != "user") {
        throw validation_error(
            "A conversation must start with a user message. Try again with a conversation that starts with a "
            "user message.");
    }
    for (std::size_t index = 0; index < messages.size(); ++index) {
        if (!elements(messages[index], "content").empty()) continue;
        throw validation_error(
            fmt::format("The content field in the Message object at messages.{} is empty. Add a ContentBlock "
                        "object to the content field and try again.",
                        index));
    }
}

void check_tool_result(const Json& result, std::size_t message, std::size_t block) {
    const Json& content = elements(result, "content");
    if (text_member(result, "status") == "error" && content.empty()) {
        throw validation_error(
            fmt::format("The content field at messages.{}.content.{}.toolResult cannot be empty when status "
                        "value is error.",
                        message, block));
    }
    for (std::size_t index = 0; index < content.size(); ++index) {
        const Json* json = member(content[index], "json");
        if (json == nullptr || json->is_object()) continue;
        throw validation_error(fmt::format(
            "The format of the value at messages.{}.content.{}.toolResult.content.{}.json is invalid. "
            "Provide a json object for the field and try again.",
            message, block, index));
    }
}

/// Every toolUse of an assistant turn is answered by a toolResult in the next message, and nothing else is.
void check_tool_turns(const Json& messages) {
    std::vector<std::string_view> open;
    for (std::size_t index = 0; index < messages.size(); ++index) {
        const auto results = ids_of(messages[index], "toolResult");
        if (results.size() > open.size()) {
            throw validation_error(fmt::format(
                "The number of toolResult blocks at messages.{}.content exceeds the number of toolUse "
                "blocks of previous turn.",
                index));
        }
        std::erase_if(open, [&](std::string_view id) {
            return std::find(results.begin(), results.end(), id) != results.end();
        });
        if (!open.empty()) {
            throw validation_error(
                fmt::format("Expected toolResult blocks at messages.{}.content for the following Ids: {}",
                            index, fmt::join(open, ", ")));
        }
        open = ids_of(messages[index], "toolUse");
    }
}

void check_tools(const Json& input, std::string_view model_id, Delivery delivery) {
    const Json& messages = elements(input, "messages");
    const bool configured = member(input, "toolConfig") != nullptr;
    const bool used = std::any_of(messages.begin(), messages.end(), [](const Json& message) {
        return !ids_of(message, "toolUse").empty() || !ids_of(message, "toolResult").empty();
    });
    if (configured && !supports_tools(model_id)) {
        throw validation_error(delivery == Delivery::streamed
                                   ? "This model doesn't support tool use in streaming mode."
                                   : "This model doesn't support tool use.");
    }
    if (used && !configured) {
        throw validation_error(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.");
    }
    if (used) check_tool_turns(messages);
}

void check_text(std::string_view text, std::string_view model_id, std::size_t message, std::size_t block) {
    if (!is_blank(text)) return;
    if (is_claude(model_id)) {
        throw model_refused(text.empty() ? "messages: text content blocks must be non-empty"
                                         : "messages: text content blocks must contain non-whitespace text");
    }
    throw validation_error(fmt::format(
        "The text field in the ContentBlock object at messages.{}.content.{} is blank. Add text to the "
        "text field, and try again.",
        message, block));
}

void check_media(std::string_view kind, const Json& part, const CatalogueModel& model) {
    const bool image = kind == "image" && !has_modality(model.input_modalities, "IMAGE");
    const bool video = kind == "video" && !has_modality(model.input_modalities, "VIDEO");
    const bool audio = kind == "audio" && !has_modality(model.input_modalities, "AUDIO") &&
                       !has_modality(model.input_modalities, "SPEECH");
    if (image || video || audio) {
        throw validation_error(fmt::format(
            "This model doesn't support the {} content block that you provided. Update the content block "
            "and try again.",
            kind));
    }
    const Json* source = member(part, "source");
    if (source != nullptr && member(*source, "s3Location") != nullptr && is_claude(model.model_id)) {
        throw validation_error("This model doesn't support the s3Uri field. Remove s3Uri and try again.");
    }
}

void check_blocks(const Json& messages, const CatalogueModel& model) {
    for (std::size_t message = 0; message < messages.size(); ++message) {
        const Json& content = elements(messages[message], "content");
        for (std::size_t block = 0; block < content.size(); ++block) {
            const auto [kind, part] = kind_of(content[block]);
            if (part == nullptr) continue;
            if (kind == "text" && part->is_string())
                check_text(part->get_ref<const std::string&>(), model.model_id, message, block);
            if (kind == "toolResult") check_tool_result(*part, message, block);
            if (kind == "image" || kind == "video" || kind == "audio" || kind == "document")
                check_media(kind, *part, model);
        }
    }
}

void check_parameters(const Json& input, std::string_view model_id) {
    const Json* config = member(input, "inferenceConfig");
    if (config == nullptr) return;
    const Json* max_tokens = member(*config, "maxTokens");
    const auto limit = max_tokens_limit(model_id);
    if (limit && max_tokens != nullptr && max_tokens->is_number_integer() &&
        max_tokens->get<std::int64_t>() > *limit) {
        throw validation_error(fmt::format(
            "The maximum tokens you requested exceeds the model limit of {0}. Try again with a maximum "
            "tokens value that is lower than {0}.",
            *limit));
    }
    if (takes_one_sampling_parameter(model_id) && member(*config, "temperature") != nullptr &&
        member(*config, "topP") != nullptr) {
        throw model_refused(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.");
    }
}

/// What Bedrock has and the emulator has not must not be accepted and ignored.
void refuse_unsupported(const Json& input) {
    constexpr std::array<std::string_view, 2> unsupported = {"guardrailConfig", "promptVariables"};
    for (const std::string_view name : unsupported) {
        if (member(input, name) != nullptr)
            throw not_supported(fmt::format("{} is not supported yet by the emulator.", name));
    }
}

}  // namespace

bool is_text_model(const CatalogueModel& model) {
    return has_modality(model.output_modalities, "TEXT") && !is_reranker(model.model_id);
}

void check_converse(const Json& input, const CatalogueModel& model, Delivery delivery) {
    if (!is_text_model(model)) {
        throw validation_error(
            "This action doesn't support the model that you provided. Try again with a supported text or "
            "chat model.");
    }
    const Json& messages = elements(input, "messages");
    refuse_unsupported(input);
    check_order(messages);
    if (!elements(input, "system").empty() && !supports_system(model.model_id)) {
        throw validation_error(
            "This model doesn't support system messages. Try again without a system message or use a model "
            "that "
            "supports system messages.");
    }
    check_tools(input, model.model_id, delivery);
    check_blocks(messages, model);
    check_parameters(input, model.model_id);
}

}  // namespace rockwatch::bedrock_runtime
