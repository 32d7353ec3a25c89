#include "gateway/verifier.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "gateway/auth_errors.hpp"
#include "protocol/event_stream.hpp"
#include "protocol/uri.hpp"

namespace rockwatch {

namespace {

constexpr std::size_t signing_keys_max = 1'000;
constexpr std::string_view payload_header = "x-amz-content-sha256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::string_view signed_chunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view signed_events = "STREAMING-AWS4-HMAC-SHA256-EVENTS";

/// What AWS takes unsigned: links in SNS's messages carry a token, the others bring a proof of their own.
struct OpenDoor {
    std::string_view service;
    std::string_view operation;
};
constexpr OpenDoor open_doors[] = {{"sns", "ConfirmSubscription"},
                                   {"sns", "Unsubscribe"},
                                   {"sts", "AssumeRoleWithSAML"},
                                   {"sts", "AssumeRoleWithWebIdentity"}};

bool may_be_unsigned(const Target& target) {
    return std::any_of(std::begin(open_doors), std::end(open_doors), [&](const OpenDoor& door) {
        return door.service == target.service->name && door.operation == target.operation_name;
    });
}

bool is_s3(const Target& target) { return target.protocol == Protocol::rest_xml; }

bool fits_scope(const Target& target, std::string_view service) {
    const bool has_doors_of_its_own = service == "s3express" || service == "s3-object-lambda";
    if (target.protocol == Protocol::openai && service == "bedrock-mantle") return true;
    return service == target.service->signing_name || service == target.service->endpoint_prefix ||
           (is_s3(target) && has_doors_of_its_own);
}

bool is_sha256(std::string_view text) {
    constexpr std::size_t digits = 64;
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A stream of events is signed event by event, and its head without them.
bool is_signed_by_events(const HttpRequest& request, const Target& target) {
    return target.operation != nullptr && takes_event_stream(*target.operation) &&
           request.headers.get(payload_header) == signed_events;
}

/// What stands for the payload in the text that was signed. Other services than S3 hash it, whatever the
/// request says.
std::string payload_of(const HttpRequest& request, const Target& target, const sigv4::Claim& claim,
                       const std::string& sent_hash) {
    if (is_signed_by_events(request, target)) return std::string(signed_events);
    if (!is_s3(target)) return sent_hash;
    if (const std::string* header = request.headers.find(payload_header)) return *header;
    if (!claim.is_presigned) throw missing_payload_hash();
    auto named = query_value(request.query(), "X-Amz-Content-Sha256");
    // Chunks are announced by the header: nobody would take apart and check what the query alone calls so.
    if (named && named->starts_with("STREAMING-")) throw missing_payload_hash();
    return named ? std::move(*named) : std::string(unsigned_payload);
}

/// The payload is what was signed, or was not meant to be.
void check_payload(const std::string& claimed, const std::string& sent_hash) {
    const bool is_open = claimed == unsigned_payload || claimed == "STREAMING-UNSIGNED-PAYLOAD-TRAILER" ||
                         claimed == signed_chunks || claimed == std::string(signed_chunks) + "-TRAILER";
    if (is_open || (is_sha256(claimed) && claimed == sent_hash)) return;
    throw wrong_payload_hash(claimed, sent_hash);
}

/// They tell what is to be done, those of Bedrock which guardrail is asked. x-amzn-trace-id stays free:
/// proxies add it on the way.
bool must_be_signed(std::string_view lower_name) {
    return lower_name.starts_with("x-amz-") || lower_name.starts_with("x-amzn-bedrock-");
}

/// Nobody but the signer may have added one.
void expect_signed_headers(const HttpRequest& request, const Target& target, const sigv4::Claim& claim) {
    std::string missing;
    for (const auto& [name, value] : request.headers) {
        const std::string lower = lower_case(name);
        const bool is_signed =
            std::binary_search(claim.signed_headers.begin(), claim.signed_headers.end(), lower);
        if (must_be_signed(lower) && !is_signed) missing += (missing.empty() ? "" : ", ") + lower;
    }
    if (!missing.empty()) throw unsigned_headers(target.protocol, missing);
}

void check_time(const Target& target, const sigv4::Claim& claim, Instant now) {
    const Instant then = claim.instant();
    if (claim.is_presigned) {
        if (now > then + claim.lifetime) throw presigned_expired(target.protocol, claim, now);
        if (then > now + skew_max) throw skewed(target.protocol, claim, now);
    } else if (then > now + skew_max || then < now - skew_max) {
        throw skewed(target.protocol, claim, now);
    }
}

std::string_view bearer_token(const HttpRequest& request) {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view given = request.headers.get("Authorization");
    const bool is_bearer = equal_ignoring_case(given.substr(0, scheme.size()), scheme);
    return is_bearer ? trim(given.substr(scheme.size())) : std::string_view{};
}

}  // namespace

Verifier::Verifier(Parts parts) : parts_(std::move(parts)) {
    for (auto& key : parts_.credentials.keys) {
        keys_[key.access_key] = {.secret = std::move(key.secret_key),
                                 .session_token = std::move(key.session_token),
                                 .account = std::move(key.account),
                                 .principal_arn = std::move(key.principal_arn)};
    }
    for (auto& token : parts_.credentials.tokens) {
        std::string hash = sigv4::sha256_hex(std::exchange(token.token, {}));
        tokens_.emplace_back(std::move(hash), std::move(token));
    }
    parts_.credentials = {};
}

std::optional<Verifier::Key> Verifier::find(const std::string& access_key) const {
    if (const auto found = keys_.find(access_key); found != keys_.end()) return found->second;
    auto issued = parts_.issued ? parts_.issued(access_key) : std::nullopt;
    if (!issued) return std::nullopt;
    return Key{.secret = std::move(issued->secret_key),
               .session_token = std::move(issued->session_token),
               .account = std::move(issued->account),
               .principal_arn = std::move(issued->principal_arn),
               .expires = issued->expires};
}

/// Four rounds of HMAC for each day, region and service: kept, since every request needs it.
std::string Verifier::signing_key(const Key& key, const sigv4::Claim& claim) const {
    {
        const std::lock_guard lock(mutex_);
        const auto found = signing_keys_.find(fmt::format("{} {}", claim.access_key, claim.scope()));
        if (found != signing_keys_.end() && found->second.secret == key.secret) return found->second.key;
    }
    return sigv4::signing_key(key.secret, claim);
}

/// Once something has been signed with it: a stranger's guesses must not fill the list.
void Verifier::keep_signing_key(const Key& key, const sigv4::Claim& claim, const std::string& made) const {
    const std::lock_guard lock(mutex_);
    if (signing_keys_.size() >= signing_keys_max) signing_keys_.clear();
    signing_keys_[fmt::format("{} {}", claim.access_key, claim.scope())] = {key.secret, made};
}

void Verifier::check_bearer(std::string_view token, Caller& caller) const {
    // By its hash: how long the comparison takes tells nothing about the token.
    const std::string hash = sigv4::sha256_hex(token);
    for (const auto& [known, owner] : tokens_) {
        if (!sigv4::same(known, hash)) continue;
        caller.account = owner.account;
        caller.region = owner.region;
        caller.principal_arn = owner.principal_arn;
        return;
    }
    throw wrong_bearer_token();
}

Verifier::Check::Check(const Verifier& verifier, HttpRequest& request)
    : verifier_(verifier), body_(*request.body) {
    body_.show_coded([this](std::string_view bytes) { sent_.add(bytes); });
}

/// What is left of a body that was refused is still read, to keep the connection.
Verifier::Check::~Check() { body_.show_coded({}); }

void Verifier::Check::identify_caller(const HttpRequest& request, const Target& target, Caller& caller) {
    const bool takes_tokens = target.service->signing_name == "bedrock";
    if (const auto token = bearer_token(request); takes_tokens && !token.empty())
        return verifier_.check_bearer(token, caller);
    if (is_s3(target) && (request.headers.get("Authorization").starts_with("AWS ") ||
                          query_value(request.query(), "AWSAccessKeyId")))
        throw unsupported_mechanism();
    std::optional<sigv4::Claim> claim;
    try {
        claim = sigv4::claim_of(request);
    } catch (const sigv4::Malformed& malformed) {
        const bool is_presigned = request.headers.find("Authorization") == nullptr;
        throw malformed_signature(target.protocol, malformed.what(), is_presigned);
    }
    if (!claim) {
        if (may_be_unsigned(target)) return;
        throw missing_signature(target.protocol);
    }
    claim_ = std::move(*claim);
    check_signature(request, target, caller);
}

void Verifier::Check::check_signature(const HttpRequest& request, const Target& target, Caller& caller) {
    if (!fits_scope(target, claim_.service)) throw wrong_scope(target.protocol, target.service->signing_name);
    check_time(target, claim_, verifier_.parts_.wall());
    const auto known = verifier_.find(claim_.access_key);
    if (!known) throw unknown_key(target.protocol, claim_.access_key);
    expect_signed_headers(request, target, claim_);

    const std::string sent_hash = sent_.hex();
    const std::string payload = payload_of(request, target, claim_, sent_hash);
    const auto form = is_s3(target) ? sigv4::PathForm::as_sent : sigv4::PathForm::normalised;
    key_ = verifier_.signing_key(*known, claim_);
    const std::string text =
        sigv4::string_to_sign(claim_, sigv4::canonical_request(request, claim_, form, payload));
    if (!sigv4::same(sigv4::sign(key_, text), claim_.signature)) throw wrong_signature(target.protocol);
    verifier_.keep_signing_key(*known, claim_, key_);

    if (!sigv4::same(known->session_token, claim_.session_token)) throw wrong_session_token(target.protocol);
    if (known->expires && verifier_.parts_.clock.now() >= *known->expires)
        throw expired_session_token(target.protocol);
    if (is_s3(target)) check_payload(payload, sent_hash);
    has_signed_chunks_ = is_s3(target) && payload.starts_with(signed_chunks);
    caller.access_key = claim_.access_key;
    caller.account = known->account;
    caller.region = claim_.region;
    caller.principal_arn = known->principal_arn;
}

void Verifier::Check::check_chunks(const ChunkSignatures& signatures, std::string_view body) const {
    if (!has_signed_chunks_) return;
    if (signatures.chunks.empty()) throw wrong_signature(Protocol::rest_xml);
    std::string previous = claim_.signature;
    for (const auto& chunk : signatures.chunks) {
        std::string expected = sigv4::sign_chunk(key_, claim_, previous, body.substr(chunk.from, chunk.size));
        if (!sigv4::same(expected, chunk.signature)) throw wrong_signature(Protocol::rest_xml);
        previous = std::move(expected);
    }
    // That trailers are signed where the form wants it has been seen when they were read.
    if (signatures.trailer_lines.empty() && signatures.trailer_signature.empty()) return;
    const std::string expected = sigv4::sign_trailers(key_, claim_, previous, signatures.trailer_lines);
    if (!sigv4::same(expected, signatures.trailer_signature)) throw wrong_signature(Protocol::rest_xml);
}

}  // namespace rockwatch
