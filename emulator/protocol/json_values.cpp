#include "protocol/json_values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "core/text.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view code = "SerializationException";

std::string_view found_name(const Json& value) {
    if (value.is_object()) return "A structure";
    if (value.is_array()) return "A list";
    if (value.is_boolean()) return value.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
    if (value.is_number()) return "NUMBER_VALUE";
    return value.is_binary() ? "BLOB_VALUE" : "STRING_VALUE";
}

ServiceError mismatch(const Json& value, const Place& place, std::string_view wanted) {
    return unreadable(code, place, fmt::format("{} cannot be converted to {}", found_name(value), wanted));
}

void read_integer(const Shape& shape, Json& value, const Place& place) {
    const bool is_long = shape.type == ShapeType::long_;
    const std::string_view wanted = is_long ? "Long" : "Integer";
    if (value.is_number_float()) {
        constexpr double exact_max = 9'007'199'254'740'992.0;  // beyond, doubles skip integers
        const double number = value.get<double>();
        if (!(std::abs(number) <= exact_max) || number != std::trunc(number))
            throw mismatch(value, place, wanted);
        value = static_cast<std::int64_t>(number);
    }
    if (!value.is_number_integer()) throw mismatch(value, place, wanted);
    using Long = std::numeric_limits<std::int64_t>;
    using Int = std::numeric_limits<std::int32_t>;
    const bool is_over =
        value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t(Long::max());
    const auto number = is_over ? 0 : value.get<std::int64_t>();
    if (is_over || (!is_long && (number < Int::min() || number > Int::max()))) {
        throw unreadable(code, place, fmt::format("{} is out of range for {}", value.dump(), wanted));
    }
}

void read_double(Json& value, const Place& place) {
    if (value.is_number_integer()) value = value.get<double>();
    if (value.is_number_float()) return;
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
            value = text == "NaN"
                        ? std::numeric_limits<double>::quiet_NaN()
                        : std::copysign(std::numeric_limits<double>::infinity(), text[0] == '-' ? -1.0 : 1.0);
            return;
        }
    }
    throw mismatch(value, place, "Double");
}

void read_timestamp(const Shape& shape, Json& value, const Place& place) {
    if (value.is_string()) {
        value = scalar_from_text(shape, value.get_ref<const std::string&>(), place, code);
        return;
    }
    const auto time = milliseconds_of_seconds(value);
    if (!time) throw mismatch(value, place, "Date");
    value = *time;
}

void read_blob(const Shape& shape, Json& value, const Place& place) {
    if (value.is_binary()) return;
    if (!value.is_string()) throw mismatch(value, place, "Blob");
    value = scalar_from_text(shape, value.get_ref<const std::string&>(), place, code);
}

void read_list(const Shape& shape, Json& value, const Place& place, Ignored& ignored) {
    if (!value.is_array()) throw mismatch(value, place, "List");
    std::size_t index = 0;
    for (auto& element : value) {
        const Place here(place, index++);
        if (element.is_null()) throw unreadable(code, here, "a list holds no null");
        from_wire(*shape.element, element, here, ignored);
    }
}

void read_map(const Shape& shape, Json& value, const Place& place, Ignored& ignored) {
    if (!value.is_object()) throw mismatch(value, place, "Map");
    for (auto entry = value.begin(); entry != value.end();) {
        if (entry->is_null()) {
            entry = value.erase(entry);
            continue;
        }
        from_wire(*shape.element, *entry, Place(place, entry.key()), ignored);
        ++entry;
    }
}

/// A document may hold anything that JSON can; CBOR can bring more.
void check_document(const Json& value, const Place& place) {
    if (value.is_binary()) throw mismatch(value, place, "Document");
    if (!value.is_structured()) return;
    for (const auto& part : value) check_document(part, place);
}

void read_structure(const Shape& shape, Json& value, const Place& place, Ignored& ignored, bool body_only) {
    if (shape.is_document) return check_document(value, place);
    if (!value.is_object()) throw mismatch(value, place, "Structure");
    for (auto entry = value.begin(); entry != value.end();) {
        const Member* member = shape.member(entry.key());
        const bool is_unknown = member == nullptr || (body_only && !member->location.empty());
        // __type names a structure's shape for clients that mix versions: not a member, and no news either.
        if (is_unknown && entry.key() != "__type") ignored.push_back(Place(place, entry.key()).pointer());
        if (is_unknown || entry->is_null()) {
            entry = value.erase(entry);
            continue;
        }
        from_wire(*member->shape, *entry, Place(place, member->name), ignored);
        ++entry;
    }
}

void write_escape(std::string& text, unsigned char byte) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (byte) {
        case '"':
            text += "\\\"";
            return;
        case '\\':
            text += "\\\\";
            return;
        case '\n':
            text += "\\n";
            return;
        case '\r':
            text += "\\r";
            return;
        case '\t':
            text += "\\t";
            return;
        case '\b':
            text += "\\b";
            return;
        case '\f':
            text += "\\f";
            return;
        default:
            text += "\\u00";
            text += hex[byte >> 4U];
            text += hex[byte & 15U];
    }
}

void write_text(std::string& text, std::string_view value) {
    const std::size_t before = text.size();
    text += '"';
    std::size_t start = 0;
    bool is_ascii = true;
    for (std::size_t index = 0; index < value.size(); ++index) {
        const auto byte = static_cast<unsigned char>(value[index]);
        if (byte >= 0x80) is_ascii = false;
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        text.append(value, start, index - start);
        start = index + 1;
        write_escape(text, byte);
    }
    text.append(value, start, value.size() - start);
    text += '"';
    if (is_ascii || is_utf8(value)) return;
    text.resize(before);
    text += to_text(Json(std::string(value)));  // replaces what is broken
}

