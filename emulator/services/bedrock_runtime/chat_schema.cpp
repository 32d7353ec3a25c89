#include "services/bedrock_runtime/chat_schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/json_writer.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

std::string_view wanted(JsonKind kind) {
    switch (kind) {
        case JsonKind::string:
            return "a string";
        case JsonKind::number:
            return "a number";
        case JsonKind::integer:
            return "an integer";
        case JsonKind::boolean:
            return "a boolean";
        case JsonKind::array:
            return "a sequence";
        case JsonKind::object:
            return "a map";
        case JsonKind::string_or_array:
            return "a string or a sequence";
        case JsonKind::string_or_object:
            return "a string or a map";
        case JsonKind::any:
            break;
    }
    return "a value";
}

std::string found_type(const Json& value) {
    if (value.is_string()) return fmt::format("string {}", json_text(value));
    if (value.is_boolean()) return fmt::format("boolean `{}`", value.get<bool>());
    if (value.is_number_integer()) return fmt::format("integer `{}`", json_text(value));
    if (value.is_number()) return fmt::format("floating point `{}`", json_text(value));
    if (value.is_array()) return "sequence";
    return value.is_object() ? "map" : "null";
}

}  // namespace

ServiceError unreadable(std::string_view path, std::string_view problem) {
    return model_refused(fmt::format("Failed to deserialize the JSON body into the target type: {}{}{}", path,
                                     path.empty() ? "" : ": ", problem));
}

ServiceError unknown_variant(std::string_view path, std::string_view found,
                             std::span<const std::string_view> words) {
    return unreadable(path, fmt::format("unknown variant `{}`, expected {}`{}`", found,
                                        words.size() > 1 ? "one of " : "", fmt::join(words, "`, `")));
}

ServiceError wrong_type(std::string_view path, const Json& value, JsonKind kind) {
    return unreadable(path, fmt::format("invalid type: {}, expected {}", found_type(value), wanted(kind)));
}

std::string element_path(std::string_view list, std::size_t index) {
    return fmt::format("{}[{}]", list, index);
}

std::string member_path(std::string_view object, std::string_view name) {
    return object.empty() ? std::string(name) : fmt::format("{}.{}", object, name);
}

const Json* given(const Json& object, std::string_view name) {
    const Json* value = rules::member(object, name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

void check_members(const Json& object, const std::string& path, std::span<const NativeKey> keys) {
    if (!object.is_object()) throw wrong_type(path, object, JsonKind::object);
    for (const auto& [name, value] : object.items()) {
        const auto key = std::find_if(keys.begin(), keys.end(),
                                      [&](const NativeKey& candidate) { return candidate.name == name; });
        if (key == keys.end()) throw unreadable(path, fmt::format("unknown field `{}`", name));
        if (!value.is_null() && !is_kind(value, key->kind))
            throw wrong_type(member_path(path, name), value, key->kind);
    }
    for (const NativeKey& key : keys) {
        if (key.required && given(object, key.name) == nullptr)
            throw unreadable(path, fmt::format("missing field `{}`", key.name));
    }
}

}  // namespace rockwatch::bedrock_runtime
