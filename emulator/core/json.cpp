#include "core/json.hpp"

#include <charconv>
#include <cmath>
#include <vector>

#include "core/json_quick.hpp"

namespace rockwatch {

namespace {

/// Builds nothing beyond the limits: the parse stops at the bracket, the name or the value that is too much.
class Limited : public nlohmann::detail::json_sax_dom_parser<Json> {
public:
    using Base = nlohmann::detail::json_sax_dom_parser<Json>;
    explicit Limited(Json& root) : Base(root, false) {}

    bool null() { return another() && Base::null(); }
    bool boolean(bool value) { return another() && Base::boolean(value); }
    bool number_integer(Json::number_integer_t value) { return another() && Base::number_integer(value); }
    bool number_unsigned(Json::number_unsigned_t value) { return another() && Base::number_unsigned(value); }
    bool number_float(Json::number_float_t value, const Json::string_t& text) {
        return another() && Base::number_float(value, text);
    }
    bool string(Json::string_t& value) { return another() && Base::string(value); }
    bool start_object(std::size_t elements) { return deeper() && Base::start_object(elements); }
    bool start_array(std::size_t elements) { return deeper() && Base::start_array(elements); }
    bool key(Json::string_t& name) {
        if (++members_.back() <= json_members_max) return Base::key(name);
        message = "an object has more than " + std::to_string(json_members_max) + " members";
        return false;
    }
    bool end_object() {
        members_.pop_back();
        return Base::end_object();
    }
    bool end_array() {
        members_.pop_back();
        return Base::end_array();
    }
    template <class Exception>
    bool parse_error(std::size_t position, const std::string& token, const Exception& error) {
        message = error.what();
        if (const auto end = message.find("] "); end != std::string::npos) message.erase(0, end + 2);
        return Base::parse_error(position, token, error);
    }

    std::string message;

private:
    bool another() {
        if (++nodes_ <= json_nodes_max) return true;
        message = "the document has more than " + std::to_string(json_nodes_max) + " values";
        return false;
    }

    bool deeper() {
        members_.push_back(0);
        if (members_.size() <= std::size_t(json_depth_max)) return another();
        message = "the document is nested deeper than " + std::to_string(json_depth_max) + " levels";
        return false;
    }

    std::vector<std::size_t> members_;  ///< seen so far, of each structure that stands open
    std::size_t nodes_ = 0;
};

}  // namespace

std::optional<Json> parse_json(std::string_view text, std::string* error) {
    if (auto quick = parse_json_quickly(text)) return quick;
    Json root;
    Limited handler(root);
    if (Json::sax_parse(text.begin(), text.end(), &handler) && !handler.is_errored()) return root;
    if (error != nullptr) *error = handler.message.empty() ? "the document is not JSON" : handler.message;
    return std::nullopt;
}

std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string to_text(const OrderedJson& json) {
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string text_or_empty(const Json& object, std::string_view member) {
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string double_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
    char digits[64];
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, format);
    std::string text(digits, end);
    const auto exponent_at = text.find('e');
    std::string mantissa = text.substr(0, exponent_at);
    if (mantissa.find('.') == std::string::npos) mantissa += ".0";
    if (exponent_at == std::string::npos) return mantissa;
    int exponent = 0;  // to_chars writes e+07, Java E7
    const char* from = text.data() + exponent_at + (text[exponent_at + 1] == '+' ? 2 : 1);
    std::from_chars(from, text.data() + text.size(), exponent);
    return mantissa + "E" + std::to_string(exponent);
}

}  // namespace rockwatch
