#include <fmt/format.h>

#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// TwelveLabs Pegasus: a question to a video (facts: bedrock.md 2.14).
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr std::array<NativeKey, 5> body_keys = {{{"inputPrompt", JsonKind::string, true},
                                                 {"mediaSource", JsonKind::object, true},
                                                 {"temperature", JsonKind::number},
                                                 {"maxOutputTokens", JsonKind::integer},
                                                 {"responseFormat", JsonKind::object}}};
constexpr std::array<NativeKey, 2> source_keys = {
    {{"base64String", JsonKind::string}, {"s3Location", JsonKind::object}}};
constexpr std::array<NativeKey, 2> location_keys = {
    {{"uri", JsonKind::string, true}, {"bucketOwner", JsonKind::string}}};
// Clients send either form.
constexpr std::array<NativeKey, 3> format_keys = {
    {{"jsonSchema", JsonKind::object}, {"type", JsonKind::string}, {"json_schema", JsonKind::object}}};
constexpr std::array<StopWord, 3> stop_words = {
    {{"end_turn", "stop"}, {"max_tokens", "length"}, {"model_context_window_exceeded", "length"}}};
constexpr NativeLimit limits[] = {{"maxOutputTokens", 1, 4096}};

void check_source(const Json& source, std::vector<std::string>& problems) {
    check_keys(source, "#/mediaSource", source_keys, problems);
    if (const Json* location = member(source, "s3Location"); location != nullptr)
        check_keys(*location, "#/mediaSource/s3Location", location_keys, problems);
    throw_problems(problems);
    if (source.size() != 1)
        throw malformed_request("#/mediaSource: one of base64String and s3Location is required");
}

/// The schema that the text is to follow; nullptr for none.
const Json* schema_of(const Json& body) {
    const Json* format = member(body, "responseFormat");
    if (format == nullptr) return nullptr;
    std::vector<std::string> problems;
    check_keys(*format, "#/responseFormat", format_keys, problems);
    throw_problems(problems);
    if (const Json* schema = member(*format, "jsonSchema")) return schema;
    if (text_member(*format, "type") != "json_schema" || member(*format, "json_schema") == nullptr)
        throw malformed_request("#/responseFormat: required key [jsonSchema] not found");
    const Json* wanted = member(*format, "json_schema");
    const Json* schema = member(*wanted, "schema");
    return schema == nullptr ? wanted : schema;
}

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_shape(body, "#", {body_keys, limits}, problems);
    throw_problems(problems);
    check_source(body.at("mediaSource"), problems);
    Json converse = one_user_message(text_member(body, "inputPrompt"));
    converse["messages"][0]["content"].push_back({{"video", Json::object()}});
    if (const Json* schema = schema_of(body))
        converse["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"] = *schema;
    take_parameter(converse, "maxTokens", body, "maxOutputTokens");
    take_parameter(converse, "temperature", body, "temperature");
    return converse;
}

std::string message(std::string_view text, std::string_view reason_name, std::string_view reason) {
    std::string out = R"({"message":)";
    append_string(out, text);
    out += ',';
    append_string(out, reason_name);
    out += ':';
    append_string(out, reason);
    out += '}';
    return out;
}

std::string body(const Answer& answer, const NativeContext&) {
    return message(all_text(answer), "finishReason", native_stop(stop_words, answer.stop_reason, "stop"));
}

/// Chosen: a chunk's reason is called stopReason and is empty until the last one, which has no text, as
/// clients of this stream read it; the user guide does not show one.
std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps, const NativeContext&) {
    std::vector<NativeChunk> all;
    for (const Step& step : steps) {
        if (step.kind == Step::Kind::delta) {
            all.push_back({step.due, message(step.text, "stopReason", "")});
        } else if (step.kind == Step::Kind::metadata) {
            all.push_back(
                {step.due, message("", "stopReason", native_stop(stop_words, answer.stop_reason, "stop"))});
        }
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    if (member(native, "message") == nullptr) return std::nullopt;
    return text_answer(text_member(native, "message"),
                       converse_stop(stop_words, text_member(native, "finishReason")));
}

}  // namespace

const Family& pegasus() {
    static const Family family{.name = "Pegasus",
                               .to_converse = to_converse,
                               .body = body,
                               .chunks = chunks,
                               .read_body = read_body,
                               .output = Family::Output::text};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
