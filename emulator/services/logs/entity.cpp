#include "services/logs/entity.hpp"

#include <algorithm>
#include <array>

namespace rockwatch::logs {

namespace {

constexpr std::array<std::string_view, 5> types = {"Service", "RemoteService", "AWS::Service", "Resource",
                                                   "AWS::Resource"};
constexpr std::array<std::string_view, 5> key_names = {"Type", "ResourceType", "Identifier", "Name",
                                                       "Environment"};

template <std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& known, std::string_view text) {
    return std::find(known.begin(), known.end(), text) != known.end();
}

}  // namespace

std::string_view entity_fault(const Json& entity) {
    const auto keys = entity.find("keyAttributes");
    if (keys == entity.end() || !keys->contains("Type")) return "MissingRequiredFields";
    if (!is_one_of(types, text_or_empty(*keys, "Type"))) return "InvalidTypeValue";
    for (const auto& [name, value] : keys->items()) {
        if (!is_one_of(key_names, name)) return "InvalidKeyAttributes";
    }
    const bool names_something = keys->contains("Name") || keys->contains("Identifier");
    return names_something ? "" : "MissingRequiredFields";
}

}  // namespace rockwatch::logs
