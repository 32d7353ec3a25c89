#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "gateway/authenticate.hpp"
#include "gateway/credentials.hpp"
#include "protocol/aws_chunked.hpp"
#include "protocol/identify.hpp"
#include "protocol/message.hpp"
#include "protocol/sigv4.hpp"

namespace rockwatch {

/// Finds out who calls and does not take their word for it (--auth verify): SigV4 signatures in the header or
/// the query, and Bedrock's bearer tokens, against a list of credentials and those that STS has issued.
/// Thread-safe.
class Verifier {
public:
    struct Parts {
        Credentials credentials;
        Authenticator::IssuedLookup issued;
        std::function<Instant()> wall;  ///< signatures are judged in real time,
        const Clock& clock;             ///< issued credentials expire in the emulator's
    };

    explicit Verifier(Parts parts);

    /// One request on its way.
    class Check {
    public:
        /// Before the body is read: what was signed is what was sent, compressed or not.
        Check(const Verifier& verifier, HttpRequest& request);
        ~Check();
        Check(const Check&) = delete;
        Check& operator=(const Check&) = delete;

        /// Once the body has been read: names the caller, or throws ServiceError in the target's words.
        void identify_caller(const HttpRequest& request, const Target& target, Caller& caller);
        /// Once aws-chunked has been taken off. Throws ServiceError.
        void check_chunks(const ChunkSignatures& signatures, std::string_view body) const;

    private:
        void check_signature(const HttpRequest& request, const Target& target, Caller& caller);

        const Verifier& verifier_;
        BodyStream& body_;
        sigv4::PayloadHash sent_;
        sigv4::Claim claim_;
        std::string key_;
        bool has_signed_chunks_ = false;
    };

private:
    struct Key {
        std::string secret;
        std::string session_token;
        std::string account;
        std::string principal_arn;
        std::optional<Instant> expires;
    };

    std::optional<Key> find(const std::string& access_key) const;
    struct SigningKey {
        std::string secret;  ///< that it was made of
        std::string key;
    };

    std::string signing_key(const Key& key, const sigv4::Claim& claim) const;
    void keep_signing_key(const Key& key, const sigv4::Claim& claim, const std::string& made) const;
    void check_bearer(std::string_view token, Caller& caller) const;

    Parts parts_;
    std::map<std::string, Key, std::less<>> keys_;
    std::vector<std::pair<std::string, BearerToken>> tokens_;  ///< by the hash of the token
    mutable std::mutex mutex_;
    mutable std::map<std::string, SigningKey> signing_keys_;  ///< by access key and scope
};

}  // namespace rockwatch
