#include "gateway/auth_errors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/text_time.hpp"

namespace rockwatch {

namespace {

/// One fault's code and status in each family of protocols.
struct Codes {
    const char* json;
    int json_status;
    const char* query;
    int query_status;
    const char* s3;
    int s3_status;
};

ServiceError refusal(Protocol protocol, const Codes& codes, std::string message,
                     Json members = Json::object()) {
    const bool is_s3 = protocol == Protocol::rest_xml;
    const bool is_query = protocol == Protocol::query;
    ServiceError error(is_s3      ? codes.s3
                       : is_query ? codes.query
                                  : codes.json,
                       std::move(message), is_s3 ? std::move(members) : Json::object());
    error.status = is_s3 ? codes.s3_status : is_query ? codes.query_status : codes.json_status;
    return error;
}

constexpr Codes mismatch = {"InvalidSignatureException", 403, "SignatureDoesNotMatch", 403,
                            "SignatureDoesNotMatch",     403};

/// 20260101T000000Z
std::string basic(Instant instant) {
    std::string text = iso_seconds(instant);
    std::erase_if(text, [](char letter) { return letter == '-' || letter == ':'; });
    return text;
}

}  // namespace

ServiceError missing_signature(Protocol protocol) {
    constexpr Codes codes = {
        "MissingAuthenticationTokenException", 403, "MissingAuthenticationToken", 403, "AccessDenied", 403};
    return refusal(protocol, codes,
                   protocol == Protocol::rest_xml ? "Access Denied"
                   : protocol == Protocol::query  ? "Request is missing Authentication Token"
                                                  : "Missing Authentication Token");
}

ServiceError malformed_signature(Protocol protocol, const std::string& what, bool is_presigned) {
    constexpr Codes header = {"IncompleteSignatureException", 400, "IncompleteSignature", 400,
                              "AuthorizationHeaderMalformed", 400};
    constexpr Codes query = {"IncompleteSignatureException",      400, "IncompleteSignature", 400,
                             "AuthorizationQueryParametersError", 400};
    return refusal(protocol, is_presigned ? query : header, what);
}

ServiceError unknown_key(Protocol protocol, const std::string& access_key) {
    constexpr Codes codes = {"UnrecognizedClientException", 403, "InvalidClientTokenId", 403,
                             "InvalidAccessKeyId",          403};
    return refusal(protocol, codes,
                   protocol == Protocol::rest_xml
                       ? "The AWS Access Key Id you provided does not exist in our records."
                       : "The security token included in the request is invalid.",
                   {{"AWSAccessKeyId", log_safe(access_key)}});
}

ServiceError wrong_session_token(Protocol protocol) {
    constexpr Codes codes = {
        "UnrecognizedClientException", 403, "InvalidClientTokenId", 403, "InvalidToken", 400};
    return refusal(protocol, codes,
                   protocol == Protocol::rest_xml ? "The provided token is malformed or otherwise invalid."
                                                  : "The security token included in the request is invalid.");
}

ServiceError expired_session_token(Protocol protocol) {
    constexpr Codes codes = {"ExpiredTokenException", 403, "ExpiredToken", 403, "ExpiredToken", 400};
    return refusal(protocol, codes,
                   protocol == Protocol::rest_xml ? "The provided token has expired."
                                                  : "The security token included in the request is expired");
}

ServiceError wrong_signature(Protocol protocol) {
    return refusal(protocol, mismatch,
                   protocol == Protocol::rest_xml
                       ? "The request signature we calculated does not match the signature you provided. "
                         "Check your key and signing method."
                       : "The request signature we calculated does not match the signature you provided. "
                         "Check your AWS Secret Access Key and signing method. Consult the service "
                         "documentation for details.");
}

ServiceError wrong_scope(Protocol protocol, const std::string& signing_name) {
    constexpr Codes codes = {"InvalidSignatureException",    403, "SignatureDoesNotMatch", 403,
                             "AuthorizationHeaderMalformed", 400};
    return refusal(protocol, codes,
                   fmt::format("Credential should be scoped to correct service: '{}'. ", signing_name));
}

ServiceError skewed(Protocol protocol, const sigv4::Claim& claim, Instant now) {
    constexpr Codes codes = {"InvalidSignatureException", 403, "SignatureDoesNotMatch", 403,
                             "RequestTimeTooSkewed",      403};
    if (protocol == Protocol::rest_xml) {
        return refusal(protocol, codes,
                       "The difference between the request time and the current time is too large.",
                       {{"RequestTime", claim.time},
                        {"ServerTime", iso_seconds(now)},
                        {"MaxAllowedSkewMilliseconds", skew_max.count()}});
    }
    const bool is_early = claim.instant() > now;
    return refusal(protocol, codes,
                   is_early
                       ? fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)",
                                     claim.time, basic(now + skew_max), basic(now))
                       : fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)",
                                     claim.time, basic(now - skew_max), basic(now)));
}

ServiceError presigned_expired(Protocol protocol, const sigv4::Claim& claim, Instant now) {
    constexpr Codes codes = {"InvalidSignatureException", 403, "RequestExpired", 400, "AccessDenied", 403};
    const Instant expires = claim.instant() + claim.lifetime;
    if (protocol != Protocol::rest_xml && protocol != Protocol::query) {
        return refusal(
            protocol, codes,
            fmt::format("Signature expired: {} is now earlier than {}", basic(expires), basic(now)));
    }
    return refusal(protocol, codes, "Request has expired",
                   {{"X-Amz-Expires", claim.lifetime.count() / 1000},
                    {"Expires", iso_seconds(expires)},
                    {"ServerTime", iso_seconds(now)}});
}

ServiceError unsigned_headers(Protocol protocol, const std::string& names) {
    constexpr Codes codes = {
        "InvalidSignatureException", 403, "SignatureDoesNotMatch", 403, "AccessDenied", 403};
    return refusal(protocol, codes,
                   "There were headers present in the request which were not signed: " + names,
                   {{"HeadersNotSigned", names}});
}

ServiceError wrong_bearer_token() {
    ServiceError error("AccessDeniedException",
                       "Authentication failed: Please make sure your API Key is valid.");
    error.status = 403;
    return error;
}

ServiceError unsupported_mechanism() {
    return {"InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."};
}

ServiceError missing_payload_hash() {
    return {"InvalidRequest", "Missing required header for this request: x-amz-content-sha256"};
}

ServiceError wrong_payload_hash(const std::string& claimed, const std::string& computed) {
    return {"XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            {{"ClientComputedContentSHA256", claimed}, {"S3ComputedContentSHA256", computed}}};
}

}  // namespace rockwatch
