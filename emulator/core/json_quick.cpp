#include "core/json_quick.hpp"

#include <simdjson.h>

#include <algorithm>

namespace rockwatch {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// Makes our tree of simdjson's. Recurses no deeper than the parser went.
class TreeMaker {
public:
    /// False when there are more values or members than a document may have.
    bool make(const element& from, Json& to) {
        if (++nodes_ > json_nodes_max) return false;
        switch (from.type()) {
            case element_type::OBJECT:
                return make_object(from.get_object().value_unsafe(), to);
            case element_type::ARRAY:
                return make_array(from.get_array().value_unsafe(), to);
            case element_type::STRING:
                to = std::string(from.get_string().value_unsafe());
                return true;
            case element_type::INT64: {
                // As nlohmann has it: only what has a sign is signed.
                const std::int64_t number = from.get_int64().value_unsafe();
                to = number;
                if (number >= 0) to = static_cast<std::uint64_t>(number);
                return true;
            }
            case element_type::UINT64:
                to = from.get_uint64().value_unsafe();
                return true;
            case element_type::DOUBLE:
                to = from.get_double().value_unsafe();
                return true;
            case element_type::BOOL:
                to = from.get_bool().value_unsafe();
                return true;
            case element_type::NULL_VALUE:
                return true;
        }
        return false;
    }

private:
    bool make_object(const simdjson::dom::object& from, Json& to) {
        to = Json::object();
        auto& members = to.get_ref<Json::object_t&>();
        std::size_t count = 0;
        for (const auto& field : from) {
            if (++count > json_members_max) return false;
            Json& member = members[std::string(field.key)];
            member = nullptr;  // of two with one name the last one holds
            if (!make(field.value, member)) return false;
        }
        return true;
    }

    bool make_array(const simdjson::dom::array& from, Json& to) {
        to = Json::array();
        auto& elements = to.get_ref<Json::array_t&>();
        elements.reserve(from.size());
        for (const element& value : from) {
            elements.emplace_back();
            if (!make(value, elements.back())) return false;
        }
        return true;
    }

    std::size_t nodes_ = 0;
};

/// The parser takes 16 bytes for a value before the first one is counted: of a text that may have too many,
/// the other parser counts them as it goes. A comma or bracket within a string counts here, too.
bool may_have_too_many(std::string_view text) {
    if (text.size() <= json_nodes_max) return false;
    const auto opens = [](char byte) { return byte == ',' || byte == '[' || byte == '{'; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), opens)) >= json_nodes_max;
}

}  // namespace

std::optional<Json> parse_json_quickly(std::string_view text) {
    if (text.empty()) return std::nullopt;  // perhaps without an address, which simdjson would copy from
    if (may_have_too_many(text)) return std::nullopt;
    simdjson::dom::parser parser;
    if (parser.allocate(text.size(), json_depth_max) != simdjson::SUCCESS) return std::nullopt;
    element root;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
    std::optional<Json> tree(std::in_place);
    if (!TreeMaker().make(root, *tree)) return std::nullopt;
    return tree;
}

}  // namespace rockwatch
