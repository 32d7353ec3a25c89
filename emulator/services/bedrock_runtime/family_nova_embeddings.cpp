#include <fmt/format.h>

#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/image_input.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Amazon Nova Multimodal Embeddings (facts: bedrock.md 2.5; the Nova user guide's embeddings-schema).
///
/// Chosen: what stands in S3 is known by its address; nobody looks whether it is there.
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr NativeKey body_keys[] = {{"schemaVersion", JsonKind::string},
                                   {"taskType", JsonKind::string, true},
                                   {"singleEmbeddingParams", JsonKind::object, true}};
constexpr NativeKey params_keys[] = {{"embeddingPurpose", JsonKind::string, true},
                                     {"embeddingDimension", JsonKind::integer},
                                     {"text", JsonKind::object},
                                     {"image", JsonKind::object},
                                     {"audio", JsonKind::object},
                                     {"video", JsonKind::object}};
constexpr NativeKey text_keys[] = {
    {"truncationMode", JsonKind::string, true}, {"value", JsonKind::string}, {"source", JsonKind::object}};
constexpr NativeKey image_keys[] = {{"format", JsonKind::string, true},
                                    {"source", JsonKind::object, true},
                                    {"detailLevel", JsonKind::string}};
constexpr NativeKey audio_keys[] = {{"format", JsonKind::string, true}, {"source", JsonKind::object, true}};
constexpr NativeKey video_keys[] = {{"format", JsonKind::string, true},
                                    {"source", JsonKind::object, true},
                                    {"embeddingMode", JsonKind::string, true}};
constexpr NativeKey source_keys[] = {{"bytes", JsonKind::string}, {"s3Location", JsonKind::object}};
constexpr NativeKey location_keys[] = {{"uri", JsonKind::string, true}, {"bucketOwner", JsonKind::string}};

constexpr std::string_view versions[] = {"nova-multimodal-embed-v1"};
constexpr std::string_view task_types[] = {"SINGLE_EMBEDDING"};
constexpr std::string_view purposes[] = {"GENERIC_INDEX",   "GENERIC_RETRIEVAL", "TEXT_RETRIEVAL",
                                         "IMAGE_RETRIEVAL", "VIDEO_RETRIEVAL",   "DOCUMENT_RETRIEVAL",
                                         "AUDIO_RETRIEVAL", "CLASSIFICATION",    "CLUSTERING"};
constexpr std::string_view dimensions[] = {"256", "384", "1024", "3072"};
constexpr std::string_view truncation_modes[] = {"START", "END", "NONE"};
constexpr std::string_view detail_levels[] = {"STANDARD_IMAGE", "DOCUMENT_IMAGE"};
constexpr std::string_view audio_formats[] = {"mp3", "wav", "ogg"};
constexpr std::string_view video_formats[] = {"mp4",  "mov", "mkv", "webm", "flv",
                                              "mpeg", "mpg", "wmv", "3gp"};
constexpr std::string_view embedding_modes[] = {"AUDIO_VIDEO_COMBINED", "AUDIO_VIDEO_SEPARATE"};
constexpr std::string_view kinds[] = {"text", "image", "audio", "video"};
constexpr std::string_view text_places[] = {"value", "source"};
constexpr std::string_view media_places[] = {"bytes", "s3Location"};

constexpr double text_characters_max = 8192;
constexpr NativeLimit body_limits[] = {{.name = "schemaVersion", .words = versions},
                                       {.name = "taskType", .words = task_types}};
constexpr NativeLimit params_limits[] = {{.name = "embeddingPurpose", .words = purposes},
                                         {.name = "embeddingDimension", .words = dimensions}};
constexpr NativeLimit text_limits[] = {{.name = "truncationMode", .words = truncation_modes},
                                       {"value", 1, text_characters_max}};
constexpr NativeLimit image_limits[] = {{.name = "format", .words = all_image_formats},
                                        {.name = "detailLevel", .words = detail_levels}};
constexpr NativeLimit audio_limits[] = {{.name = "format", .words = audio_formats}};
constexpr NativeLimit video_limits[] = {{.name = "format", .words = video_formats},
                                        {.name = "embeddingMode", .words = embedding_modes}};
constexpr std::int64_t default_dimension = 3072;

constexpr std::string_view params_pointer = "#/singleEmbeddingParams";

/// The parameters, checked down to their one input.
const Json& checked_params(const Json& body) {
    std::vector<std::string> problems;
    check_shape(body, "#", {body_keys, body_limits}, problems);
    check_member(body, "#", {"singleEmbeddingParams", {params_keys, params_limits}}, problems);
    throw_problems(problems);
    const Json& params = *member(body, "singleEmbeddingParams");
    check_one_of(params, params_pointer, kinds, problems);
    check_member(params, params_pointer, {"text", {text_keys, text_limits}}, problems);
    check_member(params, params_pointer, {"image", {image_keys, image_limits}}, problems);
    check_member(params, params_pointer, {"audio", {audio_keys, audio_limits}}, problems);
    check_member(params, params_pointer, {"video", {video_keys, video_limits}}, problems);
    throw_problems(problems);
    return params;
}

