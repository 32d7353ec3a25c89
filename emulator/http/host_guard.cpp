#include "http/host_guard.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/log.hpp"
#include "core/text.hpp"

namespace rockwatch::http {

namespace {

/// Names that nobody can register, so that no page can be served under them.
constexpr std::string_view private_suffixes[] = {".local", ".internal",      ".test",     ".localhost",
                                                 ".svc",   ".cluster.local", ".home.arpa"};

struct Authority {
    std::string name;  ///< lower case, without brackets and without the last dot
    std::string port;  ///< empty when none is given
    bool is_bracketed = false;
};

bool is_port(std::string_view text) {
    constexpr std::size_t digits_max = 5;
    return text.size() <= digits_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// name, name:port, [address] or [address]:port; nullopt for anything else.
std::optional<Authority> parse_authority(std::string_view text) {
    Authority authority;
    if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        authority.is_bracketed = true;
        authority.name = lower_case(text.substr(1, end - 1));
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') return std::nullopt;
    } else {
        const auto end = std::min(text.find(':'), text.size());
        authority.name = lower_case(text.substr(0, end));
        text.remove_prefix(end);
        if (authority.name.ends_with('.')) authority.name.pop_back();
    }
    if (!text.empty()) text.remove_prefix(1);
    if (!is_port(text) || authority.name.empty()) return std::nullopt;
    authority.port = text;
    return authority;
}

bool is_ipv4(const std::string& name) {
    in_addr address{};
    return inet_pton(AF_INET, name.c_str(), &address) == 1;
}

bool is_ipv6(std::string name) {
    const auto mark = std::min(name.find('%'), name.size());  // a zone: fe80::1%eth0
    const bool is_zone = std::all_of(name.begin() + std::ptrdiff_t(mark), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '%' || c == '-' || c == '.' ||
               c == '_';
    });
    if (!is_zone) return false;
    name.resize(mark);
    in6_addr address{};
    return inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

bool is_host_name(std::string_view name) {
    constexpr std::size_t name_max = 253;
    constexpr std::size_t label_max = 63;
    if (name.size() > name_max) return false;
    const auto labels = split(name, '.');
    return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
        return !label.empty() && label.size() <= label_max &&
               std::all_of(label.begin(), label.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
               });
    });
}

/// bucket.127.0.0.1: S3's virtual-host form; a name that ends in a number can't be registered.
bool is_below_ipv4(std::string_view name) {
    constexpr int dots_of_an_address = 3;
    std::size_t at = name.size();
    for (int dots = 0; dots <= dots_of_an_address && at != std::string_view::npos; ++dots) {
        at = at == 0 ? std::string_view::npos : name.rfind('.', at - 1);
    }
    return at != std::string_view::npos && is_ipv4(std::string(name.substr(at + 1)));
}

bool is_loopback(const Authority& authority) {
    return authority.name == "localhost" || authority.name == "127.0.0.1" || authority.name == "::1";
}

/// The origin of a page that this very server sent.
bool is_own(std::string_view origin, std::string_view host) {
    constexpr std::string_view scheme = "http://";
    if (!equal_ignoring_case(origin.substr(0, scheme.size()), scheme)) return false;
    const auto page = parse_authority(origin.substr(scheme.size()));
    const auto own = parse_authority(host);
    if (!page || !own) return false;
    const auto port = [](const Authority& authority) {
        return authority.port.empty() ? "80" : authority.port;
    };
    const bool same_name = page->name == own->name || (is_loopback(*page) && is_loopback(*own));
    return same_name && port(*page) == port(*own);
}

std::size_t count_of(const Headers& headers, std::string_view name) {
    return static_cast<std::size_t>(
        std::count_if(headers.begin(), headers.end(),
                      [&](const Headers::Field& field) { return equal_ignoring_case(field.first, name); }));
}

/// Somebody followed a link to the console: nothing is changed, and the linking page can't read it.
bool is_navigation_to_a_page(const HttpRequest& request) {
    const bool is_page = request.target == "/" || request.target == "/_rockwatch/console" ||
                         request.target.starts_with("/_rockwatch/console/");
    return request.method == "GET" && is_page && request.headers.get("Sec-Fetch-Mode") == "navigate" &&
           request.headers.get("Sec-Fetch-Dest") == "document";
}

HostGuard::Verdict refusal(std::string reason) { return {HostGuard::Ruling::refuse, std::move(reason), {}}; }

}  // namespace

