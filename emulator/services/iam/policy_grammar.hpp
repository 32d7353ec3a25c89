#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rockwatch::iam {

enum class PolicyKind {
    trust,       ///< who may assume a role: has principals, no resources
    permission,  ///< what a role may do: has resources, no principals
};

/// Nullopt: a policy of that kind. Otherwise the text of AWS's MalformedPolicyDocument. Pure.
std::optional<std::string> policy_fault(std::string_view document, PolicyKind kind);

}  // namespace rockwatch::iam
