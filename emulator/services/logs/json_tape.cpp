#include "services/logs/json_tape.hpp"

#include "core/json.hpp"
#include "core/text.hpp"

namespace rockwatch::logs {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The four hex digits at `at`, which the parser has checked.
std::uint32_t code_unit(std::string_view raw, std::size_t at) {
    std::uint32_t code = 0;
    for (std::size_t index = at; index < at + 4; ++index)
        code = code * 16 + static_cast<std::uint32_t>(hex_value(raw[index]));
    return code;
}

/// Appends the character of the \u escape whose digits start at `at`; where the text goes on.
std::size_t append_escaped_code(std::string& text, std::string_view raw, std::size_t at) {
    std::uint32_t code = code_unit(raw, at);
    std::size_t behind = at + 4;
    const bool is_high = code >= 0xD800 && code < 0xDC00;
    if (is_high && raw.substr(behind).starts_with("\\u")) {
        const std::uint32_t low = code_unit(raw, behind + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
            behind += 6;
        }
    }
    const bool is_lone_half = code >= 0xD800 && code < 0xE000;
    append_utf8(text, is_lone_half ? 0xFFFD : code);
    return behind;
}

char unescaped(char letter) {
    switch (letter) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return letter;
    }
}

std::string_view unescape(std::string_view raw, std::string& buffer) {
    buffer.clear();
    for (std::size_t index = 0; index < raw.size();) {
        if (raw[index] != '\\') {
            buffer += raw[index++];
        } else if (raw[index + 1] == 'u') {
            index = append_escaped_code(buffer, raw, index + 2);
        } else {
            buffer += unescaped(raw[index + 1]);
            index += 2;
        }
    }
    return buffer;
}

}  // namespace

/// Reads strict JSON (RFC 8259) in one pass.
class JsonTapeParser {
public:
    JsonTapeParser(std::string_view text, std::vector<JsonTape::Node>& nodes) : text_(text), nodes_(nodes) {}

    bool run() {
        skip_blanks();
        if (!value({}, false, 0)) return false;
        skip_blanks();
        return at_ == text_.size();
    }

private:
    using Kind = JsonTape::Kind;

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_blanks() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
    }

    bool value(std::string_view key, bool key_escaped, int depth) {
        const std::size_t index = nodes_.size();
        nodes_.push_back({.key_escaped = key_escaped, .key = key});
        const bool is_good = fill(index, depth);
        nodes_[index].behind = static_cast<std::uint32_t>(nodes_.size());
        return is_good;
    }

    bool fill(std::size_t index, int depth) {
        switch (peek()) {
            case '{':
                return depth < json_depth_max && object(index, depth);
            case '[':
                return depth < json_depth_max && array(index, depth);
            case '"':
                nodes_[index].kind = Kind::string;
                return string(nodes_[index].text, nodes_[index].escaped);
            case 't':
                nodes_[index].kind = Kind::true_value;
                return literal("true");
            case 'f':
                nodes_[index].kind = Kind::false_value;
                return literal("false");
            case 'n':
                return literal("null");
            default:
                nodes_[index].kind = Kind::number;
                return number(nodes_[index].text);
        }
    }

    bool literal(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }

    /// After an item: true and past the comma when another follows; `ended` when the bracket closes.
    bool next_item(char close, bool& ended) {
        skip_blanks();
        ended = peek() == close;
        if (!ended && peek() != ',') return false;
        ++at_;
        skip_blanks();
        return true;
    }

    bool object(std::size_t index, int depth) {
        nodes_[index].kind = Kind::object;
        ++at_;
        skip_blanks();
        bool ended = peek() == '}';
        if (ended) ++at_;
        while (!ended) {
            std::string_view key;
            bool key_escaped = false;
            if (peek() != '"' || !string(key, key_escaped)) return false;
            skip_blanks();
            if (peek() != ':') return false;
            ++at_;
            skip_blanks();
            if (!value(key, key_escaped, depth + 1) || !next_item('}', ended)) return false;
        }
        return true;
    }

    bool array(std::size_t index, int depth) {
        nodes_[index].kind = Kind::array;
        ++at_;
        skip_blanks();
        bool ended = peek() == ']';
        if (ended) ++at_;
        while (!ended) {
            if (!value({}, false, depth + 1) || !next_item(']', ended)) return false;
        }
        return true;
    }

    bool string(std::string_view& text, bool& escaped) {
        const std::size_t start = ++at_;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                text = text_.substr(start, at_++ - start);
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c != '\\') continue;
            escaped = true;
            if (!escape()) return false;
        }
        return false;
    }

    /// Stands on a backslash; goes to the escape's last character.
    bool escape() {
        const char kind = ++at_ < text_.size() ? text_[at_] : '\0';
        if (kind != 'u')
            return kind != '\0' && std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
        for (int digit = 0; digit < 4; ++digit) {
            if (++at_ >= text_.size() || hex_value(text_[at_]) < 0) return false;
        }
        return true;
    }

    bool digits() {
        const std::size_t start = at_;
        while (is_digit(peek())) ++at_;
        return at_ > start;
    }

    bool number(std::string_view& text) {
        const std::size_t start = at_;
        if (peek() == '-') ++at_;
        if (peek() == '0') {
            ++at_;
        } else if (!digits()) {
            return false;
        }
        if (peek() == '.') {
            ++at_;
            if (!digits()) return false;
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (!digits()) return false;
        }
        text = text_.substr(start, at_ - start);
        return true;
    }

    std::string_view text_;
    std::vector<JsonTape::Node>& nodes_;
    std::size_t at_ = 0;
};

std::optional<JsonTape> JsonTape::parse(std::string_view text) {
    JsonTape tape;
    tape.nodes_.reserve(64);
    if (!JsonTapeParser(text, tape.nodes_).run()) return std::nullopt;
    return tape;
}

const JsonTape::Node* JsonTape::member(const Node& object, std::string_view name) const {
    const Node* found = nullptr;
    if (object.kind != Kind::object) return found;
    std::string buffer;
    children(object, [&](const Node& child) {
        const std::string_view key = child.key_escaped ? unescape(child.key, buffer) : child.key;
        if (key == name) found = &child;
        return true;
    });
    return found;
}

const JsonTape::Node* JsonTape::element(const Node& array, std::size_t index) const {
    const Node* found = nullptr;
    if (array.kind != Kind::array) return found;
    children(array, [&](const Node& child) {
        if (index == 0) found = &child;
        return index-- > 0;
    });
    return found;
}

std::string_view JsonTape::characters(const Node& node, std::string& buffer) {
    return node.escaped ? unescape(node.text, buffer) : node.text;
}

}  // namespace rockwatch::logs
