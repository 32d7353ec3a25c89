#pragma once

#include <string>
#include <vector>

namespace rockwatch {

/// A key that may sign, and whom it belongs to.
struct Credential {
    std::string access_key;
    std::string secret_key;
    std::string session_token;  ///< must come with the key; empty: none may
    std::string account;        ///< 12 digits
    std::string principal_arn;  ///< empty: the account's root
    std::string region;         ///< for whoever is told to use this key; a signature names its own
};

/// A Bedrock API key.
struct BearerToken {
    std::string token;
    std::string account;
    std::string region;  ///< a request with a token names none
    std::string principal_arn;
};

/// Who may call under --auth verify.
struct Credentials {
    std::vector<Credential> keys;
    std::vector<BearerToken> tokens;
};

}  // namespace rockwatch
