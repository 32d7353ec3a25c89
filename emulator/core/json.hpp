#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace rockwatch {

/// The tree every room speaks: keys sorted, as Bedrock sends them. Blobs are `Json::binary`, timestamps int64
/// milliseconds since the epoch.
using Json = nlohmann::json;

/// For the few texts whose key order is a fact: the invocation record, StateReasonData, SNS messages.
using OrderedJson = nlohmann::ordered_json;

/// What a document may hold, in whatever format it comes (threats.md 3): nlohmann recurses when it copies and
/// dumps, and many small values take far more memory than their bytes.
inline constexpr int json_depth_max = 128;
inline constexpr std::size_t json_members_max = 10'000;   ///< of one object, repeated names counted
inline constexpr std::size_t json_nodes_max = 1'000'000;  ///< values of all kinds

/// Parses UTF-8 JSON. Refuses what is malformed, beyond the limits above, or not UTF-8.
/// `error` gets one line that says what is wrong; nullopt then.
std::optional<Json> parse_json(std::string_view text, std::string* error = nullptr);

/// Compact JSON text; invalid UTF-8 inside becomes U+FFFD instead of an exception.
std::string to_text(const Json& json);
std::string to_text(const OrderedJson& json);

/// The member, or `fallback` when it is absent.
template <class T>
T value_or(const Json& object, std::string_view member, T fallback) {
    const auto found = object.find(member);
    return found == object.end() ? std::move(fallback) : found->template get<T>();
}

/// The string member, or an empty text.
std::string text_or_empty(const Json& object, std::string_view member);

/// Shortest decimal that reads back as the same double, as Java's Double.toString and so AWS's texts print
/// it: at least one decimal (`10.0`, `0.1`), an exponent below 0.001 and from ten million on (`1.0E7`).
std::string double_text(double value);

}  // namespace rockwatch
