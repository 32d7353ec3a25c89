#pragma once

#include <string>

#include "core/error.hpp"
#include "core/instant.hpp"
#include "protocol/model.hpp"
#include "protocol/sigv4.hpp"

namespace rockwatch {

/// What is said to a caller who is not who they say: AWS's codes, which differ by protocol.
/// Source: protocols.md 4.5; S3 API reference, "Error responses"; API references, "Common errors".

ServiceError missing_signature(Protocol protocol);
ServiceError malformed_signature(Protocol protocol, const std::string& what, bool is_presigned);
ServiceError unknown_key(Protocol protocol, const std::string& access_key);
ServiceError wrong_session_token(Protocol protocol);
ServiceError expired_session_token(Protocol protocol);
ServiceError wrong_signature(Protocol protocol);
/// The scope names another service than the request is for.
ServiceError wrong_scope(Protocol protocol, const std::string& signing_name);
/// The request was signed too long ago or in the future.
ServiceError skewed(Protocol protocol, const sigv4::Claim& claim, Instant now);
/// A presigned request beyond its X-Amz-Expires.
ServiceError presigned_expired(Protocol protocol, const sigv4::Claim& claim, Instant now);
ServiceError unsigned_headers(Protocol protocol, const std::string& names);

ServiceError wrong_bearer_token();

/// S3 alone.
ServiceError unsupported_mechanism();
ServiceError missing_payload_hash();
ServiceError wrong_payload_hash(const std::string& claimed, const std::string& computed);

/// How far a request's time may be from ours.
inline constexpr Milliseconds skew_max = std::chrono::minutes{15};

}  // namespace rockwatch
