#include "services/iam/policy.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/arn.hpp"
#include "core/text.hpp"

namespace rockwatch::iam {

namespace {

/// Calls `each` for the element, or for each element of the array; true as soon as one call is.
template <class Each>
bool any_element(const Json& one_or_many, Each each) {
    if (!one_or_many.is_array()) return each(one_or_many);
    return std::any_of(one_or_many.begin(), one_or_many.end(), each);
}

template <class Each>
bool any_text(const Json& one_or_many, Each each) {
    return any_element(one_or_many, [&](const Json& element) {
        return element.is_string() && each(element.get_ref<const std::string&>());
    });
}

const Json* member(const Json& object, std::string_view name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

// --- conditions
// ---------------------------------------------------------------------------------------------------

/// Each of the six parts of an ARN is compared for itself; the last may hold colons.
bool arn_matches(std::string_view pattern, std::string_view arn) {
    for (int part = 0; part < 5; ++part) {
        const auto pattern_colon = pattern.find(':');
        const auto arn_colon = arn.find(':');
        if (pattern_colon == std::string_view::npos || arn_colon == std::string_view::npos) return false;
        if (!glob_matches(pattern.substr(0, pattern_colon), arn.substr(0, arn_colon))) return false;
        pattern.remove_prefix(pattern_colon + 1);
        arn.remove_prefix(arn_colon + 1);
    }
    return glob_matches(pattern, arn);
}

bool equal_texts(std::string_view wanted, std::string_view actual) { return wanted == actual; }

struct Operator {
    std::string_view name;
    bool (*matches)(std::string_view wanted, std::string_view actual);
    bool negated = false;
};

constexpr Operator known_operators[] = {
    {"StringEquals", equal_texts},
    {"StringNotEquals", equal_texts, true},
    {"StringEqualsIgnoreCase", equal_ignoring_case},
    {"StringNotEqualsIgnoreCase", equal_ignoring_case, true},
    {"StringLike", glob_matches},
    {"StringNotLike", glob_matches, true},
    {"ArnEquals", arn_matches},
    {"ArnLike", arn_matches},
    {"ArnNotEquals", arn_matches, true},
    {"ArnNotLike", arn_matches, true},
};

const Operator* find_operator(std::string_view name) {
    const auto* found = std::find_if(std::begin(known_operators), std::end(known_operators),
                                     [&](const Operator& known) { return known.name == name; });
    return found == std::end(known_operators) ? nullptr : found;
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : to_text(value);
}

bool is_true(const Json& value) { return equal_ignoring_case(text_of(value), "true"); }

/// One `"operator": {"key": values}`.
bool holds(std::string_view operator_name, const std::string* actual, const Json& values) {
    if (operator_name == "Null") return any_element(values, is_true) == (actual == nullptr);

    constexpr std::string_view any_value = "ForAnyValue:";  // our keys have one value each
    const bool for_any_value = operator_name.starts_with(any_value);
    if (for_any_value) operator_name.remove_prefix(any_value.size());
    constexpr std::string_view if_exists = "IfExists";
    const bool optional = operator_name.ends_with(if_exists);
    if (optional) operator_name.remove_suffix(if_exists.size());

    const Operator* known = find_operator(operator_name);
    if (known == nullptr) return false;  // Chosen: what we cannot judge does not hold
    if (actual == nullptr) return optional || (known->negated && !for_any_value);
    const bool matched =
        any_element(values, [&](const Json& value) { return known->matches(text_of(value), *actual); });
    return matched != known->negated;
}

bool conditions_hold(const Json& statement, const Context& context) {
    const Json* conditions = member(statement, "Condition");
    if (conditions == nullptr) return true;
    if (!conditions->is_object()) return false;
    for (const auto& [operator_name, keys] : conditions->items()) {
        if (!keys.is_object()) return false;
        for (const auto& [key, values] : keys.items()) {
            const auto actual = context.find(lower_case(key));
            if (!holds(operator_name, actual == context.end() ? nullptr : &actual->second, values))
                return false;
        }
    }
    return true;
}

// --- principals, actions, resources
// ---------------------------------------------------------------------------------

/// The name at the front of a role's or a session's resource part, without its path: R of role/path/R.
std::string_view role_name_of(const Arn& arn) {
    std::string_view resource = arn.resource;
    if (resource.starts_with("assumed-role/")) {
        resource.remove_prefix(std::string_view("assumed-role/").size());
        return resource.substr(0, resource.find('/'));
    }
    return resource.starts_with("role/") ? resource.substr(resource.rfind('/') + 1) : std::string_view();
}

/// Chosen: requests with static keys come as the account's root, which stands for each of its principals: the
/// emulator has no users of its own.
bool aws_principal_matches(std::string_view wanted, const std::string& actual) {
    if (wanted == "*" || wanted == actual) return true;
    const auto caller = parse_arn(actual);
    if (!caller) return false;
    if (wanted == caller->account) return true;
    const auto trusted = parse_arn(wanted);
    if (!trusted || trusted->account != caller->account) return false;
    if (trusted->resource == "root" || caller->resource == "root") return true;
    return !role_name_of(*trusted).empty() && role_name_of(*trusted) == role_name_of(*caller);
}

bool names_principal(const Json& element, const Principal& principal) {
    if (element.is_string()) return element == "*";
    if (!element.is_object()) return false;
    const Json* aws = member(element, "AWS");
    const bool everyone = aws != nullptr && any_text(*aws, [](std::string_view id) { return id == "*"; });
    if (everyone) return true;
    if (principal.kind == Principal::Kind::aws) {
        return aws != nullptr &&
               any_text(*aws, [&](std::string_view id) { return aws_principal_matches(id, principal.id); });
    }
    const Json* services = member(element, "Service");
    return services != nullptr &&
           any_text(*services, [&](std::string_view id) { return id == principal.id; });
}

bool principal_matches(const Json& statement, const Principal& principal) {
    if (const Json* element = member(statement, "Principal")) return names_principal(*element, principal);
    const Json* others = member(statement, "NotPrincipal");
    return others != nullptr && !names_principal(*others, principal);
}

bool action_matches(const Json& statement, std::string_view action) {
    const std::string wanted = lower_case(action);
    const auto matches = [&](std::string_view pattern) { return glob_matches(lower_case(pattern), wanted); };
    if (const Json* actions = member(statement, "Action")) return any_text(*actions, matches);
    const Json* others = member(statement, "NotAction");
    return others != nullptr && !any_text(*others, matches);
}

bool resource_matches(const Json& statement, std::string_view resource) {
    const auto matches = [&](std::string_view pattern) { return glob_matches(pattern, resource); };
    if (const Json* resources = member(statement, "Resource")) return any_text(*resources, matches);
    const Json* others = member(statement, "NotResource");
    return others != nullptr && !any_text(*others, matches);
}

/// Judges every statement that `applies` to the request.
template <class Applies>
Verdict judge(const Json& policy, const Context& context, Applies applies) {
    Verdict verdict;
    if (!policy.is_object()) return verdict;
    const Json* statements = member(policy, "Statement");
    if (statements == nullptr) return verdict;
    any_element(*statements, [&](const Json& statement) {
        if (!statement.is_object() || !applies(statement)) return false;
        const std::string effect = member(statement, "Effect") != nullptr ? text_of(statement["Effect"]) : "";
        const bool holds_now = conditions_hold(statement, context);
        if (effect == "Deny" && holds_now) verdict = combined(verdict, {Judgement::denied});
        if (effect == "Allow")
            verdict = combined(verdict, {holds_now ? Judgement::allowed : Judgement::silent, !holds_now});
        return false;
    });
    return verdict;
}

}  // namespace

Verdict combined(Verdict first, Verdict second) {
    for (const Judgement strongest : {Judgement::denied, Judgement::allowed}) {
        if (first.judgement == strongest || second.judgement == strongest) return {strongest};
    }
    return {Judgement::silent, first.conditions_failed || second.conditions_failed};
}

Verdict judge_trust(const Json& policy, const Principal& principal, std::string_view action,
                    const Context& context) {
    return judge(policy, context, [&](const Json& statement) {
        return principal_matches(statement, principal) && action_matches(statement, action);
    });
}

Verdict judge_permission(const Json& policy, std::string_view action, std::string_view resource,
                         const Context& context) {
    return judge(policy, context, [&](const Json& statement) {
        return action_matches(statement, action) && resource_matches(statement, resource);
    });
}

}  // namespace rockwatch::iam
