#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/message.hpp"

namespace rockwatch::http {

/// Judges who may call at all: any web page can post to localhost, and DNS can make any name point here.
/// Stands in front of every path. Pure.
///
/// Source: control-api.md, "Who may call"; threats.md, section 4.
class HostGuard {
public:
    struct Options {
        std::vector<std::string> host_names;    ///< --host-name: exact, or *.suffix
        std::vector<std::string> cors_origins;  ///< --cors-origin: http://localhost:3000
    };

    enum class Ruling { pass, refuse, preflight };

    struct Verdict {
        Ruling ruling = Ruling::pass;
        std::string reason;       ///< of a refusal; names the flag that would allow it
        std::string cors_origin;  ///< an allowed foreign origin, whose answers get CORS headers; else empty
    };

    explicit HostGuard(Options options);

    Verdict judge(const HttpRequest& request) const;

    /// The Host rule alone. `host` is the header's value: name or address, with or without a port.
    bool accepts_host(std::string_view host) const;

private:
    bool is_known_name(std::string_view name) const;
    Verdict judge_origin(const HttpRequest& request, std::string_view origin) const;

    Options options_;
};

/// True for paths of our own surface, which never get CORS headers and have errors of another form.
bool is_control_path(std::string_view path);

/// The answer to a preflight that the guard allowed.
HttpReply preflight_reply(const HttpRequest& request, const std::string& origin);
/// Lets the page at `origin` read this answer.
void allow_origin(HttpReply& reply, const std::string& origin);

}  // namespace rockwatch::http