/// The media's bytes or address.
std::string_view source_text(const Json& media, const std::string& pointer) {
    std::vector<std::string> problems;
    check_member(media, pointer, {"source", {source_keys, {}}}, problems);
    const Json& source = *member(media, "source");
    const std::string at = pointer + "/source";
    check_one_of(source, at, media_places, problems);
    check_member(source, at, {"s3Location", {location_keys, {}}}, problems);
    throw_problems(problems);
    if (const Json* location = member(source, "s3Location")) return text_member(*location, "uri");
    return text_member(source, "bytes");
}

/// One input: what its vector depends on, and its content block.
struct Input {
    std::string key;
    Json block;
};

Input text_input(const Json& text) {
    const std::string pointer = fmt::format("{}/text", params_pointer);
    std::vector<std::string> problems;
    check_one_of(text, pointer, text_places, problems);
    throw_problems(problems);
    if (const Json* value = member(text, "value"))
        return {.key = value->get<std::string>(), .block = {{"text", *value}}};
    const std::string_view source = source_text(text, pointer);
    if (member(*member(text, "source"), "bytes") != nullptr)
        throw malformed_request(fmt::format("{}/source: extraneous key [bytes] is not permitted", pointer));
    return {.key = media_key({}, source), .block = {{"document", Json::object()}}};
}

Input media_input(const Json& media, std::string_view kind) {
    const std::string pointer = fmt::format("{}/{}", params_pointer, kind);
    const std::string_view source = source_text(media, pointer);
    const bool inline_bytes = member(*member(media, "source"), "bytes") != nullptr;
    const std::string bytes_pointer = pointer + "/source/bytes";
    if (inline_bytes && kind == "image")
        input_header({.base64 = source, .pointer = bytes_pointer, .formats = all_image_formats});
    else if (inline_bytes)
        check_media(source, bytes_pointer);
    return {.key = media_key({}, source), .block = {{std::string(kind), Json::object()}}};
}

/// embeddingType of each vector; a film's sound may have its own.
Json kinds_of(const Json& params) {
    if (const Json* video = member(params, "video")) {
        if (text_member(*video, "embeddingMode") == "AUDIO_VIDEO_SEPARATE") return {"VIDEO", "AUDIO"};
        return Json::array({"AUDIO_VIDEO_COMBINED"});
    }
    if (member(params, "image") != nullptr) return Json::array({"IMAGE"});
    return Json::array({member(params, "audio") != nullptr ? "AUDIO" : "TEXT"});
}

Json to_converse(const Json& body) {
    const Json& params = checked_params(body);
    const auto* const kind = std::find_if(std::begin(kinds), std::end(kinds), [&](std::string_view name) {
        return member(params, name) != nullptr;
    });
    const Json& given = *member(params, *kind);
    Input input = *kind == "text" ? text_input(given) : media_input(given, *kind);
    Json types = kinds_of(params);
    Json inputs = Json::array();
    for (const Json& type : types)
        inputs.push_back(inputs.empty() ? input.key : input.key + type.get<std::string>());
    Json converse = one_user_message(Json::array({std::move(input.block)}));
    converse["embedding"] = {
        {"dimensions", value_or<std::int64_t>(params, "embeddingDimension", default_dimension)},
        {"inputs", std::move(inputs)},
        {"notes", std::move(types)}};
    return converse;
}

std::string body(const Answer& answer, const NativeContext&) {
    std::string out = R"({"embeddings":[)";
    for (std::size_t index = 0; index < answer.embeddings.size(); ++index) {
        if (index > 0) out += ',';
        out += R"({"embeddingType":)";
        append_json(out, answer.embedding_notes.at(index));
        out += R"(,"embedding":)";
        append_vector(out, answer.embeddings[index]);
        out += '}';
    }
    out += "]}";
    return out;
}

std::optional<Answer> read_body(const Json& native) {
    Answer answer;
    answer.embedding_notes = Json::array();
    for (const Json& each : rules::elements(native, "embeddings")) {
        const Json* vector = member(each, "embedding");
        if (vector == nullptr || !vector->is_array()) return std::nullopt;
        answer.embeddings.push_back(vector_of(*vector));
        answer.embedding_notes.push_back(text_member(each, "embeddingType"));
    }
    if (answer.embeddings.empty()) return std::nullopt;
    return answer;
}

}  // namespace

const Family& nova_embeddings() {
    static const Family family{"Nova Multimodal Embeddings", to_converse, body, nullptr, read_body,
                               Family::Output::embedding};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
