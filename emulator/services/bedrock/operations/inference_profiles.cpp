#include <fmt/format.h>

#include <algorithm>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/bedrock/errors.hpp"
#include "services/bedrock/operations/operations.hpp"

namespace rockwatch::bedrock {

namespace {

/// us-east-1, us-east-2 and us-west-2
std::string enumeration(std::vector<std::string> regions) {
    if (regions.size() < 2) return join(regions, "");
    const std::string last = std::move(regions.back());
    regions.pop_back();
    return join(regions, ", ") + " and " + last;
}

Json models_json(const InferenceProfile& profile, const Caller& caller) {
    const std::string& id = profile.model->model_id;
    Json models = Json::array();
    if (profile.destinations.empty()) {  // global: the empty region stands for everywhere
        models.push_back({{"modelArn", model_arn("", id)}});
        models.push_back({{"modelArn", model_arn(caller.region, id)}});
    }
    for (const std::string& region : profile.destinations)
        models.push_back({{"modelArn", model_arn(region, id)}});
    return models;
}

std::string description_of(const InferenceProfile& profile) {
    if (profile.destinations.empty()) {
        return fmt::format("Routes requests to {} globally across all supported AWS Regions.",
                           profile.model->name);
    }
    return fmt::format("Routes requests to {} in {}.", profile.model->name,
                       enumeration(profile.destinations));
}

Json profile_json(const InferenceProfile& profile, const Caller& caller) {
    return {{"inferenceProfileName", profile.name},
            {"description", description_of(profile)},
            {"createdAt", epoch_ms(profile.created)},
            {"updatedAt", epoch_ms(profile.created)},
            {"inferenceProfileArn", profile_arn(caller, profile.id)},
            {"models", models_json(profile, caller)},
            {"inferenceProfileId", profile.id},
            {"status", "ACTIVE"},
            {"type", "SYSTEM_DEFINED"}};
}

/// What a page starts after; empty for the first.
std::string start_after(const Catalogue& catalogue, const Json& input) {
    const std::string token = text_or_empty(input, "nextToken");
    std::string id;
    if (token.empty()) return id;
    if (!base64_decode(token, id) || catalogue.profile(id) == nullptr) throw invalid_next_token();
    return id;
}

}  // namespace

Json list_inference_profiles(Read& bedrock, const Caller& caller, const Json& input) {
    // Application profiles cannot be made here yet (CreateInferenceProfile answers 501), so there are none.
    if (text_or_empty(input, "typeEquals") == "APPLICATION")
        return {{"inferenceProfileSummaries", Json::array()}};

    std::vector<const InferenceProfile*> offered;
    for (const InferenceProfile& profile : bedrock.catalogue.profiles()) {
        if (offered_in(profile, caller.region)) offered.push_back(&profile);
    }
    const std::string after = start_after(bedrock.catalogue, input);
    auto next = offered.begin();
    if (!after.empty()) {
        next = std::find_if(offered.begin(), offered.end(),
                            [&](const auto* profile) { return profile->id == after; });
        if (next == offered.end()) throw invalid_next_token();
        ++next;
    }

    const auto page_size = static_cast<std::size_t>(value_or(input, "maxResults", 1000));
    Json summaries = Json::array();
    for (; next != offered.end() && summaries.size() < page_size; ++next) {
        summaries.push_back(profile_json(**next, caller));
    }
    Json output{{"inferenceProfileSummaries", std::move(summaries)}};
    if (next != offered.end()) output["nextToken"] = base64_encode((*std::prev(next))->id);
    return output;
}

Json get_inference_profile(Read& bedrock, const Caller& caller, const Json& input) {
    const std::string& identifier = input.at("inferenceProfileIdentifier").get_ref<const std::string&>();
    const auto arn = parse_arn(identifier);
    const std::string_view id = std::string_view(identifier).substr(arn ? identifier.rfind('/') + 1 : 0);
    const InferenceProfile* profile = bedrock.catalogue.profile(id);
    if (profile == nullptr || (arn && identifier != profile_arn(caller, id))) {
        throw no_such_inference_profile(identifier);
    }
    return profile_json(*profile, caller);
}

}  // namespace rockwatch::bedrock
