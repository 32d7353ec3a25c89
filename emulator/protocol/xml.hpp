#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "protocol/codec.hpp"
#include "protocol/model.hpp"
#include "protocol/values.hpp"

namespace rockwatch {

/// The little XML that AWS's protocols need: elements, attributes, text. No DTD, no entity but the five of
/// XML.
struct XmlElement {
    std::string name;                                             ///< without its namespace prefix
    std::vector<std::pair<std::string, std::string>> attributes;  ///< as written: xsi:type
    std::string text;
    std::vector<XmlElement> children;
};

/// Nullopt when the text is not such XML, is beyond the limits of core/json.hpp (an element counts, and so
/// does an attribute), or is not UTF-8.
std::optional<XmlElement> parse_xml(std::string_view text);

/// & < > " and what XML 1.0 cannot hold (U+FFFD).
void append_xml_text(std::string& xml, std::string_view text);

/// The input shaped by `shape`. Throws `unreadable` with MalformedXML; unknown elements go into `ignored`.
Json value_from_xml(const Shape& shape, const XmlElement& element, const Place& place, Ignored& ignored);

/// Appends the members of a structure that share the body. `time_format` is for timestamps without one.
void append_members(std::string& xml, const Shape& shape, const Json& value, std::string_view time_format);

/// Appends one member, flattened or wrapped, as the model says.
void append_member(std::string& xml, const Member& member, const Json& value, std::string_view time_format);

}  // namespace rockwatch
