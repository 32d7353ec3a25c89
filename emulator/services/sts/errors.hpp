#pragma once

#include <fmt/format.h>

#include <string_view>

#include "core/error.hpp"

namespace rockwatch::sts {

inline ServiceError not_authorized(std::string_view principal, std::string_view role) {
    ServiceError error{"AccessDenied",
                       fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                                   principal, role)};
    error.status = 403;
    return error;
}

inline ServiceError invalid_role_arn(std::string_view arn) {
    return {"ValidationError", fmt::format("{} is invalid", arn)};
}

inline ServiceError session_too_long() {
    return {"ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."};
}

/// What would narrow or mark the session is refused rather than left without effect.
inline ServiceError not_supported(std::string_view member) {
    return {"ValidationError", fmt::format("{}: this emulator does not support it with AssumeRole.", member)};
}

}  // namespace rockwatch::sts
