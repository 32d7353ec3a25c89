#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/caller.hpp"

namespace rockwatch {

/// arn:partition:service:region:account:resource; the resource may hold colons and slashes.
struct Arn {
    std::string partition = "aws";
    std::string service;
    std::string region;
    std::string account;
    std::string resource;

    std::string text() const;
};

/// Nullopt when the text has not six parts or does not start with `arn`.
std::optional<Arn> parse_arn(std::string_view text);

/// An ARN in the owner's account and region.
std::string arn_of(const Owner& owner, std::string_view service, std::string_view resource);

}  // namespace rockwatch
