#include <numeric>

#include "core/text.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/operations/operations.hpp"

namespace rockwatch::iam {

namespace {

constexpr std::size_t attached_policies_max = 10;
constexpr std::size_t inline_policies_size_max = 10240;  // of all inline policies of a role together

}  // namespace

Json put_role_policy(Write& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    iam.roles.put_inline_policy(
        role.key(), {.name = input.at("PolicyName"),
                     .document = checked_policy(input.at("PolicyDocument"), PolicyKind::permission)});
    const auto documents = iam.roles.inline_documents(role.key());
    const auto size =
        std::accumulate(documents.begin(), documents.end(), std::size_t{0},
                        [](std::size_t sum, const std::string& text) { return sum + text.size(); });
    if (size > inline_policies_size_max) {
        throw limit_exceeded(
            fmt::format("Maximum policy size of 10240 bytes exceeded for role {}", role.name));
    }
    return Json::object();
}

Json get_role_policy(Read& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    const std::string name = input.at("PolicyName");
    const auto document = iam.roles.inline_policy(role.key(), name);
    if (!document) throw no_such_role_policy(name);
    return {{"RoleName", role.name}, {"PolicyName", name}, {"PolicyDocument", percent_encode(*document)}};
}

Json list_role_policies(Read& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    std::vector<Listed> names;
    for (const std::string& name : iam.roles.inline_policy_names(role.key())) names.emplace_back(name, name);
    return page_of("PolicyNames", std::move(names), input);
}

Json delete_role_policy(Write& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    const std::string name = input.at("PolicyName");
    if (!iam.roles.remove_inline_policy(role.key(), name)) throw no_such_role_policy(name);
    return Json::object();
}

Json attach_role_policy(Write& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    const std::string arn = input.at("PolicyArn");
    if (!iam.policies.find(caller.account, arn)) throw policy_not_attachable(arn);
    iam.roles.attach(role.key(), arn);
    if (iam.roles.attached_policies(role.key()).size() > attached_policies_max) {
        throw limit_exceeded("Cannot exceed quota for PoliciesPerRole: 10");
    }
    return Json::object();
}

Json detach_role_policy(Write& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    const std::string arn = input.at("PolicyArn");
    if (!iam.roles.detach(role.key(), arn)) throw no_such_policy(arn);
    return Json::object();
}

Json list_attached_role_policies(Read& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    const std::string prefix = text_or_empty(input, "PathPrefix");
    std::vector<Listed> attached;
    for (const std::string& arn : iam.roles.attached_policies(role.key())) {
        const auto policy = iam.policies.find(role.account, arn);
        if (!policy || !policy->path.starts_with(prefix)) continue;
        attached.emplace_back(arn, Json{{"PolicyName", policy->name}, {"PolicyArn", arn}});
    }
    return page_of("AttachedPolicies", std::move(attached), input);
}

}  // namespace rockwatch::iam
