// What a request says of its signature: any head that HTTP lets through is signed, unsigned or refused; what
// is made of it to be signed is one text, and nobody signs by accident.

#include "fuzz.hpp"
#include "http/head.hpp"
#include "protocol/sigv4.hpp"

namespace rockwatch::fuzz {

namespace {

void check(const HttpRequest& request, const sigv4::Claim& claim, std::string_view body) {
    promise(claim.date.size() == 8 && claim.time.starts_with(claim.date),
            "a signature is of the day of its scope");
    promise(!claim.signed_headers.empty(), "something is signed");
    promise(claim.lifetime.count() >= 0, "nobody's lifetime has ended before it began");
    const std::string hash = sigv4::sha256_hex(body);
    for (const auto form : {sigv4::PathForm::as_sent, sigv4::PathForm::normalised}) {
        const std::string canonical = sigv4::canonical_request(request, claim, form, hash);
        promise(canonical == sigv4::canonical_request(request, claim, form, hash),
                "there is one canonical form");
        promise(canonical.ends_with("\n" + hash), "which ends with the payload's hash");
        promise(canonical.starts_with(request.method + "\n"), "and begins with the method");
        const std::string text = sigv4::string_to_sign(claim, canonical);
        const std::string key = sigv4::signing_key("a secret that no input knows", claim);
        promise(!sigv4::same(sigv4::sign(key, text), claim.signature), "nobody signs by accident");
    }
}

/// A whole request: head, and behind it the body as it is.
void sigv4_claim(std::string_view bytes) {
    http::HeadReader reader;
    if (reader.read(bytes) != http::HeadReader::State::complete) return;
    const std::string_view body = bytes.substr(reader.size());
    http::Head head = reader.take();
    const HttpRequest request{.method = std::move(head.method),
                              .target = std::move(head.target),
                              .headers = std::move(head.headers)};
    try {
        const auto claim = sigv4::claim_of(request);
        if (claim) check(request, *claim, body);
    } catch (const sigv4::Malformed& refused) {
        promise(*refused.what() != '\0', "a refusal says why");
    }
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(sigv4_claim)
