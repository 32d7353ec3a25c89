#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Bounds of a native body's values, said as Bedrock's front door says them. Recorded: "#/max_gen_len: 8192
/// is not less or equal to 2048", "#/api_version: 1 is not greater or equal to 2", "#/texts/0: expected
/// maxLength: 2048, actual: 4680", "… is not a valid enum value". The counts of lists and of alternatives are
/// in the words of the same validator (everit-org/json-schema).
namespace rockwatch::bedrock_runtime {

/// What the value of a key may be: a number from `least` to `most`, a text of so many characters, a list of
/// so many elements; or one of some words (numbers as their text).
struct NativeLimit {
    std::string_view name;
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    std::span<const std::string_view> words = {};
};

/// What an object may be.
struct NativeShape {
    std::span<const NativeKey> keys;
    std::span<const NativeLimit> limits;
};

/// check_keys, and the limits of those members that are there and have their type.
void check_shape(const Json& object, std::string_view pointer, const NativeShape& shape,
                 std::vector<std::string>& problems);
/// The second half alone.
void check_limits(const Json& object, std::string_view pointer, const NativeShape& shape,
                  std::vector<std::string>& problems);

/// A limit for each text of the list member that `limit` names; other elements are of a wrong type.
void check_texts(const Json& object, std::string_view pointer, const NativeLimit& limit,
                 std::vector<std::string>& problems);

/// The word that decides what else the body may have, such as taskType. Throws ServiceError as the front door
/// does when the body is no object, or the member is absent, no text or none of the words.
std::string_view deciding_word(const Json& body, const NativeLimit& limit);

/// Exactly one of the members must be there.
void check_one_of(const Json& object, std::string_view pointer, std::span<const std::string_view> names,
                  std::vector<std::string>& problems);

/// What text families call the most tokens of an answer and the texts that end it.
struct GenerationNames {
    std::string_view max_tokens;
    std::string_view stops;
};
/// At least one token, and a list of texts.
void check_generation(const Json& body, const GenerationNames& names, std::vector<std::string>& problems);

/// check_shape of the member `name`, where it is an object.
struct NativeMember {
    std::string_view name;
    NativeShape shape;
};
void check_member(const Json& object, std::string_view pointer, const NativeMember& meant,
                  std::vector<std::string>& problems);

}  // namespace rockwatch::bedrock_runtime