HostGuard::HostGuard(Options options) : options_(std::move(options)) {
    for (auto& name : options_.host_names) {
        name = lower_case(name);
        if (name.ends_with('.')) name.pop_back();
    }
    for (auto& origin : options_.cors_origins) {
        origin = lower_case(origin);
        if (origin.ends_with('/')) origin.pop_back();
    }
}

bool HostGuard::is_known_name(std::string_view name) const {
    return std::any_of(options_.host_names.begin(), options_.host_names.end(), [&](std::string_view known) {
        if (known.starts_with("*.")) return name.ends_with(known.substr(1));
        // The bucket forms of a configured name are ours too: they lie below it.
        return name == known || (name.ends_with(known) && name[name.size() - known.size() - 1] == '.');
    });
}

bool HostGuard::accepts_host(std::string_view host) const {
    const auto authority = parse_authority(host);
    if (!authority) return false;
    if (authority->is_bracketed) return is_ipv6(authority->name);
    const std::string& name = authority->name;
    if (is_ipv4(name)) return true;
    if (!is_host_name(name)) return false;
    if (name.find('.') == std::string::npos) return true;  // localhost; a service of docker compose
    const bool is_private = std::any_of(std::begin(private_suffixes), std::end(private_suffixes),
                                        [&](std::string_view suffix) { return name.ends_with(suffix); });
    return is_private || is_below_ipv4(name) || is_known_name(name);
}

HostGuard::Verdict HostGuard::judge(const HttpRequest& request) const {
    const std::string* host = request.headers.find("Host");
    if (host != nullptr && !accepts_host(*host)) {
        return refusal(fmt::format(
            "Host {} is not one of this server's names. If it should be, start it with --host-name NAME "
            "(ROCKWATCH_HOST_NAME).",
            log_safe(*host)));
    }
    const std::size_t origins = count_of(request.headers, "Origin");
    if (origins > 1) return refusal("The request has more than one Origin.");
    if (origins == 1) return judge_origin(request, request.headers.get("Origin"));
    for (const auto& [name, value] : request.headers) {
        if (!equal_ignoring_case(name, "Sec-Fetch-Site") || value == "same-origin" || value == "none")
            continue;
        if (is_navigation_to_a_page(request)) continue;
        return refusal(
            "A web page of another origin may not call this server. If it should, start it with "
            "--cors-origin ORIGIN (ROCKWATCH_CORS_ORIGIN).");
    }
    return {};
}

HostGuard::Verdict HostGuard::judge_origin(const HttpRequest& request, std::string_view origin) const {
    if (is_own(origin, request.headers.get("Host"))) return {};
    const auto& allowed = options_.cors_origins;
    if (std::find(allowed.begin(), allowed.end(), lower_case(origin)) == allowed.end()) {
        return refusal(fmt::format(
            "The web page at {} may not call this server. If it should, start it with --cors-origin ORIGIN "
            "(ROCKWATCH_CORS_ORIGIN).",
            log_safe(origin)));
    }
    if (is_control_path(request.path())) return {};
    Verdict verdict{.cors_origin = std::string(origin)};
    const bool asks =
        request.method == "OPTIONS" && request.headers.find("Access-Control-Request-Method") != nullptr;
    if (asks) verdict.ruling = Ruling::preflight;
    return verdict;
}

bool is_control_path(std::string_view path) {
    return path.starts_with("/_rockwatch/") || path.starts_with("/_localstack/") ||
           path.starts_with("/moto-api/");
}

HttpReply preflight_reply(const HttpRequest& request, const std::string& origin) {
    HttpReply reply;
    reply.status = 204;
    reply.headers.add("Access-Control-Allow-Origin", origin);
    reply.headers.add("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, PATCH");
    const std::string_view headers = request.headers.get("Access-Control-Request-Headers");
    if (!headers.empty()) reply.headers.add("Access-Control-Allow-Headers", std::string(headers));
    if (equal_ignoring_case(request.headers.get("Access-Control-Request-Private-Network"), "true")) {
        reply.headers.add("Access-Control-Allow-Private-Network", "true");
    }
    reply.headers.add("Access-Control-Max-Age", "600");
    reply.headers.add("Vary",
                      "Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network");
    return reply;
}

void allow_origin(HttpReply& reply, const std::string& origin) {
    reply.headers.set("Access-Control-Allow-Origin", origin);
    reply.headers.set("Access-Control-Expose-Headers", "*");
    reply.headers.add("Vary", "Origin");
}

}  // namespace rockwatch::http
