#include <fmt/format.h>

#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/image_input.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// TwelveLabs Marengo Embed 2.7 and 3.0 through InvokeModel, which takes texts and images; films and sounds
/// go through StartAsyncInvoke (facts: bedrock.md 2.14; the user guide's model-parameters-marengo and -3).
///
/// Chosen: "data" is a list, as the clients of both read it, though the page shows an object.
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr NativeKey source_keys[] = {{"base64String", JsonKind::string}, {"s3Location", JsonKind::object}};
constexpr NativeKey location_keys[] = {{"uri", JsonKind::string, true}, {"bucketOwner", JsonKind::string}};
constexpr std::string_view places[] = {"base64String", "s3Location"};

constexpr NativeKey old_text_keys[] = {{"inputType", JsonKind::string, true},
                                       {"inputText", JsonKind::string, true},
                                       {"textTruncate", JsonKind::string}};
constexpr NativeKey old_image_keys[] = {{"inputType", JsonKind::string, true},
                                        {"mediaSource", JsonKind::object, true}};
constexpr std::string_view old_input_types[] = {"text", "image"};
constexpr std::string_view truncations[] = {"end", "none"};
constexpr NativeLimit old_limits[] = {{.name = "textTruncate", .words = truncations}, {"inputText", 1}};
constexpr std::int64_t old_dimensions = 1024;

constexpr NativeKey text_keys[] = {{"inputText", JsonKind::string, true}};
constexpr NativeKey image_keys[] = {{"mediaSource", JsonKind::object, true}};
constexpr NativeKey text_image_keys[] = {{"inputText", JsonKind::string, true},
                                         {"mediaSource", JsonKind::object, true}};
constexpr NativeKey multi_input_keys[] = {{"inputText", JsonKind::string},
                                          {"mediaSources", JsonKind::array, true}};
constexpr NativeKey named_source_keys[] = {{"name", JsonKind::string},
                                           {"mediaType", JsonKind::string, true},
                                           {"base64String", JsonKind::string},
                                           {"s3Location", JsonKind::object}};
constexpr std::string_view input_types[] = {"text", "image", "text_image", "multi_input"};
constexpr std::string_view media_types[] = {"image"};
constexpr NativeLimit input_limits[] = {{"inputText", 1}, {"mediaSources", 1}};
constexpr NativeLimit named_source_limits[] = {{.name = "mediaType", .words = media_types}};
constexpr std::int64_t dimensions = 512;

/// What the vector depends on, and the content blocks.
struct Input {
    std::string key;
    Json content = Json::array();

    void add_text(std::string_view text) {
        key += text;
        content.push_back({{"text", text}});
    }

    /// Checks and adds {"base64String"} or {"s3Location"}. Chosen: what stands in S3 is known by its address.
    void add_image(const Json& source, const std::string& pointer) {
        std::vector<std::string> problems;
        check_one_of(source, pointer, places, problems);
        check_member(source, pointer, {"s3Location", {location_keys, {}}}, problems);
        throw_problems(problems);
        content.push_back({{"image", Json::object()}});
        if (const Json* location = member(source, "s3Location")) {
            key += media_key({}, text_member(*location, "uri"));
            return;
        }
        const std::string_view base64 = text_member(source, "base64String");
        input_header({.base64 = base64, .pointer = pointer + "/base64String", .formats = all_image_formats});
        key += media_key({}, base64);
    }

    Json converse(std::int64_t size) {
        Json terms = one_user_message(std::move(content));
        terms["embedding"] = {{"dimensions", size}, {"inputs", Json::array({key})}};
        return terms;
    }
};

Json old_request(const Json& body) {
    const bool is_text = deciding_word(body, {.name = "inputType", .words = old_input_types}) == "text";
    const std::span<const NativeKey> keys =
        is_text ? std::span<const NativeKey>(old_text_keys) : std::span<const NativeKey>(old_image_keys);
    std::vector<std::string> problems;
    check_shape(body, "#", {keys, old_limits}, problems);
    check_member(body, "#", {"mediaSource", {source_keys, {}}}, problems);
    throw_problems(problems);
    Input input;
    if (is_text)
        input.add_text(text_member(body, "inputText"));
    else
        input.add_image(*member(body, "mediaSource"), "#/mediaSource");
    return input.converse(old_dimensions);
}

void add_named_images(const Json& sources, const std::string& pointer, Input& input) {
    for (std::size_t index = 0; index < sources.size(); ++index) {
        const std::string at = fmt::format("{}/{}", pointer, index);
        std::vector<std::string> problems;
        check_shape(sources[index], at, {named_source_keys, named_source_limits}, problems);
        throw_problems(problems);
        input.add_image(sources[index], at);
    }
}

std::span<const NativeKey> keys_of(std::string_view type) {
    if (type == "text") return text_keys;
    if (type == "image") return image_keys;
    return type == "text_image" ? std::span<const NativeKey>(text_image_keys)
                                : std::span<const NativeKey>(multi_input_keys);
}

Json request(const Json& body) {
    const std::string_view type = deciding_word(body, {.name = "inputType", .words = input_types});
    const NativeKey keys[] = {{"inputType", JsonKind::string, true},
                              {type, JsonKind::object, true},
                              {"inferenceId", JsonKind::string}};
    std::vector<std::string> problems;
    check_keys(body, "#", keys, problems);
    throw_problems(problems);
    check_member(body, "#", {type, {keys_of(type), input_limits}}, problems);
    throw_problems(problems);
    const Json& given = *member(body, type);
    const std::string pointer = fmt::format("#/{}", type);
    check_member(given, pointer, {"mediaSource", {source_keys, {}}}, problems);
    throw_problems(problems);
    Input input;
    if (!text_member(given, "inputText").empty()) input.add_text(text_member(given, "inputText"));
    if (const Json* source = member(given, "mediaSource")) input.add_image(*source, pointer + "/mediaSource");
    add_named_images(rules::elements(given, "mediaSources"), pointer + "/mediaSources", input);
    return input.converse(dimensions);
}

std::string body_of(const Answer& answer, const NativeContext&) {
    std::string out = R"({"data":[)";
    for (const std::vector<double>& vector : answer.embeddings) {
        out += R"({"embedding":)";
        append_vector(out, vector);
        out += '}';
    }
    out += "]}";
    return out;
}

std::optional<Answer> read_body(const Json& native) {
    Answer answer;
    for (const Json& each : rules::elements(native, "data")) {
        const Json* vector = member(each, "embedding");
        if (vector == nullptr || !vector->is_array()) return std::nullopt;
        answer.embeddings.push_back(vector_of(*vector));
    }
    if (answer.embeddings.empty()) return std::nullopt;
    return answer;
}

}  // namespace

const Family& marengo() {
    static const Family family{"Marengo Embed", request,   body_of,
                               nullptr,         read_body, Family::Output::embedding};
    return family;
}

const Family& marengo_2() {
    static const Family family{"Marengo Embed 2.7",      old_request, body_of, nullptr, read_body,
                               Family::Output::embedding};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
