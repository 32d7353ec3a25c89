#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace rockwatch::bedrock_runtime {

enum class JsonKind {
    any,
    string,
    number,
    integer,
    boolean,
    array,
    object,
    string_or_array,
    string_or_object
};

bool is_kind(const Json& value, JsonKind kind);

/// A key that a family's native body may have.
struct NativeKey {
    std::string_view name;
    JsonKind kind = JsonKind::any;
    bool required = false;
};

/// Checks one object of a native body as Bedrock's front door does and gathers what is wrong: missing keys,
/// keys that nobody knows, wrong types. `pointer`: "#", "#/textGenerationConfig".
void check_keys(const Json& object, std::string_view pointer, std::span<const NativeKey> keys,
                std::vector<std::string>& problems);

/// The name of a value's type as the front door calls it: String, JSONObject, Null.
std::string_view native_type(const Json& value);

/// Throws "Malformed input request: …" when there are problems: the one, or how many.
void throw_problems(const std::vector<std::string>& problems);

}  // namespace rockwatch::bedrock_runtime
