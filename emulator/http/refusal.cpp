#include "http/refusal.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/log.hpp"
#include "core/text_time.hpp"
#include "http/host_guard.hpp"

namespace rockwatch::http {

namespace {

constexpr int too_busy = 503;

std::string_view reason(int status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 408:
            return "Request Timeout";
        case 413:
            return "Payload Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 431:
            return "Request Header Fields Too Large";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Internal Server Error";
    }
}

/// The control API's word for what the front refuses.
std::string_view control_code(int status) {
    switch (status) {
        case 403:
            return "Forbidden";
        case 500:
            return "InternalError";
        case 503:
            return "Busy";
        default:
            return "InvalidRequest";
    }
}

}  // namespace

HttpReply refusal(int status, std::string_view message, std::string_view path) {
    HttpReply reply;
    reply.status = status;
    reply.headers.add("Content-Type", "application/json");
    if (status == too_busy) reply.headers.add("Retry-After", "1");
    const Json said = is_control_path(path)
                          ? Json{{"error", {{"code", control_code(status)}, {"message", message}}}}
                          : Json{{"message", message}};
    reply.body = to_text(said);
    return reply;
}

HttpReply refusal(Handler& handler, const HttpRequest& request, int status, std::string_view message) {
    try {
        if (auto reply = handler.turn_away(request, status, message)) return std::move(*reply);
    } catch (const std::exception& error) {
        spdlog::error("{} {} could not be refused in its own form: {}", request.method,
                      log_safe(request.target), log_safe(error.what()));
    }
    return refusal(status, message, request.path());
}

std::string last_bytes(const HttpReply& reply) {
    std::string bytes =
        fmt::format("HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Length: {}\r\nDate: {}\r\n", reply.status,
                    reason(reply.status), reply.body.size(), http_date(wall_now()));
    for (const auto& [name, value] : reply.headers) bytes += fmt::format("{}: {}\r\n", name, value);
    return bytes + "\r\n" + reply.body;
}

std::string refusal_bytes(int status, std::string_view message, std::string_view target) {
    HttpReply reply = refusal(status, message, target);
    if (status == too_busy && !is_control_path(target)) {
        reply.headers.set("Content-Type", "text/html; charset=utf-8");
        reply.body =
            fmt::format("<html><body><h1>503 {}</h1><p>{}</p></body></html>\n", reason(status), message);
    }
    return last_bytes(reply);
}

}  // namespace rockwatch::http
