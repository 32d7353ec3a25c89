#pragma once

#include <span>
#include <string_view>

#include "services/iam/policy_store.hpp"

namespace rockwatch::iam {

/// A policy that AWS manages, by the part of it that matters here. Differs: AWS's documents are longer; an
/// action that ours leave out belongs to a service that the emulator does not have.
struct ManagedPolicy {
    std::string_view arn;
    std::string_view name;
    std::string_view policy_id;
    std::string_view document;
};

std::span<const ManagedPolicy> managed_policies();
/// nullptr when we do not know a managed policy of that ARN.
const ManagedPolicy* find_managed_policy(std::string_view arn);
Policy as_policy(const ManagedPolicy& managed);

}  // namespace rockwatch::iam
