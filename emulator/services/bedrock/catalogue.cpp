#include "services/bedrock/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/arn.hpp"
#include "core/embedded.hpp"
#include "core/error.hpp"
#include "core/text_time.hpp"

namespace rockwatch {
std::span<const EmbeddedFile> model_catalogue_files();
}

namespace rockwatch::bedrock {

namespace {

std::vector<std::string> texts(const Json& object, std::string_view member) {
    return value_or(object, member, std::vector<std::string>{});
}

std::optional<Instant> time_of(const Json& object, std::string_view member) {
    const std::string text = text_or_empty(object, member);
    if (text.empty()) return std::nullopt;
    const auto instant = parse_iso(text);
    ensure(instant.has_value(), "the times of models.json are ISO 8601");
    return instant;
}

FoundationModel read_model(const Json& json) {
    const Json& lifecycle = json.at("modelLifecycle");
    FoundationModel model{.model_id = json.at("modelId"),
                          .name = json.at("modelName"),
                          .provider_name = json.at("providerName"),
                          .input_modalities = texts(json, "inputModalities"),
                          .output_modalities = texts(json, "outputModalities"),
                          .customizations = texts(json, "customizationsSupported"),
                          .inference_types = texts(json, "inferenceTypesSupported"),
                          .on_demand_regions = texts(json, "onDemandRegions"),
                          .listed = value_or(json, "listed", true),
                          .retired = value_or(json, "retired", false),
                          .legacy = lifecycle.at("status") == "LEGACY",
                          .legacy_time = time_of(lifecycle, "legacyTime"),
                          .public_extended_access_time = time_of(lifecycle, "publicExtendedAccessTime"),
                          .end_of_life_time = time_of(lifecycle, "endOfLifeTime")};
    if (json.contains("responseStreamingSupported"))
        model.streaming = json["responseStreamingSupported"].get<bool>();
    return model;
}

bool contains(const std::vector<std::string>& texts, std::string_view wanted) {
    return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

std::string_view partition_of(std::string_view region) {
    if (region.starts_with("us-gov-")) return "aws-us-gov";
    if (region.starts_with("cn-")) return "aws-cn";
    return "aws";
}

/// The part of an ARN that names the model or profile; an id stays what it is. Empty: an ARN of something
/// else.
std::string_view id_of(std::string_view identifier) {
    if (!identifier.starts_with("arn:")) return identifier;
    const auto arn = parse_arn(identifier);
    if (!arn || arn->service != "bedrock") return {};
    for (const std::string_view kind : {"foundation-model/", "inference-profile/"}) {
        if (arn->resource.starts_with(kind)) {
            return identifier.substr(identifier.size() - arn->resource.size() + kind.size());
        }
    }
    return {};
}

/// Where a profile's call is served. Chosen: at home when the profile reaches there, else its first region;
/// AWS spreads the calls by load.
std::string served_in(const InferenceProfile& profile, const std::string& region) {
    if (profile.destinations.empty() || contains(profile.destinations, region)) return region;
    return profile.destinations.front();
}

}  // namespace

bool FoundationModel::has_inference_type(std::string_view type) const {
    return contains(inference_types, type);
}

bool FoundationModel::on_demand_in(std::string_view region) const {
    if (!listed) return true;
    return has_inference_type("ON_DEMAND") &&
           (on_demand_regions.empty() || contains(on_demand_regions, region));
}

Catalogue::Catalogue(std::string_view text) {
    const auto root = parse_json(text);
    ensure(root.has_value() && root->is_object(), "models.json is a JSON object");
    read_models(root->at("models"));
    read_profiles(*root);
}

void Catalogue::read_models(const Json& models) {
    models_.reserve(models.size());
    for (const Json& model : models) models_.push_back(read_model(model));
    for (const FoundationModel& model : models_) {
        ensure(model_by_id_.emplace(model.model_id, &model).second,
               "each model of models.json stands there once");
    }
}

void Catalogue::read_profiles(const Json& root) {
    const auto created = time_of(root, "profilesCreatedAt");
    ensure(created.has_value(), "models.json says when its profiles were created");
    const Json& geographies = root.at("geographies");
    for (const Json& json : root.at("inferenceProfiles")) {
        InferenceProfile profile{.id = json.at("inferenceProfileId"),
                                 .name = json.at("inferenceProfileName"),
                                 .model = model(json.at("modelId").get_ref<const std::string&>()),
                                 .geography = json.at("geography"),
                                 .created = *created};
        ensure(profile.model != nullptr, "each profile of models.json leads to a model");
        profile.destinations = geographies.at(profile.geography).get<std::vector<std::string>>();
        profiles_.push_back(std::move(profile));
    }
    for (const InferenceProfile& profile : profiles_) {
        ensure(profile_by_id_.emplace(profile.id, &profile).second,
               "each profile of models.json stands there once");
    }
}

const FoundationModel* Catalogue::model(std::string_view id) const {
    const auto found = model_by_id_.find(id);
    return found == model_by_id_.end() ? nullptr : found->second;
}

const InferenceProfile* Catalogue::profile(std::string_view id) const {
    const auto found = profile_by_id_.find(id);
    return found == profile_by_id_.end() ? nullptr : found->second;
}

std::optional<CatalogueModel> Catalogue::find(const Owner& owner, std::string_view identifier,
                                              Instant now) const {
    const std::string_view id = id_of(identifier);
    const FoundationModel* model = this->model(id);
    const InferenceProfile* profile = model == nullptr ? this->profile(id) : nullptr;
    if (profile != nullptr) model = profile->model;
    if (model == nullptr) return std::nullopt;
    return CatalogueModel{
        .model_id = model->model_id,
        .provider_name = model->provider_name,
        .name = model->name,
        .input_modalities = model->input_modalities,
        .output_modalities = model->output_modalities,
        .streaming = model->streaming.value_or(false),
        .on_demand = model->on_demand_in(owner.region),
        .legacy = model->legacy,
        .end_of_life = model->end_of_life_at(now),
        .invoked_through = profile != nullptr ? served_in(*profile, owner.region) : std::string()};
}

std::vector<std::string> Catalogue::callable(std::string_view region) const {
    std::vector<std::string> ids;
    for (const FoundationModel& model : models_) {
        if (model.on_demand_in(region)) ids.push_back(model.model_id);
    }
    for (const InferenceProfile& profile : profiles_) {
        if (offered_in(profile, region)) ids.push_back(profile.id);
    }
    return ids;
}

std::string_view built_in_models() { return model_catalogue_files().front().bytes; }

bool offered_in(const InferenceProfile& profile, std::string_view region) {
    return profile.destinations.empty() ? !region.starts_with("us-gov-")
                                        : contains(profile.destinations, region);
}

std::string model_arn(std::string_view region, std::string_view model_id) {
    return fmt::format("arn:{}:bedrock:{}::foundation-model/{}", partition_of(region), region, model_id);
}

std::string profile_arn(const Owner& owner, std::string_view profile_id) {
    return fmt::format("arn:{}:bedrock:{}:{}:inference-profile/{}", partition_of(owner.region), owner.region,
                       owner.account, profile_id);
}

}  // namespace rockwatch::bedrock
