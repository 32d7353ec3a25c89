#include "services/bedrock_runtime/request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/model_traits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

/// What a model of that id would put out.
std::string assumed_output(std::string_view model_id) {
    const Family* family = find_family(model_id, Json());
    if (family != nullptr && family->output == Family::Output::images) return "IMAGE";
    return family != nullptr && family->output == Family::Output::embedding ? "EMBEDDING" : "TEXT";
}

/// A model nobody knows, taken for a model of the format that its id suggests: a chat model, unless the
/// format is one of images or vectors.
CatalogueModel assumed_model(const Call& call) {
    std::string_view id = call.model_id;
    if (const auto slash = id.find('/'); id.starts_with("arn:") && slash != std::string_view::npos)
        id.remove_prefix(slash + 1);
    const std::string_view foundation = without_region_prefix(id);
    const std::string output = assumed_output(foundation);
    return {.model_id = std::string(foundation),
            .provider_name = std::string(foundation.substr(0, foundation.find('.'))),
            .name = std::string(foundation),
            .input_modalities = {"TEXT", "IMAGE", "VIDEO"},
            .output_modalities = {output},
            .streaming = output == "TEXT" && !is_reranker(foundation),
            .invoked_through = foundation.size() < id.size() ? call.caller.region : std::string(),
            .known = false};
}

Json metadata_of(const Json& input) {
    const Json* given = member(input, "requestMetadata");
    if (given == nullptr) return nullptr;
    Json metadata = *given;
    if (given->is_string()) {  // InvokeModel's header
        metadata = parse_json(given->get_ref<const std::string&>()).value_or(Json());
    }
    constexpr std::size_t pairs_max = 16;
    const bool texts =
        metadata.is_object() && metadata.size() <= pairs_max &&
        std::all_of(metadata.begin(), metadata.end(), [](const Json& value) { return value.is_string(); });
    if (!texts) throw validation_error("The request metadata must be a JSON object of at most 16 strings.");
    return metadata;
}

/// Chosen: whatever names JSON or everything is fine, since that is what the models answer.
void check_accept(std::string_view accept) {
    const bool fine = accept.empty() || accept.find("json") != std::string_view::npos ||
                      accept.find("*/*") != std::string_view::npos ||
                      accept.find("eventstream") != std::string_view::npos;
    if (!fine)
        throw validation_error(
            fmt::format("The model cannot answer in {}. Accept application/json.", accept));
}

void refuse_guardrails(const Json& input) {
    for (const char* name : {"guardrailIdentifier", "guardrailVersion"}) {
        if (!text_member(input, name).empty())
            throw not_supported("Guardrails on InvokeModel are not supported yet by the emulator.");
    }
}

/// The chat messages of OpenAI's form, or the first text that looks like a prompt.
Json guessed_terms(const Json& body) {
    Json converse = {{"messages", Json::array()}};
    for (const Json& message : rules::elements(body, "messages")) {
        Json content = Json::array();
        if (const Json* text = member(message, "content"); text != nullptr && text->is_string())
            content.push_back({{"text", *text}});
        for (const Json& part : rules::elements(message, "content")) {
            if (member(part, "text") != nullptr) content.push_back({{"text", text_member(part, "text")}});
        }
        if (text_member(message, "role") == "system") {
            converse["system"] = std::move(content);
        } else {
            converse["messages"].push_back(
                {{"role", text_member(message, "role")}, {"content", std::move(content)}});
        }
    }
    if (!converse["messages"].empty()) return converse;
    for (const char* name : {"prompt", "message", "inputText", "inputPrompt", "query"}) {
        if (!text_member(body, name).empty()) return one_user_message(text_member(body, name));
    }
    return converse;
}

}  // namespace

CatalogueModel find_model(const ModelCatalogue& catalogue, const Call& call, UnknownModels unknown) {
    auto model = catalogue.find(call.caller, call.model_id);
    if (!model && unknown == UnknownModels::reject) throw unknown_model();
    if (!model) return assumed_model(call);
    if (!model->on_demand && model->invoked_through.empty()) throw profile_needed(call.model_id);
    return std::move(*model);
}

void read_settings(Call& call) {
    call.metadata = metadata_of(call.input);
    if (call.native) {
        call.extras.performance = text_member(call.input, "performanceConfigLatency");
        call.extras.tier = text_member(call.input, "serviceTier");
        return;
    }
    if (const Json* config = member(call.input, "performanceConfig"))
        call.extras.performance = text_member(*config, "latency");
    if (const Json* tier = member(call.input, "serviceTier")) call.extras.tier = text_member(*tier, "type");
}

void take_terms(Call& call, const Family& family) {
    refuse_guardrails(call.input);
    call.native_converse = family.to_converse(call.body);
    if (family.check_door != nullptr)
        family.check_door(call.body, {call.operation, call.streamed, call.model_id, call.foundation_id()});
    const Json* tier = member(call.native_converse, "serviceTier");
    if (tier != nullptr && call.extras.tier.empty()) call.extras.tier = text_member(*tier, "type");
}

const Family* read_native(Call& call) {
    check_accept(text_member(call.input, "accept"));
    auto body = parse_json(call.raw_body());
    if (!body) throw malformed_request();
    call.body = std::move(*body);
    const Family* family = find_family(call.foundation_id(), call.body);
    if (family != nullptr) {
        take_terms(call, *family);
    } else {
        refuse_guardrails(call.input);
        call.native_converse = guessed_terms(call.body);
    }
    return family;
}

}  // namespace rockwatch::bedrock_runtime
