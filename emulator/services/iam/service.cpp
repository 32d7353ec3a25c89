#include "services/iam/service.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/arn.hpp"
#include "core/log.hpp"
#include "services/iam/operations/operations.hpp"
#include "services/iam/policy.hpp"
#include "services/iam/role_judge.hpp"

namespace rockwatch::iam {

namespace {

constexpr Operation<Read, Write> table[] = {
    {"CreateRole", create_role},
    {"GetRole", get_role},
    {"ListRoles", list_roles},
    {"UpdateRole", update_role},
    {"UpdateAssumeRolePolicy", update_assume_role_policy},
    {"DeleteRole", delete_role},
    {"PutRolePolicy", put_role_policy},
    {"GetRolePolicy", get_role_policy},
    {"ListRolePolicies", list_role_policies},
    {"DeleteRolePolicy", delete_role_policy},
    {"CreatePolicy", create_policy},
    {"GetPolicy", get_policy},
    {"GetPolicyVersion", get_policy_version},
    {"ListPolicies", list_policies},
    {"ListPolicyVersions", list_policy_versions},
    {"DeletePolicy", delete_policy},
    {"AttachRolePolicy", attach_role_policy},
    {"DetachRolePolicy", detach_role_policy},
    {"ListAttachedRolePolicies", list_attached_role_policies},
    {"ListInstanceProfilesForRole", list_instance_profiles_for_role},
    {"TagRole", tag_role},
    {"UntagRole", untag_role},
    {"ListRoleTags", list_role_tags},
};

/// The role that an ARN names: same account, path and name.
std::optional<Role> find_role(Database& database, std::string_view role_arn) {
    const auto arn = parse_arn(role_arn);
    if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/")) return std::nullopt;
    const EntityKey key{arn->account, arn->resource.substr(arn->resource.rfind('/') + 1)};
    auto role = RoleReader(database).find(key);
    if (role && parse_arn(role->arn())->resource != arn->resource) return std::nullopt;
    return role;
}

RoleDocuments documents_of(Database& database, const Role& role) {
    RoleReader roles(database);
    PolicyReader policies(database);
    RoleDocuments documents{role.name, role.trust_policy, roles.inline_documents(role.key())};
    for (const std::string& arn : roles.attached_policies(role.key())) {
        if (const auto policy = policies.find(role.account, arn)) {
            documents.permission_policies.push_back(policy->document);
        }
    }
    return documents;
}

}  // namespace

Iam::Iam(Storage& /*storage*/, const Clock& /*clock*/, Random& random, IamMode mode)
    : TableService(table), random_(random), mode_(mode) {}

std::optional<std::string> Iam::refusal(Database& database, const RoleUse& use) {
    const auto role = find_role(database, use.role_arn);
    if (role && (mode_ == IamMode::lenient || role->account == use.owner.account)) {
        return refusal_of(documents_of(database, *role), use);
    }
    if (mode_ == IamMode::strict) {
        return role ? fmt::format("The role {} belongs to another account than {}.", use.role_arn,
                                  use.owner.account)
                    : fmt::format("The role {} does not exist.", use.role_arn);
    }
    if (!use.is_repeated) {
        spdlog::warn("{} uses the role {}, which nobody made: accepted (--iam strict would refuse it)",
                     use.service, log_safe(use.role_arn));
    }
    return std::nullopt;
}

std::optional<AssumableRole> Iam::assumable(Database& database, const RoleAssumption& assumption) {
    const auto role = find_role(database, assumption.role_arn);
    if (!role) {
        if (mode_ == IamMode::strict) return std::nullopt;
        spdlog::warn("{} assumes the role {}, which nobody made: accepted (--iam strict would refuse it)",
                     log_safe(assumption.principal_arn), log_safe(assumption.role_arn));
        return AssumableRole{.role_id = new_id(random_, "AROA")};
    }
    Context context{{"aws:principalarn", assumption.principal_arn},
                    {"sts:rolesessionname", assumption.session_name}};
    if (const auto principal = parse_arn(assumption.principal_arn)) {
        context.emplace("aws:principalaccount", principal->account);
    }
    if (!assumption.external_id.empty()) context.emplace("sts:externalid", assumption.external_id);
    const auto policy = parse_json(role->trust_policy);
    const Principal caller{Principal::Kind::aws, assumption.principal_arn};
    if (!policy || judge_trust(*policy, caller, "sts:AssumeRole", context).judgement != Judgement::allowed) {
        return std::nullopt;
    }
    return AssumableRole{role->role_id, role->max_session_seconds};
}

void Iam::reset(Database& database) {
    RoleWriter(database).remove_all();
    PolicyWriter(database).remove_all();
    TagWriter(database).remove_all();
}

Read Iam::reading(Database& database, Instant /*now*/) {
    return {RoleReader(database), PolicyReader(database), TagReader(database)};
}

Write Iam::writing(Database& database, Instant now) {
    return {RoleWriter(database), PolicyWriter(database), TagWriter(database), random_, now};
}

}  // namespace rockwatch::iam
