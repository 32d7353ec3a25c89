#include "http/http2_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace rockwatch::http {

namespace {

/// RFC 9113 6.5.2: what a field counts beside its name and value.
constexpr std::size_t field_overhead = 32;

/// Whoever sends so many times the limit means harm: a few bytes of HPACK repeat kilobytes.
constexpr std::size_t flood_factor = 4;

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    });
}

}  // namespace

/// The first fault is the one that is told.
void Http2Head::fail(int status, std::string message) {
    if (std::exchange(has_failed_, true)) return;
    fault_ = {status, std::move(message)};
}

bool Http2Head::take(std::string_view name, std::string_view value) {
    size_ += name.size() + value.size() + field_overhead;
    if (size_ > limits_.head_bytes_max) {
        fail(431, fmt::format("The request's head is longer than {} bytes.", limits_.head_bytes_max));
        return size_ <= flood_factor * limits_.head_bytes_max;
    }
    // It would end the line that is made of it.
    if (has_control(name) || has_control(value)) fail(400, "The request's head has a control character.");
    if (name.starts_with(':')) {
        take_pseudo(name, value);
    } else if (name.find(':') != std::string_view::npos || name.empty()) {
        fail(400, "A header has no name, or a colon in it.");
    } else if (equal_ignoring_case(name, "host")) {
        take_host(value);
    } else if (equal_ignoring_case(name, "cookie")) {  // may come in crumbs, RFC 9113 8.2.3
        cookie_ += (cookie_.empty() ? "" : "; ") + std::string(value);
    } else {
        ((lines_ += name) += ": ") += value;
        lines_ += "\r\n";
    }
    return true;
}

void Http2Head::take_pseudo(std::string_view name, std::string_view value) {
    std::string* place = name == ":method"      ? &method_
                         : name == ":path"      ? &path_
                         : name == ":scheme"    ? &scheme_
                         : name == ":authority" ? &authority_
                                                : nullptr;
    if (place == nullptr || !place->empty() || value.empty()) {
        fail(400, "The request has an empty, a repeated or an unknown pseudo-header field.");
    } else {
        *place = value;
    }
}

void Http2Head::take_host(std::string_view value) {
    if (!host_.empty() || value.empty())
        return fail(400, "The request has more than one host, or an empty one.");
    host_ = value;
}

std::string Http2Head::as_http1() const {
    std::string text = fmt::format("{} {} HTTP/1.1\r\n", method_, path_);
    const std::string& host = authority_.empty() ? host_ : authority_;
    if (!host.empty()) text += fmt::format("Host: {}\r\n", host);
    if (!cookie_.empty()) text += fmt::format("cookie: {}\r\n", cookie_);
    return text + lines_ + "\r\n";
}

Http2Head::Result Http2Head::finish(bool has_body) {
    if (scheme_ != "http" && scheme_ != "https")
        fail(400, "The request's :scheme is neither http nor https.");
    if (!path_.starts_with('/') && !(path_ == "*" && method_ == "OPTIONS"))
        fail(400, "The request's :path does not begin with a slash.");
    if (!authority_.empty() && !host_.empty() && !equal_ignoring_case(authority_, host_))
        fail(400, "The host header is not the :authority.");
    if (authority_.find('@') != std::string::npos) fail(400, "The request's :authority has a user name.");
    if (has_failed_) return {.fault = fault_};

    const std::string text = as_http1();
    HeadReader reader(limits_);
    const auto state = reader.read(text);
    if (state == HeadReader::State::broken) return {.fault = reader.fault()};
    if (state == HeadReader::State::incomplete || reader.size() != text.size())
        return {.fault = {400, "The request's fields do not make a head."}};
    Head head = reader.take();
    if (head.framing == Framing::chunked) return {.fault = {400, "HTTP/2 has no Transfer-Encoding."}};
    head.expects_continue = has_body && head.headers.find("Expect") != nullptr;  // the reader knows no other
    head.framing = has_body ? Framing::stream : Framing::none;
    return {.is_good = true, .head = std::move(head)};
}

}  // namespace rockwatch::http