void write_number(std::string& text, double number) {
    if (std::isnan(number)) {
        text += "\"NaN\"";
    } else if (std::isinf(number)) {
        text += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    } else {
        text += double_text(number);
    }
}

void write_integer(std::string& text, const Json& value) {
    char digits[24];
    const auto result = value.is_number_unsigned()
                            ? std::to_chars(digits, digits + sizeof digits, value.get<std::uint64_t>())
                            : std::to_chars(digits, digits + sizeof digits, value.get<std::int64_t>());
    text.append(digits, result.ptr);
}

void write_object(std::string& text, const Shape* shape, const Json& value) {
    text += '{';
    const std::size_t start = text.size();
    const bool is_structure = shape != nullptr && shape->type == ShapeType::structure;
    const bool keeps_null = shape == nullptr || shape->is_document;
    for (auto entry = value.begin(); entry != value.end(); ++entry) {
        if (entry->is_null() && !keeps_null) continue;
        if (text.size() > start) text += ',';
        write_text(text, entry.key());
        text += ':';
        const Shape* below = shape;
        if (shape != nullptr && !shape->is_plain && !shape->is_document) {
            const Member* member = is_structure ? shape->member(entry.key()) : nullptr;
            below = is_structure ? (member == nullptr ? nullptr : member->shape) : shape->element;
            if (member != nullptr && member->shape->type == ShapeType::timestamp &&
                entry->is_number_integer() && timestamp_format(*member, "unixTimestamp") != "unixTimestamp") {
                write_text(text, time_text(entry->get<std::int64_t>(), timestamp_format(*member, "")));
                continue;
            }
        }
        write_json(text, below, *entry);
    }
    text += '}';
}

}  // namespace

void from_wire(const Shape& shape, Json& value, const Place& place, Ignored& ignored) {
    switch (shape.type) {
        case ShapeType::structure:
            return read_structure(shape, value, place, ignored, false);
        case ShapeType::list:
            return read_list(shape, value, place, ignored);
        case ShapeType::map:
            return read_map(shape, value, place, ignored);
        case ShapeType::integer:
        case ShapeType::long_:
            return read_integer(shape, value, place);
        case ShapeType::float_:
        case ShapeType::double_:
            return read_double(value, place);
        case ShapeType::timestamp:
            return read_timestamp(shape, value, place);
        case ShapeType::blob:
            return read_blob(shape, value, place);
        case ShapeType::boolean:
            if (!value.is_boolean()) throw mismatch(value, place, "Boolean");
            return;
        case ShapeType::string:
            if (!value.is_string()) throw mismatch(value, place, "String");
            return;
    }
}

void body_from_wire(const Shape& shape, Json& value, const Place& place, Ignored& ignored) {
    read_structure(shape, value, place, ignored, true);
}

Json parse_json_body(std::string_view body) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json::object();
    std::string problem;
    auto parsed = parse_json(body, &problem);
    if (!parsed)
        throw unreadable(code, Place("input"), "The request's body is not readable JSON: " + problem);
    if (!parsed->is_object())
        throw unreadable(code, Place("input"), "The request's body has to be a JSON object");
    return std::move(*parsed);
}

void write_json(std::string& text, const Shape* shape, const Json& value) {
    switch (value.type()) {
        case Json::value_t::object:
            return write_object(text, shape, value);
        case Json::value_t::array: {
            text += '[';
            const bool is_same = shape == nullptr || shape->is_plain || shape->is_document;
            const Shape* below = is_same ? shape : shape->element;
            for (std::size_t index = 0; index < value.size(); ++index) {
                if (index > 0) text += ',';
                write_json(text, below, value[index]);
            }
            text += ']';
            return;
        }
        case Json::value_t::string:
            return write_text(text, value.get_ref<const std::string&>());
        case Json::value_t::boolean:
            text += value.get<bool>() ? "true" : "false";
            return;
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            if (shape != nullptr && shape->type == ShapeType::timestamp) {
                const auto time = value.get<std::int64_t>();
                const auto& format = shape->timestamp_format;
                if (format.empty() || format == "unixTimestamp") {
                    text += seconds_text(time);
                } else {
                    write_text(text, time_text(time, format));
                }
                return;
            }
            return write_integer(text, value);
        case Json::value_t::number_float:
            return write_number(text, value.get<double>());
        case Json::value_t::binary:
            text += '"';
            text += base64_encode(bytes_of(value));
            text += '"';
            return;
        default:
            text += "null";
    }
}

Json to_wire_json(const Shape* shape, const Json& value) {
    if (value.is_binary()) return base64_encode(bytes_of(value));
    if (value.is_structured() && (shape == nullptr || !shape->is_plain)) {
        Json copy = value.is_array() ? Json::array() : Json::object();
        for (auto entry = value.begin(); entry != value.end(); ++entry) {
            const Shape* below = shape == nullptr ? nullptr : shape->element;
            if (shape != nullptr && shape->type == ShapeType::structure) {
                const Member* member = value.is_object() ? shape->member(entry.key()) : nullptr;
                below = member == nullptr ? nullptr : member->shape;
            }
            if (value.is_array()) {
                copy.push_back(to_wire_json(below, *entry));
            } else {
                copy[entry.key()] = to_wire_json(below, *entry);
            }
        }
        return copy;
    }
    if (shape != nullptr && shape->type == ShapeType::timestamp && value.is_number_integer()) {
        const auto time = value.get<std::int64_t>();
        const auto& format = shape->timestamp_format;
        if (!format.empty() && format != "unixTimestamp") return time_text(time, format);
        constexpr std::int64_t per_second = 1000;
        return time % per_second == 0 ? Json(time / per_second) : Json(double(time) / double(per_second));
    }
    return value;
}

}  // namespace rockwatch
