#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// Reads one CBOR value (RFC 8949) as the tree that JSON would have brought: byte strings are binary, tag 1
/// is its number of seconds, null and undefined are null. Definite and indefinite lengths, floats of all
/// sizes; an integer that 64 bits do not hold is a double. Nullopt, and one line in `error`, when the bytes
/// are broken, beyond the limits of core/json.hpp, have other tags, texts that are not UTF-8, map keys that
/// are not texts, or bytes left over.
std::optional<Json> parse_cbor(std::string_view bytes, std::string* error = nullptr);

/// Appends a value as RPC v2 CBOR has it: definite lengths, doubles of eight bytes, timestamps as tag 1 with
/// a double, blobs as byte strings, null members left out.
void write_cbor(std::string& bytes, const Shape* shape, const Json& value);

}  // namespace rockwatch
