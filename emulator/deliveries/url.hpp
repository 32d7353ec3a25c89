#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rockwatch::deliveries {

/// An http or https URL, taken apart once and strictly, so that the host which is checked is the host which
/// is called (threats.md T14).
struct Url {
    std::string scheme;  ///< http, https
    std::string host;    ///< lower case; an IPv6 address without its brackets
    int port = 80;
    std::string target;  ///< path and query as written, at least "/"

    bool is_ipv6() const { return host.find(':') != std::string::npos; }
    /// The Host header: the port only where it is not the scheme's own.
    std::string authority() const;
};

/// Nullopt for everything but a plain absolute http(s) URL; `error` says why. Refused are user names, escapes
/// and other odd letters in the host, numbers that are not four plain decimals (127.1, 0x7f000001,
/// 017700000001), spaces and control characters anywhere.
std::optional<Url> parse_url(std::string_view text, std::string* error = nullptr);

}  // namespace rockwatch::deliveries
