#include "protocol/xml.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_name_letter(char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-' || byte == '.';
}

bool is_plain_name(std::string_view name) {
    constexpr std::string_view not_first = "0123456789-.";
    return !name.empty() && not_first.find(name[0]) == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), is_name_letter);
}

/// A name with at most one prefix.
bool is_name(std::string_view name) {
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) return is_plain_name(name);
    return is_plain_name(name.substr(0, colon)) && is_plain_name(name.substr(colon + 1));
}

/// XML 1.0 holds no other control character, not even as a reference.
bool is_character(std::uint32_t point) {
    return point >= 0x20 ? point != 0xfffe && point != 0xffff
                         : point == '\t' || point == '\n' || point == '\r';
}

/// How many bytes at the front of UTF-8 text are a character that XML cannot hold; 0: none.
std::size_t forbidden_bytes(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x20) return is_character(byte) ? 0 : 1;
    if (byte != 0xef) return 0;
    return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF") ? 3 : 0;
}

/// Reads from the front of the text; `failed` sticks.
class XmlReader {
public:
    explicit XmlReader(std::string_view text) : rest_(text) {}

    std::optional<XmlElement> document() {
        if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
        skip_misc();
        XmlElement root;
        if (!element(root, 1)) return std::nullopt;
        skip_misc();
        if (!rest_.empty()) return std::nullopt;
        return root;
    }

private:
    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size())); }

    bool skip_past(std::string_view end) {
        const auto at = rest_.find(end);
        if (at == std::string_view::npos) return false;
        rest_.remove_prefix(at + end.size());
        return true;
    }

    /// Declaration, comments, blanks; a DTD is left standing and so fails.
    void skip_misc() {
        for (;;) {
            skip_blanks();
            const bool skipped = (rest_.starts_with("<?") && skip_past("?>")) ||
                                 (rest_.starts_with("<!--") && skip_past("-->"));
            if (!skipped) return;
        }
    }

    std::string_view name() {
        const auto end = std::min(rest_.find_first_of(" \t\r\n/>=<\"'"), rest_.size());
        const std::string_view name = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return name;
    }

    bool attribute(XmlElement& element) {
        const std::string_view attribute_name = name();
        skip_blanks();
        if (!is_name(attribute_name) || !rest_.starts_with('=')) return false;
        rest_.remove_prefix(1);
        skip_blanks();
        if (!rest_.starts_with('"') && !rest_.starts_with('\'')) return false;
        const char quote = rest_[0];
        rest_.remove_prefix(1);
        const auto end = rest_.find(quote);
        if (end == std::string_view::npos || rest_.substr(0, end).find('<') != std::string_view::npos)
            return false;
        std::string value;
        if (!decode(rest_.substr(0, end), value)) return false;
        rest_.remove_prefix(end + 1);
        element.attributes.emplace_back(attribute_name, std::move(value));
        return has_room(element);
    }

    /// Everything up to the end of the start tag. No name may stand there twice.
    bool attributes(XmlElement& element) {
        for (;;) {
            const std::size_t before = rest_.size();
            skip_blanks();
            if (rest_.empty() || rest_[0] == '>' || rest_[0] == '/') break;
            if (before == rest_.size() || !attribute(element)) return false;
        }
        std::vector<std::string_view> names;
        names.reserve(element.attributes.size());
        for (const auto& [name, value] : element.attributes) names.push_back(name);
        std::sort(names.begin(), names.end());
        return std::adjacent_find(names.begin(), names.end()) == names.end();
    }

    bool has_room(const XmlElement& element) {
        return ++nodes_ < json_nodes_max &&
               element.attributes.size() + element.children.size() <= json_members_max;
    }

    bool element(XmlElement& element, int depth) {
        if (depth > json_depth_max || !rest_.starts_with('<')) return false;
        rest_.remove_prefix(1);
        const std::string_view full_name = name();
        if (!is_name(full_name)) return false;
        element.name = std::string(full_name.substr(full_name.find(':') + 1));
        if (!attributes(element)) return false;
        if (rest_.starts_with("/>")) {
            rest_.remove_prefix(2);
            return true;
        }
        if (!rest_.starts_with('>')) return false;
        rest_.remove_prefix(1);
        return content(element, full_name, depth);
    }

    bool content(XmlElement& element, std::string_view full_name, int depth) {
        for (;;) {
            const auto open = rest_.find('<');
            if (open == std::string_view::npos || !decode(rest_.substr(0, open), element.text)) return false;
            rest_.remove_prefix(open);
            if (rest_.starts_with("</")) {
                rest_.remove_prefix(2);
                if (name() != full_name) return false;
                skip_blanks();
                if (!rest_.starts_with('>')) return false;
                rest_.remove_prefix(1);
                return true;
            }
            if (rest_.starts_with("<!--") || rest_.starts_with("<?")) {
                if (!skip_past(rest_[1] == '?' ? "?>" : "-->")) return false;
            } else if (rest_.starts_with("<![CDATA[")) {
                rest_.remove_prefix(9);
                const auto end = rest_.find("]]>");
                if (end == std::string_view::npos) return false;
                element.text += rest_.substr(0, end);
                rest_.remove_prefix(end + 3);
            } else {
                element.children.emplace_back();
                if (!has_room(element) || !this->element(element.children.back(), depth + 1)) return false;
            }
        }
    }

    static bool decode_reference(std::string_view reference, std::string& text) {
        if (reference == "amp") return text += '&', true;
        if (reference == "lt") return text += '<', true;
        if (reference == "gt") return text += '>', true;
        if (reference == "quot") return text += '"', true;
        if (reference == "apos") return text += '\'', true;
        if (!reference.starts_with('#')) return false;
        reference.remove_prefix(1);
        const int base = reference.starts_with('x') ? 16 : 10;
        if (base == 16) reference.remove_prefix(1);
        std::uint32_t point = 0;
        const auto [end, error] =
            std::from_chars(reference.data(), reference.data() + reference.size(), point, base);
        const bool is_whole = error == std::errc{} && end == reference.data() + reference.size();
        if (!is_whole || !is_character(point) || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
        append_utf8(text, point);
        return true;
    }

    static bool decode(std::string_view raw, std::string& text) {
        for (;;) {
            const auto mark = raw.find('&');
            text += raw.substr(0, mark);
            if (mark == std::string_view::npos) return true;
            raw.remove_prefix(mark + 1);
            const auto end = raw.find(';');
            if (end == std::string_view::npos || !decode_reference(raw.substr(0, end), text)) return false;
            raw.remove_prefix(end + 1);
        }
    }

    std::string_view rest_;
    std::size_t nodes_ = 0;  ///< beneath the root
};

