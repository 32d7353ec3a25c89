#include "protocol/sigv4.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/text.hpp"

namespace rockwatch::sigv4 {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view term = "aws4_request";

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char letter : bytes) {
        const auto byte = static_cast<unsigned char>(letter);
        text += digits[byte >> 4U];
        text += digits[byte & 0xfU];
    }
    return text;
}

std::string hmac(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
    unsigned size = 0;
    const unsigned char* done =
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), value.data(), &size);
    ensure(done != nullptr, "SHA-256 is always there");
    return {reinterpret_cast<const char*>(value.data()), size};
}

bool is_unreserved(char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
           letter == '~';
}

std::string encode_path(std::string_view path) {
    std::string encoded;
    for (const char letter : path) {
        if (letter == '/' || is_unreserved(letter)) {
            encoded += letter;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
        }
    }
    return encoded;
}

/// Without empty and dot segments; a slash at the end stays.
std::string normalise(std::string_view path) {
    std::vector<std::string_view> kept;
    std::string_view last;
    for (const auto segment : split(path, '/')) {
        last = segment;
        if (segment == ".." && !kept.empty()) kept.pop_back();
        if (!segment.empty() && segment != "." && segment != "..") kept.push_back(segment);
    }
    std::string normal = "/";
    for (const auto segment : kept) normal += (normal.size() == 1 ? "" : "/") + std::string(segment);
    const bool ends_in_slash = last.empty() || last == "." || last == "..";
    if (ends_in_slash && normal.size() > 1) normal += '/';
    return normal;
}

/// A plus is read as a blank, as whoever answers reads it: what was signed and what is done are the same.
/// Chosen: AWS does not say. Most of its SDKs sign %20 where a plus is sent; all send %2B for a plus.
std::string canonical_query(std::string_view raw, bool is_presigned) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto part : split(raw, '&')) {
        if (part.empty()) continue;
        const auto equals = part.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
        const std::string name = percent_decode(part.substr(0, equals), true);
        if (is_presigned && name == "X-Amz-Signature") continue;
        parameters.emplace_back(percent_encode(name), percent_encode(percent_decode(value, true)));
    }
    std::sort(parameters.begin(), parameters.end());
    std::string query;
    for (const auto& [name, value] : parameters) query += (query.empty() ? "" : "&") + name + "=" + value;
    return query;
}

/// Without blanks at its ends; a run of them inside is one.
void append_folded(std::string& text, std::string_view value) {
    bool blank = false;
    for (const char letter : trim(value)) {
        const bool is_blank = letter == ' ' || letter == '\t';
        if (is_blank && blank) continue;
        blank = is_blank;
        text += is_blank ? ' ' : letter;
    }
}

void append_header(std::string& text, const Headers& headers, std::string_view name) {
    text += name;
    char before = ':';
    for (const auto& [sent, value] : headers) {
        if (!equal_ignoring_case(sent, name)) continue;
        text += std::exchange(before, ',');
        append_folded(text, value);
    }
    if (before == ':') text += ':';
    text += '\n';
}

}  // namespace

std::string Claim::scope() const { return fmt::format("{}/{}/{}/{}", date, region, service, term); }

std::string canonical_request(const HttpRequest& request, const Claim& claim, PathForm form,
                              std::string_view payload_hash) {
    const std::string path =
        form == PathForm::as_sent ? std::string(request.path()) : encode_path(normalise(request.path()));
    std::string text = fmt::format("{}\n{}\n{}\n", request.method, path,
                                   canonical_query(request.query(), claim.is_presigned));
    for (const std::string& name : claim.signed_headers) append_header(text, request.headers, name);
    text += '\n';
    text += join(claim.signed_headers, ";");
    text += '\n';
    return text += payload_hash;
}

std::string string_to_sign(const Claim& claim, std::string_view canonical_request) {
    return fmt::format("{}\n{}\n{}\n{}", algorithm, claim.time, claim.scope(), sha256_hex(canonical_request));
}

std::string signing_key(std::string_view secret, const Claim& claim) {
    return hmac(hmac(hmac(hmac("AWS4" + std::string(secret), claim.date), claim.region), claim.service),
                term);
}

std::string sign(std::string_view key, std::string_view text) { return hex(hmac(key, text)); }

std::string sign_chunk(std::string_view key, const Claim& claim, std::string_view previous,
                       std::string_view chunk) {
    return sign(key, fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", claim.time, claim.scope(),
                                 previous, sha256_hex({}), sha256_hex(chunk)));
}

std::string sign_trailers(std::string_view key, const Claim& claim, std::string_view previous,
                          std::string_view lines) {
    return sign(key, fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", claim.time, claim.scope(),
                                 previous, sha256_hex(lines)));
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256_hex(std::string_view bytes) {
    PayloadHash hash;
    hash.add(bytes);
    return hash.hex();
}

struct PayloadHash::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

PayloadHash::PayloadHash() : state_(std::make_unique<State>()) {
    ensure(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1, "SHA-256 is always there");
}

PayloadHash::~PayloadHash() = default;

void PayloadHash::add(std::string_view bytes) {
    EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string PayloadHash::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
    unsigned size = 0;
    EVP_DigestFinal_ex(state_->context.get(), value.data(), &size);
    return sigv4::hex({reinterpret_cast<const char*>(value.data()), size});
}

}  // namespace rockwatch::sigv4
