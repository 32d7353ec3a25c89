#include <algorithm>

#include "core/text.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/operations/operations.hpp"

namespace rockwatch::iam {

namespace {

constexpr std::ptrdiff_t trust_policy_size_max = 2048;  // without white space

std::string checked_trust_policy(const Json& document) {
    std::string text = checked_policy(document, PolicyKind::trust);
    const auto size = std::count_if(text.begin(), text.end(), [](char letter) {
        return letter != ' ' && letter != '\t' && letter != '\n' && letter != '\r';
    });
    if (size > trust_policy_size_max) throw limit_exceeded("Cannot exceed quota for ACLSizePerRole: 2048");
    return text;
}

Json role_json(const Role& role) {
    Json json{{"Path", role.path},
              {"RoleName", role.name},
              {"RoleId", role.role_id},
              {"Arn", role.arn()},
              {"CreateDate", date_ms(role.created)},
              {"AssumeRolePolicyDocument", percent_encode(role.trust_policy)},
              {"MaxSessionDuration", role.max_session_seconds}};
    if (role.description) json["Description"] = *role.description;
    return json;
}

/// As CreateRole and GetRole answer it; lists leave the tags out.
Json role_json(const Role& role, TagReader& tags) {
    Json json = role_json(role);
    Json tag_list = tags_json(tags, role.arn());
    if (!tag_list.empty()) json["Tags"] = std::move(tag_list);
    return json;
}

std::optional<std::string> optional_text(const Json& input, std::string_view member) {
    const auto found = input.find(member);
    if (found == input.end()) return std::nullopt;
    return found->get<std::string>();
}

}  // namespace

Role existing_role(RoleReader& roles, const Caller& caller, const Json& input) {
    const std::string name = input.at("RoleName");
    auto role = roles.find({caller.account, name});
    if (!role) throw no_such_role(name);
    return std::move(*role);
}

std::string checked_policy(const Json& document, PolicyKind kind) {
    std::string text = document.get<std::string>();
    if (auto fault = policy_fault(text, kind)) throw malformed_policy(std::move(*fault));
    return text;
}

Json create_role(Write& iam, const Caller& caller, const Json& input) {
    if (input.contains("PermissionsBoundary")) throw permissions_boundary_not_supported();
    const Role role{.account = caller.account,
                    .name = input.at("RoleName"),
                    .path = value_or(input, "Path", std::string("/")),
                    .role_id = new_id(iam.random, "AROA"),
                    .created = iam.now,
                    .trust_policy = checked_trust_policy(input.at("AssumeRolePolicyDocument")),
                    .description = optional_text(input, "Description"),
                    .max_session_seconds = value_or(input, "MaxSessionDuration", 3600)};
    if (!iam.roles.create(role)) throw role_exists(role.name);
    put_tags(iam.tags, role.arn(), input);
    return {{"Role", role_json(role, iam.tags)}};
}

Json get_role(Read& iam, const Caller& caller, const Json& input) {
    Json role = role_json(existing_role(iam.roles, caller, input), iam.tags);
    role["RoleLastUsed"] = Json::object();
    return {{"Role", std::move(role)}};
}

Json list_roles(Read& iam, const Caller& caller, const Json& input) {
    std::vector<Listed> roles;
    for (const Role& role : iam.roles.list(caller.account, text_or_empty(input, "PathPrefix"))) {
        roles.emplace_back(role.name, role_json(role));
    }
    return page_of("Roles", std::move(roles), input);
}

Json update_role(Write& iam, const Caller& caller, const Json& input) {
    Role role = existing_role(iam.roles, caller, input);
    if (input.contains("Description")) role.description = optional_text(input, "Description");
    role.max_session_seconds = value_or(input, "MaxSessionDuration", role.max_session_seconds);
    iam.roles.update(role);
    return Json::object();
}

Json update_assume_role_policy(Write& iam, const Caller& caller, const Json& input) {
    Role role = existing_role(iam.roles, caller, input);
    role.trust_policy = checked_trust_policy(input.at("PolicyDocument"));
    iam.roles.update(role);
    return Json::object();
}

Json delete_role(Write& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    if (!iam.roles.attached_policies(role.key()).empty()) throw role_has_attached_policies();
    if (!iam.roles.inline_policy_names(role.key()).empty()) throw role_has_policies();
    iam.roles.remove(role.key());
    iam.tags.remove_all_of(role.arn());
    return Json::object();
}

Json list_instance_profiles_for_role(Read& iam, const Caller& caller, const Json& input) {
    existing_role(iam.roles, caller, input);
    return page_of("InstanceProfiles", {}, input);  // there are no instances, so a role is in none
}

}  // namespace rockwatch::iam
