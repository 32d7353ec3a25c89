#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/image_input.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Cohere Embed v3 and v4 (facts: bedrock.md 2.9; the user guide's model-parameters-embed-v3 and -v4).
///
/// Chosen: input_type does not change the vector, so that a query finds the document of the same words.
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr NativeKey v3_keys[] = {{"input_type", JsonKind::string, true},
                                 {"texts", JsonKind::array},
                                 {"images", JsonKind::array},
                                 {"truncate", JsonKind::string},
                                 {"embedding_types", JsonKind::array}};
constexpr NativeKey v4_keys[] = {{"input_type", JsonKind::string, true},
                                 {"texts", JsonKind::array},
                                 {"images", JsonKind::array},
                                 {"inputs", JsonKind::array},
                                 {"truncate", JsonKind::string},
                                 {"embedding_types", JsonKind::array},
                                 {"output_dimension", JsonKind::integer},
                                 {"max_tokens", JsonKind::integer}};
constexpr NativeKey input_keys[] = {{"content", JsonKind::array, true}};
constexpr NativeKey text_part_keys[] = {{"type", JsonKind::string, true}, {"text", JsonKind::string, true}};
constexpr NativeKey image_part_keys[] = {{"type", JsonKind::string, true},
                                         {"image_url", JsonKind::string_or_object, true}};
constexpr NativeKey url_keys[] = {{"url", JsonKind::string, true}};

constexpr std::string_view input_types[] = {"search_document", "search_query", "classification", "clustering",
                                            "image"};
constexpr std::string_view truncations[] = {"NONE", "START", "END", "LEFT", "RIGHT"};
constexpr std::string_view types[] = {"float", "int8", "uint8", "binary", "ubinary"};
constexpr std::string_view v4_dimensions[] = {"256", "512", "1024", "1536"};
constexpr std::string_view part_types[] = {"text", "image_url"};
constexpr std::string_view v3_sources[] = {"texts", "images"};
constexpr std::string_view v4_sources[] = {"texts", "images", "inputs"};

constexpr double inputs_max = 96;
constexpr auto types_max = static_cast<double>(std::size(types));
constexpr NativeLimit v3_limits[] = {{.name = "input_type", .words = input_types},
                                     {.name = "truncate", .words = truncations},
                                     {"texts", 1, inputs_max},
                                     {"images", 1, 1},
                                     {"embedding_types", 1, types_max}};
constexpr NativeLimit v4_limits[] = {{.name = "input_type", .words = input_types},
                                     {.name = "truncate", .words = truncations},
                                     {.name = "output_dimension", .words = v4_dimensions},
                                     {"texts", 1, inputs_max},
                                     {"images", 1, inputs_max},
                                     {"inputs", 1, inputs_max},
                                     {"embedding_types", 1, types_max},
                                     {"max_tokens", 1}};
constexpr NativeLimit type_limit{.name = "embedding_types", .words = types};

constexpr std::int64_t v3_dimension = 1024;
constexpr std::int64_t v4_dimension = 1536;

/// What the request puts in: for each vector what it depends on, all content blocks, what the answer repeats.
struct Inputs {
    Json keys = Json::array();
    Json content = Json::array();
    Json notes = Json::object();
};

void add_texts(const Json& texts, Inputs& inputs) {
    for (const Json& text : texts) {
        inputs.keys.push_back(text);
        inputs.content.push_back({{"text", text}});
    }
}

/// Their descriptions as v3 tells them.
Json add_images(const Json& images, Inputs& inputs) {
    Json told = Json::array();
    for (const Json& image : images) {
        const std::string pointer = fmt::format("#/images/{}", told.size());
        const auto& uri = image.get_ref<const std::string&>();
        const ImageHeader header =
            data_uri_header({.base64 = uri, .pointer = pointer, .formats = all_image_formats});
        inputs.keys.push_back(media_key({}, uri));
        inputs.content.push_back({{"image", Json::object()}});
        told.push_back({{"width", header.size.width},
                        {"height", header.size.height},
                        {"format", header.format},
                        {"bit_depth", header.bit_depth}});
    }
    return told;
}

