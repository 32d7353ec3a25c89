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
/// maxLength: 2048, actual: 4680", "… is not a valid enum value". The counts of lists, their repeats and
/// alternatives are in the words of the same validator (everit-org/json-schema).
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

/// A list of texts.
struct NativeTexts {
    NativeLimit each;                          ///< has the list's name
    std::span<const NativeLimit> limits = {};  ///< of the object: the list's own among them
};
/// The limit of each text; other elements are of a wrong type. Elements beyond the list's own limit are not
/// looked at: check_limits says that they are too many.
void check_texts(const Json& object, std::string_view pointer, const NativeTexts& texts,
                 std::vector<std::string>& problems);

/// No element of the list member may stand there twice.
void check_unique(const Json& object, std::string_view pointer, std::string_view name,
                  std::vector<std::string>& problems);

/// The word that decides what else the object may have, such as taskType. Throws ServiceError as the front
/// door does when it is no object, or the member is absent, no text or none of the words.
std::string_view deciding_word(const Json& object, const NativeLimit& limit, std::string_view pointer = "#");

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
