// How a request tells of its signature: the Authorization header, or the query of a presigned URL.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/log.hpp"
#include "core/text.hpp"
#include "core/text_time.hpp"
#include "protocol/sigv4.hpp"
#include "protocol/uri.hpp"

namespace rockwatch::sigv4 {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view query_names[] = {"X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",
                                            "X-Amz-Expires",       "X-Amz-Signature",  "X-Amz-SignedHeaders",
                                            "X-Amz-Security-Token"};
constexpr std::string_view one_mechanism =
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
    "parameter or the Authorization header should be specified";

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// 20260101T000000Z
std::optional<Instant> parse_basic(std::string_view text) {
    constexpr std::size_t size = 16;
    if (text.size() != size || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    if (!is_digits(text.substr(0, 8)) || !is_digits(text.substr(9, 6))) return std::nullopt;
    return parse_iso(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2),
                                 text.substr(6, 2), text.substr(9, 2), text.substr(11, 2),
                                 text.substr(13, 2)));
}

std::string basic_text(Instant instant) {
    std::string text = iso_seconds(instant);
    std::erase_if(text, [](char letter) { return letter == '-' || letter == ':'; });
    return text;
}

/// The one field of that name; empty when there is none.
std::string single_header(const HttpRequest& request, std::string_view name) {
    const std::string* found = nullptr;
    for (const auto& [sent, value] : request.headers) {
        if (!equal_ignoring_case(sent, name)) continue;
        if (found != nullptr) throw Malformed(fmt::format("The header {} is there more than once.", name));
        found = &value;
    }
    return found == nullptr ? std::string{} : std::string(trim(*found));
}

void read_credential(std::string_view credential, Claim& claim) {
    auto parts = split(credential, '/');
    constexpr std::size_t tail = 4;
    if (parts.size() <= tail || parts.back() != "aws4_request" || parts[parts.size() - 4].size() != 8) {
        throw Malformed(
            fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                        "keyid/date/region/service/term, got '{}'",
                        log_safe(credential)));
    }
    const auto from_end = [&](std::size_t index) { return std::string(parts[parts.size() - index]); };
    claim.service = from_end(2);
    claim.region = from_end(3);
    claim.date = from_end(4);
    const std::size_t tail_bytes =
        claim.service.size() + claim.region.size() + claim.date.size() + parts.back().size() + tail;
    claim.access_key = credential.substr(0, credential.size() - tail_bytes);  // a key may hold slashes
    if (claim.access_key.empty() || claim.region.empty() || claim.service.empty() || !is_digits(claim.date))
        throw Malformed("Credential must name a key, a date, a region and a service.");
}