/// One part of a mixed input; appends what the vector depends on. An image stands as its data URI, as the
/// page of Bedrock has it, or as {"url": …}, as Cohere's own has it.
void add_part(const Json& part, const std::string& pointer, Inputs& inputs, std::string& key) {
    const bool is_text = deciding_word(part, {.name = "type", .words = part_types}, pointer) == "text";
    std::vector<std::string> problems;
    check_keys(
        part, pointer,
        is_text ? std::span<const NativeKey>(text_part_keys) : std::span<const NativeKey>(image_part_keys),
        problems);
    check_member(part, pointer, {"image_url", {url_keys, {}}}, problems);
    throw_problems(problems);
    if (is_text) {
        inputs.content.push_back({{"text", text_member(part, "text")}});
        key += text_member(part, "text");
        return;
    }
    const bool bare = member(part, "image_url")->is_string();
    const std::string_view uri =
        bare ? text_member(part, "image_url") : text_member(*member(part, "image_url"), "url");
    data_uri_header({.base64 = uri,
                     .pointer = pointer + (bare ? "/image_url" : "/image_url/url"),
                     .formats = all_image_formats});
    inputs.content.push_back({{"image", Json::object()}});
    key += media_key({}, uri);
}

void add_mixed(const Json& mixed, Inputs& inputs) {
    for (std::size_t index = 0; index < mixed.size(); ++index) {
        const std::string pointer = fmt::format("#/inputs/{}", index);
        std::vector<std::string> problems;
        check_keys(mixed[index], pointer, input_keys, problems);
        throw_problems(problems);
        const Json& parts = rules::elements(mixed[index], "content");
        if (parts.empty())
            throw malformed_request(pointer + "/content: expected minimum item count: 1, found: 0");
        std::string key;
        for (std::size_t part = 0; part < parts.size(); ++part)
            add_part(parts[part], fmt::format("{}/content/{}", pointer, part), inputs, key);
        inputs.keys.push_back(std::move(key));
    }
}

/// Which of the two; their requests and answers differ in little.
struct Version {
    std::span<const NativeKey> keys;
    std::span<const NativeLimit> limits;
    std::span<const std::string_view> sources;
    NativeLimit text;
    std::int64_t dimension;
    bool is_v3;  ///< recorded: it repeats texts in lower case, and gives a bare list to who names no type
};
constexpr Version v3{v3_keys, v3_limits, v3_sources, {"texts", 1, 2048}, v3_dimension, true};
constexpr Version v4{v4_keys, v4_limits, v4_sources, {"texts", 1}, v4_dimension, false};

void check_body(const Version& version, const Json& body) {
    std::vector<std::string> problems;
    check_shape(body, "#", {version.keys, version.limits}, problems);
    check_texts(body, "#", {version.text, version.limits}, problems);
    check_texts(body, "#", {{.name = "images"}, version.limits}, problems);
    check_texts(body, "#", {type_limit, version.limits}, problems);
    throw_problems(problems);
    check_unique(body, "#", "embedding_types", problems);
    check_one_of(body, "#", version.sources, problems);
    throw_problems(problems);
}

Json request_of(const Version& version, const Json& body) {
    check_body(version, body);
    Inputs inputs;
    if (const Json* texts = member(body, "texts")) {
        add_texts(*texts, inputs);
        Json told = *texts;
        if (version.is_v3) {
            for (Json& text : told) text = lower_case(text.get_ref<const std::string&>());
        }
        inputs.notes["texts"] = std::move(told);
    } else if (const Json* images = member(body, "images")) {
        inputs.notes["images"] = add_images(*images, inputs);
        inputs.notes["texts"] = Json::array();
    } else {
        const Json& mixed = *member(body, "inputs");
        add_mixed(mixed, inputs);
        inputs.notes["inputs"] = mixed;
    }
    Json types_unsaid = version.is_v3 ? Json::array() : Json::array({"float"});
    Json converse = one_user_message(std::move(inputs.content));
    converse["embedding"] = {
        {"dimensions", value_or<std::int64_t>(body, "output_dimension", version.dimension)},
        {"types", value_or<Json>(body, "embedding_types", std::move(types_unsaid))},
        {"inputs", std::move(inputs.keys)},
        {"notes", std::move(inputs.notes)}};
    return converse;
}

