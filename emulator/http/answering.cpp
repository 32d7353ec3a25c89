#include "http/answering.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "core/text_time.hpp"
#include "http/refusal.hpp"

namespace rockwatch::http {

namespace {

/// A line break in a value would end the header, and a NUL cuts it in the library.
bool is_safe(const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    });
}

/// An object that a browser shows as a page could call us with our own origin.
bool is_shown_as_page(const HttpRequest& request) {
    const std::string_view destination = request.headers.get("Sec-Fetch-Dest");
    const bool is_page = destination == "document" || destination == "iframe" || destination == "frame" ||
                         destination == "embed" || destination == "object";
    return is_page && request.path() != "/" && !is_control_path(request.path());
}

HttpReply ask_handler(Handler& handler, HttpRequest& request) {
    try {
        return handler.answer(request);
    } catch (const BodyError& error) {
        return refusal(error.status, error.what(), request.path());
    } catch (const std::exception& error) {
        spdlog::error("{} {} failed: {}", request.method, log_safe(request.target), log_safe(error.what()));
    } catch (...) {
        spdlog::error("{} {} failed", request.method, log_safe(request.target));
    }
    return refusal(500, "The emulator failed to answer; its log says why.", request.path());
}

}  // namespace

Answered ask(Shared& shared, HttpRequest& request) {
    const auto verdict = shared.guard.judge(request);
    if (verdict.ruling == HostGuard::Ruling::refuse) {
        spdlog::warn("{} {} is refused: {}", request.method, log_safe(request.target), verdict.reason);
        return {refusal(shared.handler, request, 403, verdict.reason), false};
    }
    if (verdict.ruling == HostGuard::Ruling::preflight)
        return {preflight_reply(request, verdict.cors_origin)};
    HttpReply reply = ask_handler(shared.handler, request);
    if (!verdict.cors_origin.empty()) allow_origin(reply, verdict.cors_origin);
    if (is_shown_as_page(request)) {
        reply.headers.set("Content-Security-Policy", "sandbox");
        reply.headers.set("X-Content-Type-Options", "nosniff");
    }
    return {std::move(reply)};
}

bool is_framing_header(std::string_view name) {
    return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Transfer-Encoding") ||
           equal_ignoring_case(name, "Date") || equal_ignoring_case(name, "Connection") ||
           equal_ignoring_case(name, "Keep-Alive");
}

bool may_be_sent(const std::string& name, const std::string& value) {
    if (is_safe(name) && is_safe(value)) return true;
    spdlog::error("the answer's header {} has a control character and is left out", log_safe(name));
    return false;
}

bool has_no_body(int status) { return status == 204 || status == 304; }

const std::string& DateHeader::now() {
    const Instant now = wall_now();
    const std::int64_t second = epoch_ms(now) / 1000;
    if (second != second_) {
        second_ = second;
        text_ = http_date(now);
    }
    return text_;
}

}  // namespace rockwatch::http