void read_signed_headers(std::string_view names, Claim& claim) {
    for (const auto name : split(names, ';')) {
        const bool is_lower = std::none_of(name.begin(), name.end(), [](char letter) {
            return (letter >= 'A' && letter <= 'Z') || letter <= ' ' || letter == ':';
        });
        if (name.empty() || !is_lower)
            throw Malformed("SignedHeaders must be names in lower case, parted by ;");
        claim.signed_headers.emplace_back(name);
    }
    const auto& all = claim.signed_headers;
    if (std::adjacent_find(all.begin(), all.end(), std::greater_equal<>{}) != all.end())
        throw Malformed("SignedHeaders must be in the order of the alphabet, each once.");
    if (std::find(all.begin(), all.end(), "host") == all.end())
        throw Malformed("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
}

void read_time(const std::string& text, Claim& claim) {
    const auto basic = parse_basic(text);
    if (!basic) throw Malformed("Date must be in ISO8601 'basic format'.");
    claim.time = text;
}

std::map<std::string_view, std::string_view> authorization_fields(std::string_view rest) {
    std::map<std::string_view, std::string_view> fields;
    for (const auto part : split(rest, ',')) {
        const auto field = trim(part);
        const auto equals = field.find('=');
        const auto name = field.substr(0, equals);
        const bool is_known = name == "Credential" || name == "SignedHeaders" || name == "Signature";
        if (equals == std::string_view::npos || !is_known)
            throw Malformed(fmt::format(
                "Authorization header holds something else than Credential, SignedHeaders and Signature: {}",
                log_safe(name)));
        if (!fields.emplace(name, field.substr(equals + 1)).second)
            throw Malformed(fmt::format("Authorization header holds '{}' twice.", name));
    }
    return fields;
}

Claim header_claim(const HttpRequest& request, std::string_view authorization) {
    const auto space = std::min(authorization.find(' '), authorization.size());
    if (authorization.substr(0, space) != algorithm)
        throw Malformed(fmt::format("Unsupported AWS 'algorithm': '{}'. Sign with {}.",
                                    log_safe(authorization.substr(0, space)), algorithm));
    const auto fields = authorization_fields(authorization.substr(space));
    for (const std::string_view name : {"Credential", "Signature", "SignedHeaders"}) {
        const auto field = fields.find(name);
        if (field == fields.end() || field->second.empty())
            throw Malformed(fmt::format("Authorization header requires '{}' parameter.", name));
    }
    Claim claim;
    read_credential(fields.at("Credential"), claim);
    read_signed_headers(fields.at("SignedHeaders"), claim);
    claim.signature = fields.at("Signature");
    claim.session_token = single_header(request, "X-Amz-Security-Token");
    std::string time = single_header(request, "X-Amz-Date");
    if (time.empty()) {
        time = single_header(request, "Date");
        if (time.empty())
            throw Malformed(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        if (const auto instant = parse_http_date(time)) time = basic_text(*instant);
    }
    read_time(time, claim);
    return claim;
}

std::map<std::string, std::string, std::less<>> signing_parameters(const HttpRequest& request) {
    std::map<std::string, std::string, std::less<>> found;
    for (auto& [name, value] : parse_query(request.query())) {
        const bool is_ours =
            std::find(std::begin(query_names), std::end(query_names), name) != std::end(query_names);
        if (is_ours && !found.emplace(name, value).second)
            throw Malformed(fmt::format("The query parameter {} is there more than once.", name));
    }
    return found;
}

Claim query_claim(const std::map<std::string, std::string, std::less<>>& parameters) {
    const auto value = [&](std::string_view name) {
        const auto found = parameters.find(name);
        if (found == parameters.end() || found->second.empty())
            throw Malformed(fmt::format("AWS query-string parameters must include '{}'.", name));
        return found->second;
    };
    if (const std::string named = value("X-Amz-Algorithm"); named != algorithm)
        throw Malformed(
            fmt::format("Unsupported AWS 'algorithm': '{}'. Sign with {}.", log_safe(named), algorithm));
    Claim claim{.signature = value("X-Amz-Signature"), .is_presigned = true};
    read_credential(value("X-Amz-Credential"), claim);
    read_signed_headers(value("X-Amz-SignedHeaders"), claim);
    read_time(value("X-Amz-Date"), claim);
    if (parameters.contains("X-Amz-Security-Token")) claim.session_token = value("X-Amz-Security-Token");
    const std::string expires = value("X-Amz-Expires");
    int seconds = 0;
    const auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
    constexpr int week = 604'800;
    if (error != std::errc{} || end != expires.data() + expires.size() || seconds < 1 || seconds > week)
        throw Malformed("X-Amz-Expires must be a number of seconds from 1 to 604800.");
    claim.lifetime = std::chrono::seconds{seconds};
    return claim;
}

}  // namespace

Instant Claim::instant() const { return parse_basic(time).value_or(Instant{}); }

std::optional<Claim> claim_of(const HttpRequest& request) {
    const std::string authorization = single_header(request, "Authorization");
    const auto parameters = signing_parameters(request);
    const bool is_presigned = parameters.contains("X-Amz-Signature") ||
                              parameters.contains("X-Amz-Algorithm") ||
                              parameters.contains("X-Amz-Credential");
    if (!authorization.empty() && is_presigned) throw Malformed(std::string(one_mechanism));
    if (authorization.empty() && !is_presigned) return std::nullopt;
    Claim claim = is_presigned ? query_claim(parameters) : header_claim(request, authorization);
    if (!claim.time.starts_with(claim.date))
        throw Malformed(
            fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                        "date from HTTP: '{}' != '{}', from '{}'.",
                        claim.date, claim.time.substr(0, 8), claim.time));
    return claim;
}

}  // namespace rockwatch::sigv4
