#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

/// Whom a set of credentials that the emulator itself issued belongs to.
struct IssuedCredentials {
    std::string account;
    std::string principal_arn;
    std::string secret_key;
    std::string session_token;
    Instant expires{};
};

/// Finds out who says to call. Signatures are not verified (that is the Verifier's): the access key and the
/// credential scope are taken at their word, and unsigned requests are the defaults'.
class Authenticator {
public:
    using IssuedLookup = std::function<std::optional<IssuedCredentials>(std::string_view access_key)>;

    Authenticator(Owner defaults, IssuedLookup issued)
        : defaults_(std::move(defaults)), issued_(std::move(issued)) {}

    Caller caller(const HttpRequest& request, std::string request_id) const;

private:
    Owner defaults_;
    IssuedLookup issued_;
};

}  // namespace rockwatch
