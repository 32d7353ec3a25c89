#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Amazon Titan text embeddings (facts: bedrock.md 2.2). What the request says about the vector stands in the
/// member "embedding" of the Converse terms.
namespace rockwatch::bedrock_runtime {

namespace {

constexpr NativeKey v1_keys[] = {{"inputText", JsonKind::string, true}};
constexpr NativeKey v2_keys[] = {{"inputText", JsonKind::string, true},
                                 {"dimensions", JsonKind::integer},
                                 {"normalize", JsonKind::boolean},
                                 {"embeddingTypes", JsonKind::array}};
constexpr std::string_view v2_sizes[] = {"1024", "512", "256"};
constexpr std::string_view types[] = {"float", "binary"};
constexpr NativeLimit v2_limits[] = {{.name = "dimensions", .words = v2_sizes}, {"embeddingTypes", 1}};
constexpr std::int64_t v1_dimensions = 1536;
constexpr std::int64_t v2_dimensions = 1024;

Json embedding_request(const Json& body, const std::vector<std::string>& problems) {
    throw_problems(problems);
    const std::string_view text = rules::text_member(body, "inputText");
    if (text.empty()) throw malformed_request("expected minLength: 1, actual: 0");
    return one_user_message(text);
}

Json v1_request(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", v1_keys, problems);
    Json converse = embedding_request(body, problems);
    converse["embedding"] = {{"dimensions", v1_dimensions}};
    return converse;
}

Json v2_request(const Json& body) {
    std::vector<std::string> problems;
    check_shape(body, "#", {v2_keys, v2_limits}, problems);
    check_texts(body, "#", {{.name = "embeddingTypes", .words = types}, v2_limits}, problems);
    Json converse = embedding_request(body, problems);
    converse["embedding"] = {{"dimensions", value_or<std::int64_t>(body, "dimensions", v2_dimensions)},
                             {"normalize", value_or<bool>(body, "normalize", true)},
                             {"types", value_or<Json>(body, "embeddingTypes", Json::array({"float"}))}};
    return converse;
}

void append_signs(std::string& out, const std::vector<double>& vector) {
    char before = '[';
    for (const double component : vector) {
        out += before;
        out += component > 0 ? '1' : '0';
        before = ',';
    }
    out += ']';
}

std::string v1_body(const Answer& answer, const NativeContext&) {
    std::string out = R"({"embedding":)";
    append_vector(out, answer.embeddings.front());
    out += R"(,"inputTextTokenCount":)";
    append_number(out, answer.usage.input);
    out += '}';
    return out;
}

std::string v2_body(const Answer& answer, const NativeContext&) {
    const auto wants = [&](std::string_view type) {
        return std::find(answer.embedding_types.begin(), answer.embedding_types.end(), type) !=
               answer.embedding_types.end();
    };
    const std::vector<double>& vector = answer.embeddings.front();
    std::string out = "{";
    if (wants("float")) {
        out += R"("embedding":)";
        append_vector(out, vector);
        out += ',';
    }
    out += R"("embeddingsByType":{)";
    if (wants("binary")) {
        out += R"("binary":)";
        append_signs(out, vector);
        if (wants("float")) out += ',';
    }
    if (wants("float")) {
        out += R"("float":)";
        append_vector(out, vector);
    }
    out += R"(},"inputTextTokenCount":)";
    append_number(out, answer.usage.input);
    out += '}';
    return out;
}

}  // namespace

const Family& titan_embeddings() {
    static const Family family{"Titan Embeddings",       v1_request, v1_body, nullptr, read_titan_embedding,
                               Family::Output::embedding};
    return family;
}

const Family& titan_embeddings_v2() {
    static const Family family{"Titan Embeddings V2",    v2_request, v2_body, nullptr, read_titan_embedding,
                               Family::Output::embedding};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
