#include "http/head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace rockwatch::http {

namespace {

/// What may open a request. CONNECT and TRACE are for proxies; a line that begins otherwise is no HTTP.
constexpr std::string_view methods[] = {"GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH "};

constexpr bool is_token(char letter) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || marks.find(letter) != std::string_view::npos;
}

constexpr bool is_control(char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

constexpr auto token_letters = [] {
    std::array<bool, 256> letters{};
    for (int byte = 0; byte < 256; ++byte) letters[std::size_t(byte)] = is_token(static_cast<char>(byte));
    return letters;
}();

bool is_token(std::string_view name) {
    return std::all_of(name.begin(), name.end(),
                       [](char letter) { return token_letters[static_cast<unsigned char>(letter)]; });
}

bool may_open_a_request(std::string_view line) {
    return std::any_of(std::begin(methods), std::end(methods), [&](std::string_view method) {
        return line.size() < method.size() ? method.starts_with(line) : line.starts_with(method);
    });
}

/// A line as it stands so far, without the carriage return that may belong to its end.
std::string_view without_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

bool HeadReader::fail(int status, std::string message) {
    state_ = State::broken;
    fault_ = {status, std::move(message)};
    return false;
}

HeadReader::State HeadReader::read(std::string_view received) {
    const std::string_view visible = received.substr(0, limits_.head_bytes_max);
    while (state_ == State::incomplete) {
        const auto end = visible.find('\n', std::max(line_start_, clean_));
        if (end == std::string_view::npos) {
            const auto part = without_return(visible.substr(line_start_));
            if (is_clean(part)) clean_ = line_start_ + part.size();
            break;
        }
        const auto line = visible.substr(line_start_, end - line_start_);
        if (!is_clean(without_return(line))) break;
        if (!line.ends_with('\r')) {
            fail(400, "A line of the request's head ends with a bare line feed.");
            break;
        }
        line_start_ = clean_ = end + 1;
        take_line(without_return(line));
    }
    if (state_ == State::incomplete && received.size() > visible.size()) {
        fail(431, fmt::format("The request's head is longer than {} bytes.", limits_.head_bytes_max));
    }
    return state_;
}

/// Looks at the bytes of a line that nobody has looked at yet.
bool HeadReader::is_clean(std::string_view line) {
    if (!has_request_line_ && !line.empty() && !may_open_a_request(line)) {
        if (line.front() == '\x16')
            return fail(400, "This is a TLS handshake; the emulator speaks http://, not https://.");
        return fail(
            400,
            "This does not begin with a method that the emulator takes: GET, HEAD, POST, PUT, DELETE, "
            "OPTIONS or PATCH.");
    }
    const auto limit = has_request_line_ ? limits_.head_bytes_max : limits_.line_bytes_max;
    const auto looked = std::min(clean_ > line_start_ ? clean_ - line_start_ : 0, line.size());
    const auto fresh = line.substr(looked, limit - std::min(limit, looked));
    const auto* const bad = std::find_if(fresh.begin(), fresh.end(), is_control);
    if (bad != fresh.end()) {
        return fail(400, *bad == '\r' ? "The request's head has a bare carriage return."
                                      : "The request's head has a control character.");
    }
    if (line.size() <= limit) return true;
    const auto rest = line.substr(line.find(' ') + 1);
    head_.target = rest.substr(0, rest.find(' '));
    return fail(414, fmt::format("The request line is longer than {} bytes.", limit));
}

void HeadReader::take_line(std::string_view line) {
    if (!has_request_line_) {
        if (line.empty() && !has_skipped_line_) {
            has_skipped_line_ = true;  // RFC 9112 2.2: some clients end a body with one line too many
            return;
        }
        return take_request_line(line);
    }
    if (line.empty()) return finish();
    take_field(line);
}

void HeadReader::take_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos || line.find(' ', second + 1) != std::string_view::npos) {
        fail(400, "The request line is not a method, a target and a version with one blank between them.");
        return;
    }
    const auto version = line.substr(second + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        fail(400, "The request line does not end with HTTP/1.1 or HTTP/1.0.");
        return;
    }
    head_.method = line.substr(0, first);
    head_.is_http_1_0 = version == "HTTP/1.0";
    has_request_line_ = take_target(line.substr(first + 1, second - first - 1));
}

bool HeadReader::take_target(std::string_view target) {
    if (target.find_first_of("#\t") != std::string_view::npos) {
        return fail(400, "The request's target has a fragment or a tab.");
    }
    if (target.starts_with('/') || (target == "*" && head_.method == "OPTIONS")) {
        head_.target = target;
        return true;
    }
    const auto scheme = target.find("://");
    const bool is_absolute =
        scheme != std::string_view::npos && (equal_ignoring_case(target.substr(0, scheme), "http") ||
                                             equal_ignoring_case(target.substr(0, scheme), "https"));
    if (!is_absolute) return fail(400, "The request's target is neither a path nor an http:// URL.");
    target.remove_prefix(scheme + 3);
    const auto end = std::min(target.find_first_of("/?"), target.size());
    authority_ = target.substr(0, end);
    if (authority_.empty() || authority_.find('@') != std::string::npos) {
        return fail(400, "The URL in the request line has no host, or a user name.");
    }
    target.remove_prefix(end);
    head_.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    return true;
}

