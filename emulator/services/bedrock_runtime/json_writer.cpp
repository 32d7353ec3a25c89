#include "services/bedrock_runtime/json_writer.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/text.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

bool is_plain(char letter) {
    return static_cast<unsigned char>(letter) >= 0x20 && letter != '"' && letter != '\\';
}

void append_escaped(std::string& out, char letter) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (letter) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        default:
            break;
    }
    const auto code = static_cast<unsigned char>(letter);
    out += "\\u00";
    out += hex[code >> 4U];
    out += hex[code & 15U];
}

void append_members(std::string& out, const Json& object, Blobs blobs) {
    char before = '{';
    for (const auto& [name, value] : object.get_ref<const Json::object_t&>()) {
        if (value.is_binary() && blobs == Blobs::left_out) continue;
        out += before;
        append_string(out, name);
        out += ':';
        append_json(out, value, blobs);
        before = ',';
    }
    if (before == '{') out += '{';
    out += '}';
}

void append_elements(std::string& out, const Json& array, Blobs blobs) {
    char before = '[';
    for (const Json& value : array) {
        out += before;
        append_json(out, value, blobs);
        before = ',';
    }
    if (before == '[') out += '[';
    out += ']';
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_plain(text[at])) continue;
        out.append(text, begin, at - begin);
        append_escaped(out, text[at]);
        begin = at + 1;
    }
    out.append(text, begin, text.size() - begin);
    out += '"';
}

void append_number(std::string& out, std::int64_t number) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end);
}

void append_json(std::string& out, const Json& value, Blobs blobs) {
    switch (value.type()) {
        case Json::value_t::object:
            append_members(out, value, blobs);
            return;
        case Json::value_t::array:
            append_elements(out, value, blobs);
            return;
        case Json::value_t::string:
            append_string(out, value.get_ref<const std::string&>());
            return;
        case Json::value_t::boolean:
            out += value.get<bool>() ? "true" : "false";
            return;
        case Json::value_t::number_integer:
            append_number(out, value.get<std::int64_t>());
            return;
        case Json::value_t::number_unsigned:
            out += std::to_string(value.get<std::uint64_t>());
            return;
        case Json::value_t::number_float: {
            const double number = value.get<double>();
            out += std::isfinite(number) ? double_text(number) : "null";
            return;
        }
        case Json::value_t::binary: {
            const auto& bytes = value.get_binary();
            out += '"';
            out += base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            out += '"';
            return;
        }
        case Json::value_t::null:
        case Json::value_t::discarded:
            out += "null";
            return;
    }
}

void append_vector(std::string& out, const std::vector<double>& vector) {
    char before = '[';
    for (const double component : vector) {
        out += before;
        fmt::format_to(std::back_inserter(out), "{:.8g}", component);
        before = ',';
    }
    if (before == '[') out += '[';
    out += ']';
}

void append_compacted(std::string& out, std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const char letter = text[at];
        if (letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t') {
            ++at;
            continue;
        }
        std::size_t end = at + 1;
        if (letter == '"') {
            while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
            ++end;
        }
        out.append(text.substr(at, end - at));
        at = end;
    }
}

std::string json_string(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

std::string json_text(const Json& value) {
    std::string out;
    append_json(out, value);
    return out;
}

}  // namespace rockwatch::bedrock_runtime
