// A request's fields over HTTP/2: what is taken is the request that was sent, field by field; nothing in it
// can begin a line of its own where HTTP/1 is spoken, and how its body ends is the stream's matter alone.

#include "http/http2_head.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "fuzz.hpp"

namespace rockwatch::fuzz {

namespace {

using http::Framing;
using http::Head;
using http::HeadLimits;
using http::Http2Head;

using Field = std::pair<std::string_view, std::string_view>;

/// Bytes that are in no UTF-8 text: each field ends with the one, its name with the other.
constexpr char field_end = '\xff';
constexpr char name_end = '\xfe';

std::vector<Field> fields_of(std::string_view bytes) {
    std::vector<Field> fields;
    while (!bytes.empty()) {
        const auto field = bytes.substr(0, bytes.find(field_end));
        bytes.remove_prefix(std::min(field.size() + 1, bytes.size()));
        const auto name = field.substr(0, field.find(name_end));
        fields.emplace_back(name, field.substr(std::min(name.size() + 1, field.size())));
    }
    return fields;
}

bool is_clean(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && letter != '\t') || byte == 0x7f;
    });
}

/// The value of the pseudo-header field, which comes just once.
std::string_view only(const std::vector<Field>& fields, std::string_view name) {
    const auto is_it = [&](const Field& field) { return field.first == name; };
    promise(std::count_if(fields.begin(), fields.end(), is_it) == 1, "a pseudo-header field comes once");
    return std::find_if(fields.begin(), fields.end(), is_it)->second;
}

/// Fields that are one header each: neither pseudo-header fields nor what is put together of several.
bool is_plain(std::string_view name) {
    return !name.starts_with(':') && !equal_ignoring_case(name, "host") &&
           !equal_ignoring_case(name, "cookie");
}

void check_headers(const Head& head, const std::vector<Field>& fields) {
    std::vector<std::pair<std::string, std::string>> sent;
    std::vector<std::pair<std::string, std::string>> taken;
    for (const auto& [name, value] : fields) {
        if (is_plain(name)) sent.emplace_back(name, trim(value));
    }
    std::size_t hosts = 0;
    std::size_t cookies = 0;
    for (const auto& [name, value] : head.headers) {
        promise(is_clean(name) && is_clean(value), "a header is clean");
        if (is_plain(name)) taken.emplace_back(name, value);
        hosts += equal_ignoring_case(name, "host") ? 1 : 0;
        cookies += equal_ignoring_case(name, "cookie") ? 1 : 0;
    }
    promise(sent == taken, "each field is one header, and nothing else is");
    promise(hosts == 1, "there is one Host");
    promise(cookies <= 1, "all crumbs are one cookie");
}

void check_host(const Head& head, const std::vector<Field>& fields) {
    for (const auto& [name, value] : fields) {
        if (name == ":authority" || equal_ignoring_case(name, "host"))
            promise(equal_ignoring_case(trim(value), head.headers.get("Host")), "all hosts are the same");
    }
}

void check_good(const Head& head, const std::vector<Field>& fields, bool has_body) {
    promise(head.method == only(fields, ":method"), "the method is the one that was sent");
    promise(head.target == only(fields, ":path"), "so is the path");
    promise(is_clean(head.method) && is_clean(head.target), "and both are clean");
    promise(head.framing == (has_body ? Framing::stream : Framing::none),
            "a body ends where its stream does");
    promise(head.headers.find("Transfer-Encoding") == nullptr, "HTTP/2 has no chunks");
    promise(has_body || !head.expects_continue, "nobody is told to go on with nothing");
    check_headers(head, fields);
    check_host(head, fields);
}

/// The first byte says whether a body follows, the rest are fields.
void http2_head(std::string_view bytes) {
    const bool has_body = bytes.starts_with('+');
    bytes.remove_prefix(std::min<std::size_t>(1, bytes.size()));
    const auto fields = fields_of(bytes);
    Http2Head head{HeadLimits{}};
    for (const auto& [name, value] : fields) {
        const bool may_go_on = head.take(name, value);
        promise(head.bytes() <= 2 * HeadLimits{}.head_bytes_max, "what is beyond the limit is not kept");
        if (!may_go_on) return;
    }
    const auto result = head.finish(has_body);
    if (result.is_good) return check_good(result.head, fields, has_body);
    const int status = result.fault.status;
    promise(status == 400 || status == 414 || status == 417 || status == 431, "a fault is the client's");
    promise(!result.fault.message.empty(), "and is told");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(http2_head)
