#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/image_input.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"
#include "services/bedrock_runtime/tokens.hpp"

/// Amazon Titan Multimodal Embeddings G1 (facts: bedrock.md 2.2; the user guide's
/// model-parameters-titan-embed-mm).
namespace rockwatch::bedrock_runtime {

namespace {

constexpr NativeKey body_keys[] = {
    {"inputText", JsonKind::string}, {"inputImage", JsonKind::string}, {"embeddingConfig", JsonKind::object}};
constexpr NativeKey config_keys[] = {{"outputEmbeddingLength", JsonKind::integer}};
constexpr std::string_view lengths[] = {"256", "384", "1024"};
constexpr NativeLimit config_limits[] = {{.name = "outputEmbeddingLength", .words = lengths}};
constexpr std::int64_t default_length = 1024;

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    check_member(body, "#", {"embeddingConfig", {config_keys, config_limits}}, problems);
    throw_problems(problems);
    const std::string_view text = rules::text_member(body, "inputText");
    const std::string_view image = rules::text_member(body, "inputImage");
    if (text.empty() && image.empty())
        throw malformed_request("#: no subschema matched out of the total 2 subschemas");
    Json content = Json::array();
    if (!text.empty()) content.push_back({{"text", text}});
    std::int64_t length = default_length;
    if (const Json* config = rules::member(body, "embeddingConfig"))
        length = value_or<std::int64_t>(*config, "outputEmbeddingLength", default_length);
    Json embedding = {{"dimensions", length}, {"inputs", Json::array({media_key(text, image)})}};
    if (!image.empty()) {
        input_header({.base64 = image, .pointer = "#/inputImage", .formats = png_and_jpeg});
        content.push_back({{"image", Json::object()}});
        embedding["notes"] = {{"textTokens", tokens_of(text)}};  // the image's stand in the header alone
    }
    Json converse = one_user_message(std::move(content));
    converse["embedding"] = std::move(embedding);
    return converse;
}

std::string body(const Answer& answer, const NativeContext&) {
    std::string out = R"({"embedding":)";
    append_vector(out, answer.embeddings.front());
    out += R"(,"inputTextTokenCount":)";
    const Json& notes = answer.embedding_notes;
    append_number(out, notes.is_null() ? answer.usage.input : count_member(notes, "textTokens"));
    out += R"(,"message":null})";
    return out;
}

}  // namespace

const Family& titan_multimodal_embeddings() {
    static const Family family{
        "Titan Multimodal Embeddings", to_converse, body, nullptr, read_titan_embedding,
        Family::Output::embedding};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
