#include "services/bedrock_runtime/native_schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "services/bedrock_runtime/errors.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

std::string_view wanted(JsonKind kind) {
    switch (kind) {
        case JsonKind::string:
            return "String";
        case JsonKind::number:
            return "Number";
        case JsonKind::integer:
            return "Integer";
        case JsonKind::boolean:
            return "Boolean";
        case JsonKind::object:
        case JsonKind::string_or_object:
            return "JSONObject";
        case JsonKind::any:
        case JsonKind::array:
        case JsonKind::string_or_array:
            return "JSONArray";
    }
    return "JSONArray";
}

}  // namespace

bool is_kind(const Json& value, JsonKind kind) {
    switch (kind) {
        case JsonKind::any:
            return true;
        case JsonKind::string:
            return value.is_string();
        case JsonKind::number:
            return value.is_number();
        case JsonKind::integer:
            return value.is_number_integer();
        case JsonKind::boolean:
            return value.is_boolean();
        case JsonKind::array:
            return value.is_array();
        case JsonKind::object:
            return value.is_object();
        case JsonKind::string_or_array:
            return value.is_string() || value.is_array();
        case JsonKind::string_or_object:
            return value.is_string() || value.is_object();
    }
    return false;
}

std::string_view native_type(const Json& value) {
    if (value.is_string()) return "String";
    if (value.is_number_integer()) return "Integer";
    if (value.is_number()) return "Number";
    if (value.is_boolean()) return "Boolean";
    if (value.is_object()) return "JSONObject";
    return value.is_array() ? "JSONArray" : "Null";
}

void check_keys(const Json& object, std::string_view pointer, std::span<const NativeKey> keys,
                std::vector<std::string>& problems) {
    if (!object.is_object()) {
        problems.push_back(
            fmt::format("{}: expected type: JSONObject, found: {}", pointer, native_type(object)));
        return;
    }
    for (const NativeKey& key : keys) {
        const auto value = object.find(key.name);
        if (value == object.end()) {
            if (key.required)
                problems.push_back(fmt::format("{}: required key [{}] not found", pointer, key.name));
        } else if (!is_kind(*value, key.kind)) {
            problems.push_back(fmt::format("{}/{}: expected type: {}, found: {}", pointer, key.name,
                                           wanted(key.kind), native_type(*value)));
        }
    }
    for (const auto& [name, value] : object.items()) {
        const bool known =
            std::any_of(keys.begin(), keys.end(), [&](const NativeKey& key) { return key.name == name; });
        if (!known)
            problems.push_back(fmt::format("{}: extraneous key [{}] is not permitted", pointer, name));
    }
}

void throw_problems(const std::vector<std::string>& problems) {
    if (problems.empty()) return;
    if (problems.size() == 1) throw malformed_request(problems.front());
    throw malformed_request(fmt::format("#: {} schema violations found", problems.size()));
}

}  // namespace rockwatch::bedrock_runtime
