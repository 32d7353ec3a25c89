#include "services/iam/policy_grammar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/arn.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace rockwatch::iam {

namespace {

using Fault = std::optional<std::string>;

constexpr const char* syntax_errors = "Syntax errors in policy.";

bool has_only(const Json& object, std::initializer_list<std::string_view> members) {
    for (auto item = object.begin(); item != object.end(); ++item) {
        if (std::find(members.begin(), members.end(), item.key()) == members.end()) return false;
    }
    return true;
}

bool is_text_or_texts(const Json& value) {
    if (value.is_string()) return true;
    return value.is_array() && !value.empty() &&
           std::all_of(value.begin(), value.end(), [](const Json& element) { return element.is_string(); });
}

/// The first fault that `check` finds in one text or several.
template <class Check>
Fault first_fault(const Json& texts, Check check) {
    if (!is_text_or_texts(texts)) return syntax_errors;
    if (texts.is_string()) return check(texts.get_ref<const std::string&>());
    for (const Json& text : texts) {
        if (Fault fault = check(text.get_ref<const std::string&>())) return fault;
    }
    return std::nullopt;
}

Fault action_fault(const std::string& action, PolicyKind kind) {
    if (action != "*" && action.find(':') == std::string::npos) {
        return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    }
    if (kind == PolicyKind::trust && action != "*" && !lower_case(action).starts_with("sts:")) {
        return "AssumeRole policy may only specify STS AssumeRole actions.";
    }
    return std::nullopt;
}

Fault actions_fault(const Json& statement, PolicyKind kind) {
    const bool has_action = statement.contains("Action");
    if (has_action == statement.contains("NotAction")) {
        return has_action ? syntax_errors : "Policy statement must contain actions.";
    }
    return first_fault(statement[has_action ? "Action" : "NotAction"],
                       [&](const std::string& action) { return action_fault(action, kind); });
}

Fault resources_fault(const Json& statement) {
    const bool has_resource = statement.contains("Resource");
    if (has_resource == statement.contains("NotResource")) {
        return has_resource ? syntax_errors : "Policy statement must contain resources.";
    }
    return first_fault(statement[has_resource ? "Resource" : "NotResource"],
                       [](const std::string& resource) -> Fault {
                           if (resource == "*" || parse_arn(resource)) return std::nullopt;
                           return fmt::format("Resource {} must be in ARN format or \"*\".", resource);
                       });
}

Fault service_fault(const std::string& service) {
    // AWS keeps a list of its services; the form is what we can check.
    if (service.find('.') != std::string::npos) return std::nullopt;
    return fmt::format("Invalid principal in policy: \"SERVICE\":\"{}\"", service);
}

Fault aws_principal_fault(const std::string& principal) {
    const bool is_account =
        principal.size() == 12 &&
        std::all_of(principal.begin(), principal.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (principal == "*" || is_account || parse_arn(principal)) return std::nullopt;
    return fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", principal);
}

Fault principals_fault(const Json& statement) {
    for (const std::string_view prohibited : {"Resource", "NotResource"}) {
        if (statement.contains(prohibited)) return fmt::format("Has prohibited field {}", prohibited);
    }
    const bool has_principal = statement.contains("Principal");
    if (has_principal == statement.contains("NotPrincipal")) {
        return has_principal ? syntax_errors : "Missing required field Principal";
    }
    const Json& principal = statement[has_principal ? "Principal" : "NotPrincipal"];
    if (principal == "*") return std::nullopt;
    if (!principal.is_object() || principal.empty()) return syntax_errors;
    if (!has_only(principal, {"AWS", "Service", "Federated", "CanonicalUser"})) return syntax_errors;
    for (const auto& [kind, ids] : principal.items()) {
        const bool is_service = kind == "Service";
        const bool is_aws = kind == "AWS";
        Fault fault = first_fault(ids, [&](const std::string& id) -> Fault {
            if (is_service) return service_fault(id);
            return is_aws ? aws_principal_fault(id) : std::nullopt;
        });
        if (fault) return fault;
    }
    return std::nullopt;
}

Fault condition_fault(const Json& statement) {
    const auto condition = statement.find("Condition");
    if (condition == statement.end()) return std::nullopt;
    const bool well_formed =
        condition->is_object() &&
        std::all_of(condition->begin(), condition->end(), [](const Json& keys) { return keys.is_object(); });
    return well_formed ? std::nullopt : Fault(syntax_errors);
}

Fault statement_fault(const Json& statement, PolicyKind kind) {
    if (!statement.is_object() ||
        !has_only(statement, {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
                              "NotResource", "Condition"})) {
        return syntax_errors;
    }
    const auto effect = statement.find("Effect");
    if (effect == statement.end() || (*effect != "Allow" && *effect != "Deny")) return syntax_errors;
    if (Fault fault = actions_fault(statement, kind)) return fault;
    if (kind == PolicyKind::trust) {
        if (Fault fault = principals_fault(statement)) return fault;
    } else {
        if (statement.contains("Principal") || statement.contains("NotPrincipal")) {
            return "Policy document should not specify a principal.";
        }
        if (Fault fault = resources_fault(statement)) return fault;
    }
    return condition_fault(statement);
}

Fault statements_fault(const Json& statements, PolicyKind kind) {
    if (!statements.is_array()) return statement_fault(statements, kind);
    if (statements.empty()) return syntax_errors;
    std::set<std::string> ids;
    for (const Json& statement : statements) {
        if (Fault fault = statement_fault(statement, kind)) return fault;
        const auto id = statement.find("Sid");
        if (id == statement.end()) continue;
        if (!id->is_string()) return syntax_errors;
        if (!ids.insert(id->get<std::string>()).second)
            return "Statement IDs (SID) in a single policy must be unique.";
    }
    return std::nullopt;
}

}  // namespace

Fault policy_fault(std::string_view document, PolicyKind kind) {
    const auto policy = parse_json(document);
    if (!policy) return "This policy contains invalid Json";
    if (!policy->is_object() || !has_only(*policy, {"Version", "Id", "Statement"})) return syntax_errors;
    const auto version = policy->find("Version");
    if (version != policy->end() && *version != "2012-10-17" && *version != "2008-10-17") {
        return "Policy document must be version 2012-10-17 or greater.";
    }
    const auto statements = policy->find("Statement");
    if (statements == policy->end()) return syntax_errors;
    return statements_fault(*statements, kind);
}

}  // namespace rockwatch::iam