constexpr std::string_view malformed = "MalformedXML";

const Member* member_named(const Shape& shape, const XmlElement& child) {
    for (const auto& member : shape.members) {
        if (!member.location.empty() || member.xml_attribute) continue;
        if (member.location_name == child.name) return &member;
        // A flattened list's elements stand in the structure itself, under the name of the element.
        const bool is_flat =
            member.shape->type == ShapeType::list && (member.flattened || member.shape->flattened);
        if (is_flat && member.shape->element_name == child.name) return &member;
    }
    return nullptr;
}

void read_entry(const Shape& shape, const XmlElement& entry, const Place& place, Ignored& ignored,
                Json& map) {
    std::string key;
    for (const auto& part : entry.children) {
        if (part.name == shape.key_name) key = part.text;
    }
    for (const auto& part : entry.children) {
        if (part.name == shape.value_name)
            map[key] = value_from_xml(*shape.element, part, Place(place, key), ignored);
    }
}

Json map_from_xml(const Shape& shape, const XmlElement& element, const Place& place, Ignored& ignored) {
    Json map = Json::object();
    for (const auto& entry : element.children) read_entry(shape, entry, place, ignored, map);
    return map;
}

Json structure_from_xml(const Shape& shape, const XmlElement& element, const Place& place, Ignored& ignored) {
    Json structure = Json::object();
    for (const auto& member : shape.members) {
        if (!member.xml_attribute) continue;
        for (const auto& [name, value] : element.attributes) {
            if (name == member.location_name) structure[member.name] = value;
        }
    }
    for (const auto& child : element.children) {
        const Member* member = member_named(shape, child);
        if (member == nullptr) {
            ignored.push_back(Place(place, child.name).pointer());
            continue;
        }
        const Place here(place, member->name);
        const bool is_flat = member->flattened || member->shape->flattened;
        if (is_flat && member->shape->type == ShapeType::list) {
            Json& list = structure[member->name];
            if (list.is_null()) list = Json::array();
            list.push_back(value_from_xml(*member->shape->element, child, Place(here, list.size()), ignored));
        } else if (is_flat && member->shape->type == ShapeType::map) {
            Json& map = structure[member->name];
            if (map.is_null()) map = Json::object();
            read_entry(*member->shape, child, here, ignored, map);
        } else {
            structure[member->name] = value_from_xml(*member->shape, child, here, ignored);
        }
    }
    return structure;
}

void append_open(std::string& xml, std::string_view name) { xml.append("<").append(name).append(">"); }
void append_close(std::string& xml, std::string_view name) { xml.append("</").append(name).append(">"); }

