#include "core/json.hpp"

#include <charconv>
#include <cmath>

namespace rockwatch {

namespace {

/// Builds no value beyond `json_depth_max` levels: the parse stops at the bracket that opens one more.
class DepthLimited : public nlohmann::detail::json_sax_dom_parser<Json> {
public:
    using Base = nlohmann::detail::json_sax_dom_parser<Json>;
    explicit DepthLimited(Json& root) : Base(root, false) {}

    bool start_object(std::size_t elements) { return deeper() && Base::start_object(elements); }
    bool start_array(std::size_t elements) { return deeper() && Base::start_array(elements); }
    bool end_object() {
        --depth_;
        return Base::end_object();
    }
    bool end_array() {
        --depth_;
        return Base::end_array();
    }
    template <class Exception>
    bool parse_error(std::size_t position, const std::string& token, const Exception& error) {
        message = error.what();
        return Base::parse_error(position, token, error);
    }

    std::string message;

private:
    bool deeper() {
        if (++depth_ <= json_depth_max) return true;
        message = "the document is nested deeper than " + std::to_string(json_depth_max) + " levels";
        return false;
    }

    int depth_ = 0;
};

}  // namespace

std::optional<Json> parse_json(std::string_view text, std::string* error) {
    Json root;
    DepthLimited handler(root);
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
    char digits[64];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    std::string text(digits, end);
    const bool has_fraction = text.find_first_of(".en") != std::string::npos;  // also inf and nan
    return has_fraction ? text : text + ".0";
}

}  // namespace rockwatch
