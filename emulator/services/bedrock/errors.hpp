#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.hpp"

/// The control plane's errors (facts: bedrock.md 5.2, 7.2).
namespace rockwatch::bedrock {

inline ServiceError invalid(std::string message) { return {"ValidationException", std::move(message)}; }

inline ServiceError not_found(std::string message) {
    return {"ResourceNotFoundException", std::move(message)};
}

inline ServiceError invalid_model_identifier() {
    return invalid("The provided model identifier is invalid.");
}

inline ServiceError no_such_model() {
    return not_found("Could not resolve the foundation model from the provided model identifier.");
}

/// Chosen: AWS's words are not known to us.
inline ServiceError no_such_inference_profile(std::string_view identifier) {
    return not_found(fmt::format("The inference profile {} could not be found.", identifier));
}

inline ServiceError invalid_next_token() { return invalid("The provided nextToken is invalid."); }

/// AWS's sentence, which clients match, and then the cause in one of ours.
inline ServiceError log_group_not_permitted(std::string_view group, std::string_view role,
                                            std::string_view cause) {
    return invalid(
        fmt::format("Failed to validate permissions for log group: {}, with role: {}. Verify the IAM "
                    "role permissions are correct. {}",
                    group, role, cause));
}

/// Chosen: AWS's words are not known to us; its console and Terraform refuse this before a call is made.
inline ServiceError no_log_destination() {
    return invalid("Invalid loggingConfig: specify at least one of cloudWatchConfig and s3Config.");
}

inline ServiceError s3_delivery_not_supported(std::string_view member) {
    return invalid(
        fmt::format("{}: this emulator does not support the delivery of invocation logs to Amazon S3 "
                    "yet. Use cloudWatchConfig without largeDataDeliveryS3Config.",
                    member));
}

}  // namespace rockwatch::bedrock