struct Element {
    std::string_view name;
    const Shape& shape;
    std::string_view time_format;
};

void append_element(std::string& xml, const Element& element, const Json& value);

void append_content(std::string& xml, const Element& element, const Json& value) {
    const Shape& shape = element.shape;
    switch (shape.type) {
        case ShapeType::structure:
            return append_members(xml, shape, value, element.time_format);
        case ShapeType::list:
            for (const auto& item : value)
                append_element(xml, {shape.element_name, *shape.element, element.time_format}, item);
            return;
        case ShapeType::map:
            for (const auto& [key, item] : value.items()) {
                append_open(xml, "entry");
                append_element(xml, {shape.key_name, *shape.key, element.time_format}, key);
                append_element(xml, {shape.value_name, *shape.element, element.time_format}, item);
                append_close(xml, "entry");
            }
            return;
        default:
            append_xml_text(xml, scalar_to_text(shape, value, element.time_format));
    }
}

/// Attributes of a structure stand in its start tag. xsi:type brings its namespace along.
void append_attributes(std::string& xml, const Shape& shape, const Json& value) {
    for (const auto& member : shape.members) {
        if (!member.xml_attribute || !value.contains(member.name)) continue;
        if (member.location_name.starts_with("xsi:")) {
            xml += " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        }
        xml.append(" ").append(member.location_name).append("=\"");
        append_xml_text(xml, value.at(member.name).get_ref<const std::string&>());
        xml += '"';
    }
}

void append_element(std::string& xml, const Element& element, const Json& value) {
    xml.append("<").append(element.name);
    if (element.shape.type == ShapeType::structure) append_attributes(xml, element.shape, value);
    xml += '>';
    const std::size_t start = xml.size();
    append_content(xml, element, value);
    if (xml.size() == start) {  // <MetricAlarms/>, as AWS writes what is empty
        xml.back() = '/';
        xml += '>';
    } else {
        append_close(xml, element.name);
    }
}

}  // namespace

std::optional<XmlElement> parse_xml(std::string_view text) {
    if (!is_utf8(text)) return std::nullopt;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (forbidden_bytes(text.substr(at)) != 0) return std::nullopt;
    }
    return XmlReader(text).document();
}

void append_xml_text(std::string& xml, std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        switch (text[at]) {
            case '&':
                xml += "&amp;";
                break;
            case '<':
                xml += "&lt;";
                break;
            case '>':
                xml += "&gt;";
                break;
            case '"':
                xml += "&quot;";
                break;
            case '\r':
                xml += "&#xD;";
                break;
            default: {
                const std::size_t forbidden = forbidden_bytes(text.substr(at));
                if (forbidden == 0) {
                    xml += text[at];
                } else {
                    xml += "\xEF\xBF\xBD";
                    at += forbidden - 1;
                }
            }
        }
    }
}

Json value_from_xml(const Shape& shape, const XmlElement& element, const Place& place, Ignored& ignored) {
    switch (shape.type) {
        case ShapeType::structure:
            return structure_from_xml(shape, element, place, ignored);
        case ShapeType::map:
            return map_from_xml(shape, element, place, ignored);
        case ShapeType::list: {
            Json list = Json::array();
            for (const auto& child : element.children) {
                list.push_back(value_from_xml(*shape.element, child, Place(place, list.size()), ignored));
            }
            return list;
        }
        default:
            return scalar_from_text(shape, element.text, place, malformed);
    }
}

void append_member(std::string& xml, const Member& member, const Json& value, std::string_view time_format) {
    const Shape& shape = *member.shape;
    const std::string_view format = timestamp_format(member, time_format);
    const bool is_flat = member.flattened || shape.flattened;
    if (is_flat && shape.type == ShapeType::list) {
        const std::string_view name =
            shape.element_name == "member" ? member.location_name : shape.element_name;
        for (const auto& item : value) append_element(xml, {name, *shape.element, time_format}, item);
    } else if (is_flat && shape.type == ShapeType::map) {
        for (const auto& [key, item] : value.items()) {
            append_open(xml, member.location_name);
            append_element(xml, {shape.key_name, *shape.key, time_format}, key);
            append_element(xml, {shape.value_name, *shape.element, time_format}, item);
            append_close(xml, member.location_name);
        }
    } else {
        append_element(xml, {member.location_name, shape, format}, value);
    }
}

void append_members(std::string& xml, const Shape& shape, const Json& value, std::string_view time_format) {
    for (const auto& member : shape.members) {
        if (!member.location.empty() || member.xml_attribute) continue;
        const auto found = value.find(member.name);
        if (found == value.end() || found->is_null()) continue;
        append_member(xml, member, *found, time_format);
    }
}

}  // namespace rockwatch
