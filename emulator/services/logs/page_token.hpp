#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rockwatch::logs {

/// An opaque nextToken: where to go on in one particular listing. `query` is everything that shaped the
/// listing: a token is good for the same query alone.
std::string page_token(std::string_view query, std::string_view position);

/// The position; nullopt when the token was not made for this query.
std::optional<std::string> parse_page_token(std::string_view query, std::string_view token);

}  // namespace rockwatch::logs
