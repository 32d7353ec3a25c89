#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "services/ports.hpp"

namespace rockwatch::bedrock {

/// A foundation model as fixtures/models.json tells it.
struct FoundationModel {
    std::string model_id;
    std::string name;
    std::string provider_name;
    std::vector<std::string> input_modalities;
    std::vector<std::string> output_modalities;
    std::vector<std::string> customizations;
    std::vector<std::string> inference_types;
    std::vector<std::string> on_demand_regions;  ///< empty: everywhere
    std::optional<bool> streaming;               ///< nullopt: AWS does not say (models that answer no text)
    bool listed = true;    ///< false: served by AWS through its OpenAI-compatible endpoint alone
    bool retired = false;  ///< end of life on a day we do not know
    bool legacy = false;
    std::optional<Instant> legacy_time;
    std::optional<Instant> public_extended_access_time;
    std::optional<Instant> end_of_life_time;

    bool has_inference_type(std::string_view type) const;
    /// May be called by its bare id from `region`.
    bool on_demand_in(std::string_view region) const;
    bool end_of_life_at(Instant now) const {
        return retired || (end_of_life_time && *end_of_life_time <= now);
    }
};

/// A system-defined inference profile.
struct InferenceProfile {
    std::string id;
    std::string name;
    const FoundationModel* model = nullptr;
    std::string geography;                  ///< us, eu, apac, global
    std::vector<std::string> destinations;  ///< regions; empty for global
    Instant created;
};

/// The models and system inference profiles of fixtures/models.json. Immutable.
class Catalogue {
public:
    /// `text` has the form of fixtures/models.json; what breaks it throws.
    explicit Catalogue(std::string_view text);
    Catalogue(const Catalogue&) = delete;
    Catalogue& operator=(const Catalogue&) = delete;

    const std::vector<FoundationModel>& models() const { return models_; }
    const std::vector<InferenceProfile>& profiles() const { return profiles_; }

    /// nullptr when there is none of that id.
    const FoundationModel* model(std::string_view id) const;
    const InferenceProfile* profile(std::string_view id) const;

    /// What a client calls a model: its id or ARN, or a system inference profile's id or ARN.
    ///
    /// Chosen: a model past its end of life is found all the same. AWS answers 404 for it, but tests and
    /// courses pin models for years; `end_of_life` lets the caller tell. Chosen: the region and account
    /// inside an ARN, and the geography of a profile, need not be the caller's: one emulator stands for all
    /// regions.
    std::optional<CatalogueModel> find(const Owner& owner, std::string_view identifier, Instant now) const;

    /// Ids that can be called from `region`: models on demand, then profiles of its geographies.
    std::vector<std::string> callable(std::string_view region) const;

private:
    void read_models(const Json& models);
    void read_profiles(const Json& root);

    std::vector<FoundationModel> models_;
    std::vector<InferenceProfile> profiles_;
    std::unordered_map<std::string_view, const FoundationModel*> model_by_id_;
    std::unordered_map<std::string_view, const InferenceProfile*> profile_by_id_;
};

/// fixtures/models.json as it was when the program was built.
std::string_view built_in_models();

/// The geography whose profiles a region is offered: us for us-east-1; nullopt when there is none.
bool offered_in(const InferenceProfile& profile, std::string_view region);

/// arn:aws:bedrock:us-east-1::foundation-model/…, in the partition of the region (aws-us-gov, aws-cn).
/// An empty region stands for all, as in global profiles.
std::string model_arn(std::string_view region, std::string_view model_id);
std::string profile_arn(const Owner& owner, std::string_view profile_id);

}  // namespace rockwatch::bedrock
