// Who may call: whatever Host and Origin are, nobody is let in whose name somebody could register or whose
// page another server sent.

#include "http/host_guard.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "core/text.hpp"
#include "fuzz.hpp"

namespace rockwatch::fuzz {

namespace {

using http::HostGuard;

const HostGuard& guard() {
    static const HostGuard one({.host_names = {"emulator.example.com", "*.dev.example.org"},
                                .cors_origins = {"http://localhost:3000", "https://app.example.com"}});
    return one;
}

std::string upper_case(std::string text) {
    for (char& letter : text) letter = letter >= 'a' && letter <= 'z' ? char(letter - 32) : letter;
    return text;
}

/// A second opinion on a Host that was let in, from its last labels alone.
bool is_private(std::string name) {
    name = lower_case(name);
    if (name.starts_with('[')) {
        name = name.substr(1, name.find(']') - 1);
        name.resize(std::min(name.find('%'), name.size()));
        in6_addr address{};
        return inet_pton(AF_INET6, name.c_str(), &address) == 1;
    }
    name = name.substr(0, name.find(':'));
    if (name.ends_with('.')) name.pop_back();
    const auto labels = split(name, '.');
    const std::string_view last = labels.back();
    if (labels.size() == 1) return true;
    if (std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return labels.size() > 3;
    const bool is_arpa = last == "arpa" && labels[labels.size() - 2] == "home";
    const bool is_configured = name.ends_with(".emulator.example.com") || name == "emulator.example.com" ||
                               name.ends_with(".dev.example.org");
    return last == "local" || last == "internal" || last == "test" || last == "localhost" || last == "svc" ||
           is_arpa || is_configured;
}

void check_host(const std::string& host) {
    const bool is_accepted = guard().accepts_host(host);
    promise(guard().accepts_host(upper_case(host)) == is_accepted, "a host's case does not matter");
    promise(guard().accepts_host(lower_case(host)) == is_accepted, "in neither direction");
    if (!is_accepted) return;
    promise(host.find_first_of(std::string_view("/\\@?#,; \t\r\n\0", 12)) == std::string::npos,
            "a host is a name");
    promise(is_private(host), "nobody can register an accepted name");
}

/// The lines: host, origin, Sec-Fetch-Site, method and target; an empty or missing one is not sent.
void host_guard(std::string_view bytes) {
    const FirstLine host(bytes);
    const FirstLine origin(host.rest);
    const FirstLine site(origin.rest);
    const FirstLine method(site.rest);
    check_host(std::string(host.line));

    HttpRequest request;
    request.method = method.line.empty() ? "POST" : method.line;
    request.target = method.rest.starts_with('/') ? method.rest : "/";
    if (!host.line.empty()) request.headers.add("Host", std::string(host.line));
    if (!origin.line.empty()) request.headers.add("Origin", std::string(origin.line));
    if (!site.line.empty()) request.headers.add("Sec-Fetch-Site", std::string(site.line));
    const auto verdict = guard().judge(request);
    if (verdict.ruling == HostGuard::Ruling::refuse) {
        promise(!verdict.reason.empty(), "a refusal says why");
        promise(verdict.cors_origin.empty(), "and tells no browser to read it");
        return;
    }
    promise(host.line.empty() || guard().accepts_host(host.line), "no call passes under a foreign name");
    const std::string from = lower_case(origin.line);
    const bool is_listed = from == "http://localhost:3000" || from == "https://app.example.com";
    promise(verdict.cors_origin.empty() || (is_listed && verdict.cors_origin == origin.line),
            "only a listed origin is told to browsers");
    promise(origin.line.empty() || is_listed || from.starts_with("http://"),
            "no other page has any other scheme");
    if (!origin.line.empty() && !is_listed)
        promise(is_private(from.substr(7)), "no page of a foreign site passes");
    const bool is_foreign = !site.line.empty() && site.line != "same-origin" && site.line != "none";
    promise(!is_foreign || !origin.line.empty(), "a browser's word that the page is foreign is heeded");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(host_guard)
