#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "protocol/codec.hpp"
#include "protocol/model.hpp"
#include "protocol/values.hpp"

namespace rockwatch {

/// Turns a tree as JSON or CBOR brought it into the tree that the house speaks: blobs become binary,
/// timestamps epoch milliseconds, nulls go away, unknown members go into `ignored`. Throws
/// SerializationException, naming the member, when a type does not fit. In place: nothing is copied.
void from_wire(const Shape& shape, Json& value, const Place& place, Ignored& ignored);

/// The members of a structure that are bound to the body; the root of rest-json, where others stand
/// elsewhere.
void body_from_wire(const Shape& shape, Json& value, const Place& place, Ignored& ignored);

/// JSON text of a body, {} when it is empty. Throws SerializationException.
Json parse_json_body(std::string_view body);

/// Appends the value as JSON text: blobs base64, timestamps as the shape says (epoch seconds by default), NaN
/// and the infinities as texts, members that are null left out.
void write_json(std::string& text, const Shape* shape, const Json& value);

}  // namespace rockwatch
