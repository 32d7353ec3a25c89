#include "control/routes.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <span>

#include "control/input.hpp"
#include "core/text.hpp"
#include "gateway/receive.hpp"
#include "gateway/storage_failure.hpp"
#include "rules/fields.hpp"

namespace rockwatch::control {

namespace {

constexpr std::string_view prefix = "/_rockwatch/";

HttpReply reply_of(ControlAnswer&& answer) {
    HttpReply reply;
    reply.status = answer.status;
    reply.headers.add("Content-Type", answer.content_type);
    reply.headers.add("Cache-Control", "no-store");
    if (answer.live) {
        reply.streamed = true;
        reply.live = std::move(answer.live);
    } else {
        reply.body = answer.text.empty() ? to_text(answer.body) : std::move(answer.text);
    }
    return reply;
}

HttpReply error_reply(const InputError& error) {
    Json told = {{"code", error.code}, {"message", error.what()}};
    if (!error.path.empty()) told["path"] = error.path;
    HttpReply reply = reply_of({.status = error.status, .body = {{"error", std::move(told)}}});
    add_retry_after(reply);
    return reply;
}

/// The route's {id}, or nullopt when the path is another's. The raw path's last segment is decoded.
std::optional<std::string> match_path(std::string_view pattern, std::string_view path) {
    constexpr std::string_view label = "{id}";
    if (!pattern.ends_with(label)) return pattern == path ? std::optional(std::string{}) : std::nullopt;
    pattern.remove_suffix(label.size());
    if (!path.starts_with(pattern)) return std::nullopt;
    const auto id = path.substr(pattern.size());
    if (id.empty() || id.find('/') != std::string_view::npos) return std::nullopt;
    return percent_decode(id);
}

/// What the contract has and this version does not: refused by name.
constexpr std::string_view later = "scenarios/run";

InputError no_such_path(std::string_view method, std::string_view path) {
    const std::string_view rest = path.starts_with(prefix) ? path.substr(prefix.size()) : path;
    if (rest == later) {
        return {501, "NotImplemented", fmt::format("{} is not supported yet", path)};
    }
    std::string allowed;
    for (const Route& route : all_routes()) {
        if (match_path(route.path, path))
            allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    }
    if (allowed.empty()) return {404, "NoSuchPath", fmt::format("there is no control path {}", path)};
    return {404, "NoSuchPath", fmt::format("{} does not take {}, but {}", path, method, allowed)};
}

Json read_json_body(HttpRequest& request) {
    std::string text;
    try {
        text = request.read_body();
    } catch (const BodyError& error) {
        throw InputError(error.status, "InvalidBody", error.what());
    }
    if (text.empty()) return nullptr;
    const std::string_view type = request.headers.get("Content-Type");
    const std::string_view media_type = type.substr(0, type.find(';'));
    if (!equal_ignoring_case(media_type, "application/json")) {
        throw InputError(415, "UnsupportedMediaType",
                         "the control API takes bodies of Content-Type application/json alone");
    }
    std::string what;
    auto body = parse_json(text, &what);
    if (!body) throw bad_request("InvalidJson", what);
    return std::move(*body);
}

std::map<std::string, std::string, std::less<>> read_query(std::string_view query, const Route& route) {
    std::map<std::string, std::string, std::less<>> parameters;
    if (query.empty()) return parameters;
    const auto known = split(route.parameters, ' ');
    for (const auto part : split(query, '&')) {
        const auto equals = part.find('=');
        std::string name = percent_decode(part.substr(0, equals), true);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw bad_request("InvalidRequest", fmt::format("unknown parameter {}", name),
                              rules::pointer_to("", name));
        }
        parameters[std::move(name)] =
            equals == std::string_view::npos ? std::string{} : percent_decode(part.substr(equals + 1), true);
    }
    return parameters;
}

/// Takes as long for a wrong token as for a right one.
bool same_token(std::string_view given, std::string_view wanted) {
    unsigned difference = given.size() == wanted.size() ? 0 : 1;
    for (std::size_t index = 0; index < wanted.size(); ++index) {
        const char letter = index < given.size() ? given[index] : '\0';
        difference |= static_cast<unsigned char>(letter ^ wanted[index]);
    }
    return difference == 0;
}

}  // namespace

const std::vector<Route>& all_routes() {
    static const std::vector<Route> all = [] {
        std::vector<Route> joined;
        for (const auto routes : {state_routes(), clock_routes(), rule_routes(), quota_routes(),
                                  history_routes(), watch_routes(), metrics_routes()}) {
            joined.insert(joined.end(), routes.begin(), routes.end());
        }
        return joined;
    }();
    return all;
}

bool ControlApi::owns(std::string_view path) {
    return path.starts_with(prefix) || path == "/_rockwatch" || path == "/_localstack/health" ||
           path == "/moto-api/reset";
}

ControlAnswer ControlApi::dispatch(HttpRequest& request) {
    const bool is_health =
        (request.method == "GET" || request.method == "HEAD") &&
        (request.path() == "/_rockwatch/health" || request.path() == "/_localstack/health");
    if (!options_.token.empty() && !is_health) {
        const std::string_view given = request.headers.get("Authorization");
        constexpr std::string_view scheme = "Bearer ";
        if (!given.starts_with(scheme) || !same_token(given.substr(scheme.size()), options_.token)) {
            throw InputError(
                401, "Unauthorized",
                "the control API asks for Authorization: Bearer and the token of --control-token");
        }
    }
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    for (const Route& route : all_routes()) {
        if (route.method != method) continue;
        auto id = match_path(route.path, request.path());
        if (!id) continue;
        ControlRequest asked{.query = read_query(request.query(), route), .id = std::move(*id)};
        if (method != "GET") asked.body = read_json_body(request);
        asked.last_event_id = request.headers.get("Last-Event-ID");
        Control control{.world = world_, .options = options_};
        return route.run(control, asked);
    }
    throw no_such_path(request.method, request.path());
}

HttpReply ControlApi::answer(HttpRequest& request) try {
    return reply_of(dispatch(request));
} catch (const InputError& error) {
    return error_reply(error);
} catch (const DatabaseError& broken) {
    const std::string text = storage_failure_text(broken, world_.storage().bytes_max());
    spdlog::error("{} {}: {}", request.method, request.path(), text);
    return error_reply({500, "DatabaseFailure", text});
} catch (const std::exception& broken) {
    spdlog::error("{} {} failed: {}", request.method, request.path(), broken.what());
    return error_reply({500, "InternalFailure", "the emulator failed to answer; its log says why"});
}

}  // namespace rockwatch::control
