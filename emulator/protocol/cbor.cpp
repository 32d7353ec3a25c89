#include "protocol/cbor.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "core/text.hpp"
#include "protocol/values.hpp"

namespace rockwatch {

namespace {

enum Major : std::uint8_t { positive, negative, byte_string, text_string, array, map, tag, simple };
constexpr std::uint8_t indefinite = 31;
constexpr std::uint8_t break_byte = 0xff;

/// A half float's value.
double half_value(std::uint64_t bits) {
    const int exponent = int(bits >> 10U & 31U);
    const double mantissa = double(bits & 1023U);
    double value = 0;
    if (exponent == 0) {
        value = std::ldexp(mantissa, -24);
    } else if (exponent == 31) {
        value = mantissa == 0 ? HUGE_VAL : std::nan("");
    } else {
        value = std::ldexp(mantissa + 1024, exponent - 25);
    }
    return (bits & 0x8000U) != 0 ? -value : value;
}

struct BrokenCbor {
    const char* problem;
};

/// Never takes a length on trust: it allocates what the bytes at hand can hold.
class CborReader {
public:
    explicit CborReader(std::string_view bytes) : rest_(bytes) {}

    Json value(int depth) {
        if (++nodes_ > json_nodes_max) throw BrokenCbor{"it has too many values"};
        const auto head = next();
        const auto major = Major(head >> 5U);
        const std::uint8_t extra = head & 31U;
        const bool is_nest = major == array || major == map;
        if (is_nest && depth > json_depth_max) throw BrokenCbor{"it is nested too deep"};
        switch (major) {
            case positive:
                return Json(argument(extra));
            case negative:
                return negative_number(argument(extra));
            case byte_string:
                return binary_of(string(major, extra));
            case text_string:
                return text(extra);
            case array:
                return list(extra, depth);
            case map:
                return object(extra, depth);
            case tag:
                return time(argument(extra), depth);
            case simple:
                return simple_value(extra);
        }
        throw BrokenCbor{"it has an unknown type"};
    }

    bool is_done() const { return rest_.empty(); }

private:
    std::uint8_t next() {
        if (rest_.empty()) throw BrokenCbor{"it ends too early"};
        const auto byte = static_cast<std::uint8_t>(rest_[0]);
        rest_.remove_prefix(1);
        return byte;
    }

    std::uint64_t number(unsigned bytes) {
        std::uint64_t value = 0;
        for (; bytes > 0; --bytes) value = value << 8U | next();
        return value;
    }

    std::uint64_t argument(std::uint8_t extra) {
        if (extra < 24) return extra;
        if (extra > 27) throw BrokenCbor{"a length is malformed"};
        return number(1U << (extra - 24U));
    }

    static Json negative_number(std::uint64_t argument) {
        if (argument > std::uint64_t(INT64_MAX)) return Json(-1.0 - double(argument));
        return Json(-1 - std::int64_t(argument));
    }

