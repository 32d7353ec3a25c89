#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.hpp"

/// IAM's errors, in AWS's words (facts: protocols.md 8.2).
namespace rockwatch::iam {

inline ServiceError no_such_entity(std::string message) {
    return {"NoSuchEntityException", std::move(message)};
}

inline ServiceError no_such_role(std::string_view name) {
    return no_such_entity(fmt::format("The role with name {} cannot be found.", name));
}

inline ServiceError no_such_role_policy(std::string_view name) {
    return no_such_entity(fmt::format("The role policy with name {} cannot be found.", name));
}

inline ServiceError no_such_policy(std::string_view arn) {
    return no_such_entity(fmt::format("Policy {} was not found.", arn));
}

inline ServiceError policy_not_attachable(std::string_view arn) {
    return no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
}

inline ServiceError no_such_policy_version(std::string_view arn, std::string_view version) {
    return no_such_entity(
        fmt::format("Policy {} version {} does not exist or is not attachable.", arn, version));
}

inline ServiceError role_exists(std::string_view name) {
    return {"EntityAlreadyExistsException", fmt::format("Role with name {} already exists.", name)};
}

inline ServiceError policy_exists(std::string_view name) {
    return {"EntityAlreadyExistsException",
            fmt::format("A policy called {} already exists. Duplicate names are not allowed.", name)};
}

inline ServiceError role_has_attached_policies() {
    return {"DeleteConflictException", "Cannot delete entity, must detach all policies first."};
}

inline ServiceError role_has_policies() {
    return {"DeleteConflictException", "Cannot delete entity, must delete policies first."};
}

inline ServiceError policy_is_attached() {
    return {"DeleteConflictException", "Cannot delete a policy attached to entities."};
}

inline ServiceError malformed_policy(std::string message) {
    return {"MalformedPolicyDocumentException", std::move(message)};
}

inline ServiceError limit_exceeded(std::string message) {
    return {"LimitExceededException", std::move(message)};
}

inline ServiceError invalid_input(std::string message) {
    return {"InvalidInputException", std::move(message)};
}

inline ServiceError invalid_marker() { return {"ValidationError", "Invalid Marker."}; }

inline ServiceError permissions_boundary_not_supported() {
    return invalid_input("PermissionsBoundary: this emulator does not support permissions boundaries.");
}

/// AWS's own policies can't be changed by anyone else.
inline ServiceError not_yours(std::string_view principal, std::string_view action,
                              std::string_view resource) {
    ServiceError error{"AccessDenied",
                       fmt::format("User: {} is not authorized to perform: iam:{} on resource: {}", principal,
                                   action, resource)};
    error.status = 403;
    return error;
}

}  // namespace rockwatch::iam
