#include <algorithm>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/bedrock/errors.hpp"
#include "services/bedrock/operations/operations.hpp"

namespace rockwatch::bedrock {

namespace {

Json lifecycle_json(const FoundationModel& model) {
    Json lifecycle{{"status", model.legacy ? "LEGACY" : "ACTIVE"}};
    const auto add = [&](const char* member, const std::optional<Instant>& time) {
        if (time) lifecycle[member] = epoch_ms(*time);
    };
    add("legacyTime", model.legacy_time);
    add("publicExtendedAccessTime", model.public_extended_access_time);
    add("endOfLifeTime", model.end_of_life_time);
    return lifecycle;
}

/// FoundationModelSummary and FoundationModelDetails have the same members.
Json model_json(const FoundationModel& model, std::string_view region) {
    Json json{{"modelArn", model_arn(region, model.model_id)},
              {"modelId", model.model_id},
              {"modelName", model.name},
              {"providerName", model.provider_name},
              {"inputModalities", model.input_modalities},
              {"outputModalities", model.output_modalities},
              {"customizationsSupported", model.customizations},
              {"inferenceTypesSupported", model.inference_types},
              {"modelLifecycle", lifecycle_json(model)}};
    if (model.streaming) json["responseStreamingSupported"] = *model.streaming;
    return json;
}

bool has_wanted(const std::vector<std::string>& offered, const std::string& wanted) {
    return wanted.empty() || std::find(offered.begin(), offered.end(), wanted) != offered.end();
}

const FoundationModel* listed_model(const Catalogue& catalogue, std::string_view id) {
    const FoundationModel* model = catalogue.model(id);
    return model != nullptr && model->listed ? model : nullptr;
}

/// The model that an id or an ARN of the caller's region names.
const FoundationModel& named_model(const Catalogue& catalogue, const Caller& caller,
                                   const std::string& identifier) {
    if (const FoundationModel* model = listed_model(catalogue, identifier)) return *model;
    if (!identifier.starts_with("arn:")) throw invalid_model_identifier();
    const std::string_view id = std::string_view(identifier).substr(identifier.rfind('/') + 1);
    const FoundationModel* model = listed_model(catalogue, id);
    if (model == nullptr || identifier != model_arn(caller.region, id)) throw no_such_model();
    return *model;
}

}  // namespace

Json list_foundation_models(Read& bedrock, const Caller& caller, const Json& input) {
    const std::string provider = text_or_empty(input, "byProvider");
    const std::string customization = text_or_empty(input, "byCustomizationType");
    const std::string output_modality = text_or_empty(input, "byOutputModality");
    const std::string inference_type = text_or_empty(input, "byInferenceType");

    Json summaries = Json::array();
    for (const FoundationModel& model : bedrock.catalogue.models()) {
        const bool wanted = model.listed &&
                            (provider.empty() || equal_ignoring_case(model.provider_name, provider)) &&
                            has_wanted(model.customizations, customization) &&
                            has_wanted(model.output_modalities, output_modality) &&
                            has_wanted(model.inference_types, inference_type);
        if (wanted) summaries.push_back(model_json(model, caller.region));
    }
    return {{"modelSummaries", std::move(summaries)}};
}

Json get_foundation_model(Read& bedrock, const Caller& caller, const Json& input) {
    const FoundationModel& model = named_model(bedrock.catalogue, caller, input.at("modelIdentifier"));
    return {{"modelDetails", model_json(model, caller.region)}};
}

Json get_foundation_model_availability(Read& bedrock, const Caller& /*caller*/, const Json& input) {
    const FoundationModel* model =
        listed_model(bedrock.catalogue, input.at("modelId").get_ref<const std::string&>());
    if (model == nullptr) throw invalid_model_identifier();
    // There is no marketplace to agree with here: what is in the catalogue may be called.
    return {{"modelId", model->model_id},
            {"agreementAvailability", {{"status", "AVAILABLE"}}},
            {"authorizationStatus", "AUTHORIZED"},
            {"entitlementAvailability", "AVAILABLE"},
            {"regionAvailability", "AVAILABLE"}};
}

}  // namespace rockwatch::bedrock