    std::string_view take(std::uint64_t size) {
        if (size > rest_.size()) throw BrokenCbor{"a string is longer than the body"};
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    bool at_break() {
        if (rest_.empty()) throw BrokenCbor{"it ends too early"};
        if (static_cast<std::uint8_t>(rest_[0]) != break_byte) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::string string(Major major, std::uint8_t extra) {
        if (extra != indefinite) return std::string(take(argument(extra)));
        std::string whole;
        while (!at_break()) {
            const auto head = next();
            if (head >> 5U != major || (head & 31U) == indefinite)
                throw BrokenCbor{"a string has a malformed chunk"};
            whole += take(argument(head & 31U));
        }
        return whole;
    }

    std::string text(std::uint8_t extra) {
        std::string text = string(text_string, extra);
        if (!is_utf8(text)) throw BrokenCbor{"a text is not UTF-8"};
        return text;
    }

    Json list(std::uint8_t extra, int depth) {
        Json list = Json::array();
        if (extra == indefinite) {
            while (!at_break()) list.push_back(value(depth + 1));
            return list;
        }
        for (auto count = argument(extra); count > 0; --count) list.push_back(value(depth + 1));
        return list;
    }

    void entry(Json& object, int depth) {
        const auto head = next();
        if (head >> 5U != text_string) throw BrokenCbor{"a key is not a text"};
        std::string key = text(head & 31U);
        object[std::move(key)] = value(depth + 1);
    }

    Json object(std::uint8_t extra, int depth) {
        Json object = Json::object();
        const bool has_end = extra == indefinite;
        const std::uint64_t count = has_end ? 0 : argument(extra);
        for (std::uint64_t index = 0; has_end ? !at_break() : index < count; ++index) {
            if (index >= json_members_max) throw BrokenCbor{"a map has too many entries"};
            entry(object, depth);
        }
        return object;
    }

    Json time(std::uint64_t tag_number, int depth) {
        if (tag_number != 1) throw BrokenCbor{"it has a tag other than 1"};
        const bool is_tagged = !rest_.empty() && static_cast<std::uint8_t>(rest_[0]) >> 5U == tag;
        if (is_tagged) throw BrokenCbor{"a time is not a number"};
        Json seconds = value(depth + 1);
        if (!seconds.is_number()) throw BrokenCbor{"a time is not a number"};
        return seconds;
    }

    Json simple_value(std::uint8_t extra) {
        switch (extra) {
            case 20:
                return false;
            case 21:
                return true;
            case 22:
            case 23:
                return nullptr;
            case 25:
                return half_value(number(2));
            case 26:
                return double(std::bit_cast<float>(std::uint32_t(number(4))));
            case 27:
                return std::bit_cast<double>(number(8));
            default:
                throw BrokenCbor{"it has an unknown simple value"};
        }
    }

    std::string_view rest_;
    std::size_t nodes_ = 0;
};

void write_head(std::string& bytes, Major major, std::uint64_t argument) {
    const auto head = [&](unsigned extra) { bytes += static_cast<char>(unsigned(major) << 5U | extra); };
    const auto tail = [&](unsigned count) {
        while (count-- > 0) bytes += static_cast<char>(argument >> (8U * count) & 0xffU);
    };
    if (argument < 24) {
        head(unsigned(argument));
    } else if (argument <= UINT8_MAX) {
        head(24);
        tail(1);
    } else if (argument <= UINT16_MAX) {
        head(25);
        tail(2);
    } else if (argument <= UINT32_MAX) {
        head(26);
        tail(4);
    } else {
        head(27);
        tail(8);
    }
}

void write_text(std::string& bytes, std::string_view text) {
    write_head(bytes, text_string, text.size());
    bytes += text;
}

void write_double(std::string& bytes, double number) {
    bytes += '\xfb';
    const auto bits = std::bit_cast<std::uint64_t>(number);
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(bits >> unsigned(shift) & 0xffU);
}

void write_integer(std::string& bytes, const Json& value) {
    if (value.is_number_unsigned()) return write_head(bytes, positive, value.get<std::uint64_t>());
    const auto number = value.get<std::int64_t>();
    if (number >= 0) return write_head(bytes, positive, std::uint64_t(number));
    write_head(bytes, negative, std::uint64_t(-1 - number));
}

void write_object(std::string& bytes, const Shape* shape, const Json& value) {
    std::size_t count = 0;
    for (const auto& item : value) count += item.is_null() ? 0 : 1;
    write_head(bytes, map, count);
    for (const auto& [key, item] : value.items()) {
        if (item.is_null()) continue;
        write_text(bytes, key);
        const Shape* below = shape == nullptr ? nullptr : shape->element;
        if (shape != nullptr && shape->type == ShapeType::structure) {
            const Member* member = shape->member(key);
            below = member == nullptr ? nullptr : member->shape;
        }
        write_cbor(bytes, below, item);
    }
}

}  // namespace

std::optional<Json> parse_cbor(std::string_view bytes, std::string* error) {
    try {
        CborReader reader(bytes);
        Json value = reader.value(1);
        if (reader.is_done()) return value;
        throw BrokenCbor{"bytes are left over"};
    } catch (const BrokenCbor& broken) {
        if (error != nullptr) *error = broken.problem;
        return std::nullopt;
    }
}

void write_cbor(std::string& bytes, const Shape* shape, const Json& value) {
    switch (value.type()) {
        case Json::value_t::object:
            return write_object(bytes, shape, value);
        case Json::value_t::array:
            write_head(bytes, array, value.size());
            for (const auto& item : value)
                write_cbor(bytes, shape == nullptr ? nullptr : shape->element, item);
            return;
        case Json::value_t::string:
            return write_text(bytes, value.get_ref<const std::string&>());
        case Json::value_t::boolean:
            bytes += value.get<bool>() ? '\xf5' : '\xf4';
            return;
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            if (shape != nullptr && shape->type == ShapeType::timestamp) {
                constexpr double per_second = 1000;
                write_head(bytes, tag, 1);
                return write_double(bytes, double(value.get<std::int64_t>()) / per_second);
            }
            return write_integer(bytes, value);
        case Json::value_t::number_float:
            return write_double(bytes, value.get<double>());
        case Json::value_t::binary: {
            const std::string_view content = bytes_of(value);
            write_head(bytes, byte_string, content.size());
            bytes += content;
            return;
        }
        default:
            bytes += '\xf6';
    }
}

}  // namespace rockwatch
