#include "services/iam/role_judge.hpp"

#include <fmt/format.h>

namespace rockwatch::iam {

namespace {

Context context_of(const RoleUse& use) {
    return {{"aws:sourceaccount", use.owner.account}, {"aws:sourcearn", use.source_arn}};
}

std::optional<std::string> trust_refusal(const RoleDocuments& role, const RoleUse& use,
                                         const Context& context) {
    const auto policy = parse_json(role.trust_policy);
    const Principal principal{Principal::Kind::service, use.service};
    const Verdict verdict = policy ? judge_trust(*policy, principal, "sts:AssumeRole", context) : Verdict{};
    if (verdict.judgement == Judgement::allowed) return std::nullopt;
    if (verdict.judgement == Judgement::denied) {
        return fmt::format("The trust policy of role {} denies sts:AssumeRole to {}.", role.name,
                           use.service);
    }
    if (verdict.conditions_failed) {
        return fmt::format(
            "The trust policy of role {} lets {} assume it under conditions that do not hold for "
            "aws:SourceAccount {} and aws:SourceArn {}.",
            role.name, use.service, use.owner.account, use.source_arn);
    }
    return fmt::format("The trust policy of role {} does not allow {} to assume it (sts:AssumeRole).",
                       role.name, use.service);
}

std::string permission_sentence(std::string_view role, const Verdict& verdict, std::string_view action,
                                std::string_view resource) {
    if (verdict.judgement == Judgement::denied) {
        return fmt::format("A policy of role {} denies {} on {}.", role, action, resource);
    }
    if (verdict.conditions_failed) {
        return fmt::format("Role {} is allowed {} on {} only under conditions that do not hold.", role,
                           action, resource);
    }
    return fmt::format("No policy of role {} allows {} on {}.", role, action, resource);
}

std::optional<std::string> permission_refusal(const RoleDocuments& role, const RoleUse& use,
                                              const Context& context) {
    std::vector<Json> policies;
    for (const std::string& document : role.permission_policies) {
        if (auto policy = parse_json(document)) policies.push_back(std::move(*policy));
    }
    for (const std::string& action : use.actions) {
        Verdict verdict;
        for (const Json& policy : policies) {
            verdict = combined(verdict, judge_permission(policy, action, use.resource, context));
        }
        if (verdict.judgement == Judgement::allowed) continue;
        return permission_sentence(role.name, verdict, action, use.resource);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> refusal_of(const RoleDocuments& role, const RoleUse& use) {
    const Context context = context_of(use);
    if (auto refusal = trust_refusal(role, use, context)) return refusal;
    return permission_refusal(role, use, context);
}

}  // namespace rockwatch::iam
