#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/iam/policy.hpp"
#include "services/ports.hpp"

/// May a service use this role? Pure: documents in, a sentence out (facts: protocols.md 8.3).
namespace rockwatch::iam {

/// A role as far as a judgement needs it.
struct RoleDocuments {
    std::string name;
    std::string trust_policy;
    std::vector<std::string> permission_policies;
};

/// Nullopt: it may. Otherwise one sentence that names the role and what is missing.
std::optional<std::string> refusal_of(const RoleDocuments& role, const RoleUse& use);

}  // namespace rockwatch::iam
