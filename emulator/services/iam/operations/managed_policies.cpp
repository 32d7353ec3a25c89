#include "services/iam/managed_policies.hpp"

#include <algorithm>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/operations/operations.hpp"

namespace rockwatch::iam {

namespace {

constexpr std::ptrdiff_t policy_size_max = 6144;  // without white space
constexpr const char* only_version = "v1";        // CreatePolicyVersion is not supported

/// The policy that PolicyArn names. Throws NoSuchEntity, or InvalidInput when it is no policy's ARN.
Policy existing_policy(PolicyReader& policies, const Caller& caller, const std::string& arn) {
    const auto parsed = parse_arn(arn);
    if (!parsed || parsed->service != "iam" || !parsed->resource.starts_with("policy/")) {
        throw invalid_input(fmt::format("ARN {} is not valid.", arn));
    }
    auto policy = policies.find(caller.account, arn);
    if (!policy) throw no_such_policy(arn);
    return std::move(*policy);
}

/// As ListPolicies answers it; descriptions and tags come with GetPolicy alone.
Json policy_json(const Policy& policy, PolicyReader& policies, const std::string& account) {
    return {{"PolicyName", policy.name},
            {"PolicyId", policy.policy_id},
            {"Arn", policy.arn()},
            {"Path", policy.path},
            {"DefaultVersionId", only_version},
            {"AttachmentCount", policies.attachment_count(account, policy.arn())},
            {"PermissionsBoundaryUsageCount", 0},
            {"IsAttachable", true},
            {"CreateDate", date_ms(policy.created)},
            {"UpdateDate", date_ms(policy.created)}};
}

Json version_json(const Policy& policy) {
    return {{"VersionId", only_version}, {"IsDefaultVersion", true}, {"CreateDate", date_ms(policy.created)}};
}

void check_size(const std::string& document) {
    const auto size = std::count_if(document.begin(), document.end(), [](char letter) {
        return letter != ' ' && letter != '\t' && letter != '\n' && letter != '\r';
    });
    if (size > policy_size_max) throw limit_exceeded("Cannot exceed quota for PolicySize: 6144");
}

}  // namespace

Json create_policy(Write& iam, const Caller& caller, const Json& input) {
    Policy policy{.account = caller.account,
                  .name = input.at("PolicyName"),
                  .path = value_or(input, "Path", std::string("/")),
                  .policy_id = new_id(iam.random, "ANPA"),
                  .created = iam.now,
                  .document = checked_policy(input.at("PolicyDocument"), PolicyKind::permission)};
    if (input.contains("Description")) policy.description = input["Description"].get<std::string>();
    check_size(policy.document);
    if (!iam.policies.create(policy)) throw policy_exists(policy.name);
    put_tags(iam.tags, policy.arn(), input);
    Json json = policy_json(policy, iam.policies, caller.account);
    Json tags = tags_json(iam.tags, policy.arn());
    if (!tags.empty()) json["Tags"] = std::move(tags);
    return {{"Policy", std::move(json)}};
}

Json get_policy(Read& iam, const Caller& caller, const Json& input) {
    const Policy policy = existing_policy(iam.policies, caller, input.at("PolicyArn"));
    Json json = policy_json(policy, iam.policies, caller.account);
    if (policy.description) json["Description"] = *policy.description;
    json["Tags"] = tags_json(iam.tags, policy.arn());
    return {{"Policy", std::move(json)}};
}

Json get_policy_version(Read& iam, const Caller& caller, const Json& input) {
    const Policy policy = existing_policy(iam.policies, caller, input.at("PolicyArn"));
    const std::string version = input.at("VersionId");
    if (version != only_version) throw no_such_policy_version(policy.arn(), version);
    Json json = version_json(policy);
    json["Document"] = percent_encode(policy.document);
    return {{"PolicyVersion", std::move(json)}};
}

Json list_policy_versions(Read& iam, const Caller& caller, const Json& input) {
    const Policy policy = existing_policy(iam.policies, caller, input.at("PolicyArn"));
    std::vector<Listed> versions;
    versions.emplace_back(only_version, version_json(policy));
    return page_of("Versions", std::move(versions), input);
}

Json list_policies(Read& iam, const Caller& caller, const Json& input) {
    const std::string scope = value_or(input, "Scope", std::string("All"));
    const std::string prefix = text_or_empty(input, "PathPrefix");
    const bool only_attached = value_or(input, "OnlyAttached", false);
    const bool as_boundary = text_or_empty(input, "PolicyUsageFilter") == "PermissionsBoundary";

    std::vector<Policy> candidates;
    if (scope != "AWS" && !as_boundary) candidates = iam.policies.list(caller.account);
    if (scope != "Local" && !as_boundary) {
        for (const ManagedPolicy& managed : managed_policies()) candidates.push_back(as_policy(managed));
    }
    std::vector<Listed> policies;
    for (const Policy& policy : candidates) {
        if (!policy.path.starts_with(prefix)) continue;
        Json json = policy_json(policy, iam.policies, caller.account);
        if (only_attached && json["AttachmentCount"] == 0) continue;
        policies.emplace_back(policy.arn(), std::move(json));
    }
    std::sort(policies.begin(), policies.end(),
              [](const Listed& a, const Listed& b) { return a.first < b.first; });
    return page_of("Policies", std::move(policies), input);
}

Json delete_policy(Write& iam, const Caller& caller, const Json& input) {
    const Policy policy = existing_policy(iam.policies, caller, input.at("PolicyArn"));
    if (policy.account != caller.account)
        throw not_yours(caller.principal_arn, "DeletePolicy", "policy " + policy.arn());
    if (iam.policies.attachment_count(caller.account, policy.arn()) > 0) throw policy_is_attached();
    iam.policies.remove({policy.account, policy.name});
    iam.tags.remove_all_of(policy.arn());
    return Json::object();
}

}  // namespace rockwatch::iam
