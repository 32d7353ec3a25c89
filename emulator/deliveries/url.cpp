#include "deliveries/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace rockwatch::deliveries {

namespace {

constexpr std::size_t host_length_max = 253;
constexpr std::size_t label_length_max = 63;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_plain(char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte > 0x20 && byte < 0x7f && letter != '\\' && letter != '"' && letter != '<' && letter != '>';
}

bool is_host_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || is_digit(letter) || letter == '-' || letter == '_';
}

/// 1-3 decimal digits without leading zeros, at most 255.
bool is_plain_octet(std::string_view label) {
    if (label.empty() || label.size() > 3 || !std::all_of(label.begin(), label.end(), is_digit)) return false;
    if (label.size() > 1 && label[0] == '0') return false;
    int value = 0;
    std::from_chars(label.data(), label.data() + label.size(), value);
    return value <= 255;
}

/// The resolver would read such a host as an address: 127.1, 2130706433, 0x7f.1, 0177.0.0.1.
bool ends_in_number(std::string_view last_label) {
    if (std::all_of(last_label.begin(), last_label.end(), is_digit)) return true;
    return last_label.size() >= 2 && last_label[0] == '0' && last_label[1] == 'x';
}

const char* host_fault(std::string_view host) {
    if (host.empty()) return "the URL has no host";
    if (host.size() > host_length_max) return "the host is too long";
    const auto labels = split(host, '.');
    for (const auto label : labels) {
        if (label.empty() || label.size() > label_length_max) return "the host is not a name";
        if (!std::all_of(label.begin(), label.end(), is_host_letter)) return "the host is not a name";
    }
    if (!ends_in_number(labels.back())) return nullptr;
    const bool dotted_quad = labels.size() == 4 && std::all_of(labels.begin(), labels.end(), is_plain_octet);
    return dotted_quad ? nullptr : "a host that is a number must be written as four plain decimals";
}

const char* read_port(std::string_view text, int& port) {
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = failed == std::errc{} && stop == text.data() + text.size() && is_digit(text[0]);
    return whole && port >= 1 && port <= 65535 ? nullptr : "the port is not a number from 1 to 65535";
}

/// host, host:port, [::1], [::1]:port
const char* read_authority(std::string_view authority, Url& url) {
    if (authority.find('@') != std::string_view::npos) return "a URL with a user name is not supported";
    std::string_view after_host;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return "the IPv6 address is not closed";
        url.host = lower_case(authority.substr(1, end - 1));
        in6_addr parsed{};
        if (inet_pton(AF_INET6, url.host.c_str(), &parsed) != 1) return "the host is not an IPv6 address";
        after_host = authority.substr(end + 1);
    } else {
        const auto colon = authority.find(':');
        url.host = lower_case(authority.substr(0, colon));
        if (const char* fault = host_fault(url.host)) return fault;
        if (colon != std::string_view::npos) after_host = authority.substr(colon);
    }
    if (after_host.empty()) return nullptr;
    if (after_host[0] != ':' || after_host.size() == 1) return "the port is not a number from 1 to 65535";
    return read_port(after_host.substr(1), url.port);
}

const char* read_url(std::string_view text, Url& url) {
    if (!std::all_of(text.begin(), text.end(), is_plain))
        return "the URL has spaces or letters that must be escaped";
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) return "the URL does not start with http:// or https://";
    url.scheme = lower_case(text.substr(0, scheme_end));
    if (url.scheme != "http" && url.scheme != "https") return "only http and https are spoken";
    url.port = url.scheme == "https" ? 443 : 80;

    std::string_view rest = text.substr(scheme_end + 3);
    rest = rest.substr(0, rest.find('#'));
    const auto authority_end = std::min(rest.find('/'), rest.find('?'));
    if (const char* fault = read_authority(rest.substr(0, authority_end), url)) return fault;
    url.target = authority_end == std::string_view::npos ? "/" : std::string(rest.substr(authority_end));
    if (url.target[0] == '?') url.target.insert(0, 1, '/');
    return nullptr;
}

}  // namespace

std::string Url::authority() const {
    const std::string shown = is_ipv6() ? "[" + host + "]" : host;
    return port == (scheme == "https" ? 443 : 80) ? shown : shown + ":" + std::to_string(port);
}

std::optional<Url> parse_url(std::string_view text, std::string* error) {
    Url url;
    const char* fault = read_url(text, url);
    if (fault == nullptr) return url;
    if (error != nullptr) *error = fault;
    return std::nullopt;
}

}  // namespace rockwatch::deliveries