void HeadReader::take_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
        fail(400, "A header is folded over two lines.");
        return;
    }
    if (head_.headers.size() == limits_.headers_max) {
        fail(431, fmt::format("The request has more than {} headers.", limits_.headers_max));
        return;
    }
    const auto colon = line.find(':');
    const auto name = line.substr(0, std::min(colon, line.size()));
    if (name.size() > limits_.name_bytes_max) {
        fail(431, fmt::format("A header's name is longer than {} bytes.", limits_.name_bytes_max));
        return;
    }
    if (colon == std::string_view::npos || name.empty() || !is_token(name)) {
        fail(400, "A header has no name, no colon, or a character in its name that does not belong there.");
        return;
    }
    const auto value = trim(line.substr(colon + 1));
    if (take_special(name, value)) head_.headers.add(std::string(name), std::string(value));
}

/// Headers that say where the request ends and what becomes of the connection.
bool HeadReader::take_special(std::string_view name, std::string_view value) {
    switch (name.size()) {
        case 4:
            if (equal_ignoring_case(name, "Host")) return take_host(value);
            break;
        case 6:
            if (!equal_ignoring_case(name, "Expect")) break;
            head_.expects_continue = equal_ignoring_case(value, "100-continue");
            if (!head_.expects_continue)
                return fail(417, "The emulator meets no expectation but 100-continue.");
            break;
        case 10:
            if (equal_ignoring_case(name, "Connection")) take_connection(value);
            break;
        case 14:
            if (equal_ignoring_case(name, "Content-Length")) return take_content_length(value);
            break;
        case 17:
            if (equal_ignoring_case(name, "Transfer-Encoding")) return take_transfer_encoding(value);
            break;
        default:
            break;
    }
    return true;
}

bool HeadReader::take_host(std::string_view value) {
    host_ = value;
    return ++hosts_ == 1 || fail(400, "The request has more than one Host header.");
}

bool HeadReader::take_content_length(std::string_view value) {
    constexpr std::size_t digits_max = 19;  // fits 64 bits whatever the digits are
    const bool is_number =
        !value.empty() && value.size() <= digits_max &&
        std::all_of(value.begin(), value.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
    if (!is_number) return fail(400, "Content-Length is not a number of 1 to 19 digits.");
    if (++lengths_ > 1) return fail(400, "The request has more than one Content-Length header.");
    std::from_chars(value.data(), value.data() + value.size(), head_.content_length);
    return true;
}

bool HeadReader::take_transfer_encoding(std::string_view value) {
    if (++encodings_ == 1 && equal_ignoring_case(value, "chunked")) return true;
    return fail(400, "Transfer-Encoding is not chunked, once.");
}

void HeadReader::take_connection(std::string_view value) {
    for (const auto option : split(value, ',')) {
        says_close_ = says_close_ || equal_ignoring_case(trim(option), "close");
        says_keep_alive_ = says_keep_alive_ || equal_ignoring_case(trim(option), "keep-alive");
    }
}

void HeadReader::finish() {
    if (hosts_ == 0 && !head_.is_http_1_0) {
        fail(400, "The request has no Host header.");
        return;
    }
    if (hosts_ == 1 && host_.empty()) {
        fail(400, "The request's Host header is empty.");
        return;
    }
    if (!authority_.empty() && hosts_ == 1 && !equal_ignoring_case(authority_, host_)) {
        fail(400, "The Host header is not the host of the URL in the request line.");
        return;
    }
    if (!authority_.empty() && hosts_ == 0) head_.headers.add("Host", authority_);
    if (encodings_ > 0 && lengths_ > 0) {
        fail(400, "The request has both Content-Length and Transfer-Encoding.");
        return;
    }
    if (encodings_ > 0 && head_.is_http_1_0) {
        fail(400, "HTTP/1.0 has no Transfer-Encoding.");
        return;
    }
    head_.framing = encodings_ > 0 ? Framing::chunked : lengths_ > 0 ? Framing::length : Framing::none;
    head_.keeps_alive = !says_close_ && (!head_.is_http_1_0 || says_keep_alive_);
    const bool has_body = head_.framing == Framing::chunked || head_.content_length > 0;
    head_.expects_continue = head_.expects_continue && !head_.is_http_1_0 && has_body;
    state_ = State::complete;
}

}  // namespace rockwatch::http