Json v3_request(const Json& body) { return request_of(v3, body); }
Json v4_request(const Json& body) { return request_of(v4, body); }

constexpr int int8_max = 127;
constexpr int uint8_offset = 128;

void append_integers(std::string& out, const std::vector<double>& vector, int offset) {
    char before = '[';
    for (const double component : vector) {
        out += before;
        append_number(out, std::lround(std::clamp(component, -1.0, 1.0) * int8_max) + offset);
        before = ',';
    }
    out += ']';
}

/// Eight signs a byte, the first in the highest bit; a last byte that is not full has zeros.
void append_bits(std::string& out, const std::vector<double>& vector, int offset) {
    char before = '[';
    constexpr std::size_t byte_bits = 8;
    for (std::size_t begin = 0; begin < vector.size(); begin += byte_bits) {
        int byte = 0;
        for (std::size_t bit = 0; bit < byte_bits; ++bit)
            byte = byte * 2 + (begin + bit < vector.size() && vector[begin + bit] > 0 ? 1 : 0);
        out += before;
        append_number(out, byte + offset);
        before = ',';
    }
    out += ']';
}

void append_typed(std::string& out, const std::vector<double>& vector, std::string_view type) {
    if (type == "int8") return append_integers(out, vector, 0);
    if (type == "uint8") return append_integers(out, vector, uint8_offset);
    if (type == "binary") return append_bits(out, vector, -uint8_offset);
    if (type == "ubinary") return append_bits(out, vector, 0);
    append_vector(out, vector);
}

void append_all(std::string& out, const Answer& answer, std::string_view type) {
    char before = '[';
    for (const std::vector<double>& vector : answer.embeddings) {
        out += before;
        append_typed(out, vector, type);
        before = ',';
    }
    out += ']';
}

std::string body_of(const Answer& answer, const NativeContext& context) {
    std::string out = R"({"id":)";
    append_string(out, context.request_id);
    out += R"(,"embeddings":)";
    const bool by_type = !answer.embedding_types.empty();
    if (by_type) {
        char before = '{';
        for (const std::string& type : answer.embedding_types) {
            out += before;
            append_string(out, type);
            out += ':';
            append_all(out, answer, type);
            before = ',';
        }
        out += '}';
    } else {
        append_all(out, answer, "float");
    }
    out += by_type ? R"(,"response_type":"embeddings_by_type")" : R"(,"response_type":"embeddings_floats")";
    for (const auto& [name, value] : answer.embedding_notes.items()) {
        out += ',';
        append_string(out, name);
        out += ':';
        append_json(out, value);
    }
    out += '}';
    return out;
}

std::optional<Answer> read_body(const Json& native) {
    const Json* embeddings = member(native, "embeddings");
    if (embeddings == nullptr) return std::nullopt;
    const Json& vectors = embeddings->is_object() ? rules::elements(*embeddings, "float")
                                                  : rules::elements(native, "embeddings");
    Answer answer;
    for (const Json& vector : vectors) answer.embeddings.push_back(vector_of(vector));
    if (answer.embeddings.empty()) return std::nullopt;
    return answer;
}

}  // namespace

const Family& cohere_embed_v3() {
    static const Family family{"Cohere Embed v3", v3_request, body_of,
                               nullptr,           read_body,  Family::Output::embedding};
    return family;
}

const Family& cohere_embed_v4() {
    static const Family family{"Cohere Embed v4", v4_request, body_of,
                               nullptr,           read_body,  Family::Output::embedding};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
