#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "protocol/message.hpp"

namespace rockwatch::sigv4 {

/// What a request says of its own signature.
struct Claim {
    std::string access_key;
    std::string date;     ///< 20260101
    std::string region;   ///< us-east-1
    std::string service;  ///< logs
    std::string time;     ///< 20260101T000000Z
    std::vector<std::string> signed_headers;
    std::string signature;
    std::string session_token;
    bool is_presigned = false;
    Milliseconds lifetime{0};  ///< X-Amz-Expires, of presigned requests

    std::string scope() const;
    Instant instant() const;  ///< of `time`
};

/// A signature that cannot be read; `what` is AWS's sentence.
struct Malformed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The Authorization header, or the query of a presigned request; nullopt when the request is not signed.
/// Throws Malformed, also for what can be read in two ways: a field twice, header and query at once.
///
/// Source: protocols.md 4.1, 4.3; IAM user guide, "Elements of an AWS API request signature".
std::optional<Claim> claim_of(const HttpRequest& request);

/// S3 signs the path as it is sent; all others encode it once more, without empty and dot segments.
enum class PathForm { as_sent, normalised };

/// The text whose hash is signed: method, path, query, headers, the payload's hash. Made of the raw head.
std::string canonical_request(const HttpRequest& request, const Claim& claim, PathForm form,
                              std::string_view payload_hash);
std::string string_to_sign(const Claim& claim, std::string_view canonical_request);

/// The key of a secret for one day, region and service.
std::string signing_key(std::string_view secret, const Claim& claim);
/// 64 hexadecimal digits.
std::string sign(std::string_view key, std::string_view text);

/// The signature of a chunk of an aws-chunked upload, after the one before it (first: the request's own).
std::string sign_chunk(std::string_view key, const Claim& claim, std::string_view previous,
                       std::string_view chunk);
/// The signature of the trailers: `lines` are their "name:value\n".
std::string sign_trailers(std::string_view key, const Claim& claim, std::string_view previous,
                          std::string_view lines);

/// Takes as long for a wrong text as for a right one of the same length.
bool same(std::string_view a, std::string_view b);

std::string sha256_hex(std::string_view bytes);

/// The SHA-256 of what passes by.
class PayloadHash {
public:
    PayloadHash();
    ~PayloadHash();
    PayloadHash(const PayloadHash&) = delete;
    PayloadHash& operator=(const PayloadHash&) = delete;

    void add(std::string_view bytes);
    /// Once, at the end.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace rockwatch::sigv4
