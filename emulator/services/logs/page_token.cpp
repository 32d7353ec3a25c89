#include "services/logs/page_token.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/random.hpp"
#include "core/text.hpp"

namespace rockwatch::logs {

namespace {

std::string head_of(std::string_view query) { return fmt::format("{:016x}:", text_hash(query)); }

}  // namespace

std::string page_token(std::string_view query, std::string_view position) {
    std::string token = base64_encode(head_of(query).append(position));
    std::replace(token.begin(), token.end(), '+', '-');
    std::replace(token.begin(), token.end(), '/', '_');
    return token;
}

std::optional<std::string> parse_page_token(std::string_view query, std::string_view token) {
    std::string text(token);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    std::string bytes;
    const std::string head = head_of(query);
    if (!base64_decode(text, bytes) || !bytes.starts_with(head)) return std::nullopt;
    return bytes.substr(head.size());
}

}  // namespace rockwatch::logs
