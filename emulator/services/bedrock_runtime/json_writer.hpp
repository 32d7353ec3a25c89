#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

/// JSON text, written straight into a string: answers and records are made on every call, and a tree for each
/// costs more than the rest of the call.
namespace rockwatch::bedrock_runtime {

/// The text as a JSON string, quotes included. `text` is UTF-8.
void append_string(std::string& out, std::string_view text);
void append_number(std::string& out, std::int64_t number);
/// Binary values: as base64 texts, or members of objects without them.
enum class Blobs { base64, left_out };
/// The tree compact, keys in its order.
void append_json(std::string& out, const Json& value, Blobs blobs = Blobs::base64);
/// [0.1,0.2], eight significant digits each
void append_vector(std::string& out, const std::vector<double>& vector);
/// JSON text without the blanks between its tokens, keys in the order of the text. `text` has been parsed
/// before.
void append_compacted(std::string& out, std::string_view text);

/// Same, as texts of their own.
std::string json_string(std::string_view text);
std::string json_text(const Json& value);

}  // namespace rockwatch::bedrock_runtime
