#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace rockwatch::logs {

// Texts are AWS's own where facts/logs.md 2.3, 3, 4 and 5.6 mark them as recorded.

inline ServiceError invalid_parameter(std::string message) {
    return {"InvalidParameterException", std::move(message)};
}
inline ServiceError no_such_group() {
    return {"ResourceNotFoundException", "The specified log group does not exist."};
}
inline ServiceError no_such_stream() {
    return {"ResourceNotFoundException", "The specified log stream does not exist."};
}
inline ServiceError no_such_resource() {
    return {"ResourceNotFoundException", "The specified resource does not exist."};
}
inline ServiceError group_exists() {
    return {"ResourceAlreadyExistsException", "The specified log group already exists"};
}
inline ServiceError stream_exists() {
    return {"ResourceAlreadyExistsException", "The specified log stream already exists"};
}
inline ServiceError invalid_token() { return invalid_parameter("The specified nextToken is invalid."); }

/// AWS's text is not known. Chosen: it says what to do.
inline ServiceError deletion_protected(std::string_view group) {
    return {"ValidationException",
            fmt::format("Deletion protection is enabled on log group {}. Disable it with "
                        "PutLogGroupDeletionProtection before you delete anything in the group.",
                        group)};
}
inline ServiceError too_many_tags(std::string_view resource) {
    return {
        "TooManyTagsException", "A resource can have no more than 50 tags.", {{"resourceName", resource}}};
}
/// Reading the events of a group whose class is not STANDARD. Source: aws/karpenter-provider-aws pull request
/// 9567, which quotes AWS for FilterLogEvents.
inline ServiceError class_not_readable(std::string_view group, std::string_view log_class,
                                       std::string_view operation) {
    return {"InvalidOperationException",
            fmt::format("The log group {} is of log-group-class {}. {} is not supported for this log class.",
                        group, log_class, operation)};
}
inline ServiceError not_supported_yet(std::string_view what) {
    return invalid_parameter(fmt::format("Rockwatch does not support {} yet.", what));
}

}  // namespace rockwatch::logs
