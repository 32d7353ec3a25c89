#include "services/bedrock_runtime/native_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/json_writer.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;

/// What is wrong with how many there are; empty: nothing.
std::string count_problem(const NativeLimit& limit, std::size_t count, std::string_view least_words,
                          std::string_view most_words, std::string_view actual_word) {
    const auto actual = static_cast<double>(count);
    if (actual >= limit.least && actual <= limit.most) return {};
    const bool few = actual < limit.least;
    return fmt::format("expected {}: {}, {}: {}", few ? least_words : most_words,
                       few ? limit.least : limit.most, actual_word, count);
}

std::string number_problem(const NativeLimit& limit, const Json& value) {
    const double number = value.get<double>();
    if (number < limit.least)
        return fmt::format("{} is not greater or equal to {}", json_text(value), limit.least);
    if (number > limit.most)
        return fmt::format("{} is not less or equal to {}", json_text(value), limit.most);
    return {};
}

std::string word_problem(const NativeLimit& limit, const Json& value) {
    const std::string word = value.is_string() ? value.get<std::string>() : json_text(value);
    if (std::find(limit.words.begin(), limit.words.end(), word) != limit.words.end()) return {};
    return word + " is not a valid enum value";
}

std::string problem_of(const NativeLimit& limit, const Json& value) {
    const bool scalar = value.is_string() || value.is_number();
    if (!limit.words.empty()) return scalar ? word_problem(limit, value) : std::string();
    if (value.is_number()) return number_problem(limit, value);
    if (value.is_string()) {
        return count_problem(limit, utf8_length(value.get_ref<const std::string&>()), "minLength",
                             "maxLength", "actual");
    }
    if (value.is_array())
        return count_problem(limit, value.size(), "minimum item count", "maximum item count", "found");
    return {};
}

std::string text_problem(const NativeLimit& limit, const Json& value) {
    if (value.is_string()) return problem_of(limit, value);
    return fmt::format("expected type: String, found: {}", native_type(value));
}

/// How many elements the list of that name may have.
double most_of(std::span<const NativeLimit> limits, std::string_view name) {
    const auto own = std::find_if(limits.begin(), limits.end(),
                                  [&](const NativeLimit& limit) { return limit.name == name; });
    return own == limits.end() ? std::numeric_limits<double>::infinity() : own->most;
}

bool has_its_type(std::span<const NativeKey> keys, std::string_view name, const Json& value) {
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const NativeKey& each) { return each.name == name; });
    return key != keys.end() && is_kind(value, key->kind);
}

}  // namespace

void check_limits(const Json& object, std::string_view pointer, const NativeShape& shape,
                  std::vector<std::string>& problems) {
    for (const NativeLimit& limit : shape.limits) {
        const Json* value = member(object, limit.name);
        if (value == nullptr || !has_its_type(shape.keys, limit.name, *value)) continue;
        const std::string problem = problem_of(limit, *value);
        if (!problem.empty()) problems.push_back(fmt::format("{}/{}: {}", pointer, limit.name, problem));
    }
}

void check_shape(const Json& object, std::string_view pointer, const NativeShape& shape,
                 std::vector<std::string>& problems) {
    check_keys(object, pointer, shape.keys, problems);
    check_limits(object, pointer, shape, problems);
}

void check_texts(const Json& object, std::string_view pointer, const NativeTexts& texts,
                 std::vector<std::string>& problems) {
    const std::string_view name = texts.each.name;
    const double most = most_of(texts.limits, name);
    const Json& list = rules::elements(object, name);
    for (std::size_t index = 0; index < list.size() && static_cast<double>(index) < most; ++index) {
        const std::string problem = text_problem(texts.each, list[index]);
        if (!problem.empty()) problems.push_back(fmt::format("{}/{}/{}: {}", pointer, name, index, problem));
    }
}

void check_unique(const Json& object, std::string_view pointer, std::string_view name,
                  std::vector<std::string>& problems) {
    Json list = rules::elements(object, name);
    std::sort(list.begin(), list.end());
    if (std::adjacent_find(list.begin(), list.end()) != list.end())
        problems.push_back(fmt::format("{}/{}: array items are not unique", pointer, name));
}

std::string_view deciding_word(const Json& object, const NativeLimit& limit, std::string_view pointer) {
    const NativeKey keys[] = {{limit.name, JsonKind::string, true}};
    const NativeLimit limits[] = {limit};
    const Json* word = member(object, limit.name);
    Json alone = object.is_object() ? Json::object() : object;  // without what other words may allow
    if (word != nullptr) alone[std::string(limit.name)] = *word;
    std::vector<std::string> problems;
    check_shape(alone, pointer, {keys, limits}, problems);
    throw_problems(problems);
    return rules::text_member(object, limit.name);
}

void check_one_of(const Json& object, std::string_view pointer, std::span<const std::string_view> names,
                  std::vector<std::string>& problems) {
    const auto count = std::count_if(names.begin(), names.end(),
                                     [&](std::string_view name) { return member(object, name) != nullptr; });
    if (count != 1)
        problems.push_back(fmt::format("{}: {} subschemas matched instead of one", pointer, count));
}

void check_generation(const Json& body, const GenerationNames& names, std::vector<std::string>& problems) {
    const NativeKey keys[] = {{names.max_tokens, JsonKind::integer}};
    const NativeLimit limits[] = {{names.max_tokens, 1}};
    check_limits(body, "#", {keys, limits}, problems);
    check_texts(body, "#", {names.stops}, problems);
}

void check_member(const Json& object, std::string_view pointer, const NativeMember& meant,
                  std::vector<std::string>& problems) {
    const Json* value = member(object, meant.name);
    if (value == nullptr || !value->is_object()) return;
    check_shape(*value, fmt::format("{}/{}", pointer, meant.name), meant.shape, problems);
}

}  // namespace rockwatch::bedrock_runtime
