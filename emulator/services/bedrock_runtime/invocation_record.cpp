#include "services/bedrock_runtime/invocation_record.hpp"

#include <algorithm>

#include "core/text_time.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/converse_rules.hpp"
#include "services/bedrock_runtime/image_answer.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/modalities.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    append_string(out, text);
}

void append_count(std::string& out, std::string_view name, std::int64_t count) {
    out += ",\"";
    out += name;
    out += "\":";
    append_number(out, count);
}

/// The request as the record holds it: Converse's without modelId, or the native body.
void append_request(std::string& out, const Call& call) {
    if (call.native) {
        append_compacted(out, call.raw_body());
        return;
    }
    char before = '{';
    for (const auto& [name, value] : call.input.get_ref<const Json::object_t&>()) {
        if (name == "modelId") continue;
        out += before;
        append_string(out, name);
        out += ':';
        append_json(out, value, Blobs::left_out);
        before = ',';
    }
    if (before == '{') out += '{';
    out += '}';
}

/// Appends `"name":body` unless the body is too large; then nothing.
template <class F>
void append_body(std::string& out, std::string_view name, F write_body) {
    const std::size_t before = out.size();
    out += ",\"";
    out += name;
    out += "\":";
    const std::size_t begin = out.size();
    write_body(out);
    if (out.size() - begin > inline_body_bytes_max) out.resize(before);
}

void append_input(std::string& out, const Call& call, bool bodies) {
    out += R"(,"input":{)";
    if (call.succeeded()) {
        out += R"("inputContentType":"application/json")";
        if (bodies) append_body(out, "inputBodyJson", [&](std::string& text) { append_request(text, call); });
        append_count(out, "inputTokenCount", call.answer.usage.input);
        if (call.extras.caches) {
            append_count(out, "cacheReadInputTokenCount", call.answer.usage.cache_read);
            append_count(out, "cacheWriteInputTokenCount", call.answer.usage.cache_write);
        }
    }
    out += '}';
}

bool makes_images(const std::optional<CatalogueModel>& model) {
    return model && has_modality(model->output_modalities, "IMAGE");
}

void append_image_size(std::string& out, const Call& call) {
    if (!makes_images(call.model)) return;
    const PixelSize size = image_size(call.answer);
    if (size.width == 0) return;
    append_count(out, "outputImageWidth", size.width);
    append_count(out, "outputImageHeight", size.height);
}

void append_output(std::string& out, const Call& call, bool bodies) {
    out += R"(,"output":{)";
    if (call.succeeded()) {
        out += R"("outputContentType":"application/json")";
        if (bodies && !makes_images(call.model)) {
            append_body(out, "outputBodyJson", [&](std::string& text) {
                call.native ? void(text += call.native_output)
                            : append_recorded_body(text, call.answer, call.extras);
            });
        }
        if (is_text_model(*call.model)) append_count(out, "outputTokenCount", call.answer.usage.output);
        append_image_size(out, call);
    }
    out += '}';
}

bool logs_model(const LoggingConfig& logging, const std::optional<CatalogueModel>& model) {
    const bool images_and_texts = logging.image && logging.text;
    if (makes_images(model)) return images_and_texts;
    if (!model || !has_modality(model->output_modalities, "EMBEDDING")) return logging.text;
    return logging.embedding && (images_and_texts || !has_modality(model->input_modalities, "IMAGE"));
}

/// Whether the media of a native body's content blocks, which stand in its record, are logged.
bool logs_media(const LoggingConfig& logging, const Json& blocks) {
    return std::all_of(blocks.begin(), blocks.end(), [&](const Json& block) {
        if (member(block, "image") != nullptr) return logging.image;
        if (member(block, "video") != nullptr) return logging.video;
        if (member(block, "audio") != nullptr) return logging.audio;
        const Json* result = member(block, "toolResult");
        return result == nullptr || logs_media(logging, rules::elements(*result, "content"));
    });
}

}  // namespace

bool logs_bodies(const LoggingConfig& logging, const Call& call) {
    if (!logs_model(logging, call.model)) return false;
    const Json& messages = rules::elements(call.native_converse, "messages");
    return std::all_of(messages.begin(), messages.end(), [&](const Json& message) {
        return logs_media(logging, rules::elements(message, "content"));
    });
}

std::string invocation_record(const Call& call, const LoggingConfig& logging, Instant completed) {
    const bool bodies = logs_bodies(logging, call);
    std::string out;
    out.reserve(2048);
    out += R"({"timestamp":")";
    out += iso_seconds(completed);
    out += '"';
    append_member(out, "accountId", call.caller.account);
    append_member(out, "region", call.caller.region);
    append_member(out, "requestId", call.caller.request_id);
    append_member(out, "operation", call.operation);
    append_member(out, "modelId", call.model_id);
    if (!call.succeeded()) append_member(out, "errorCode", call.error_code);
    append_input(out, call, bodies);
    append_output(out, call, bodies);
    out += R"(,"identity":{"arn":)";
    append_string(out, call.caller.principal_arn);
    out += '}';
    if (call.model && !call.model->invoked_through.empty())
        append_member(out, "inferenceRegion", call.model->invoked_through);
    if (call.metadata.is_object() && !call.metadata.empty()) {
        out += R"(,"requestMetadata":)";
        append_json(out, call.metadata);
    }
    if (!call.extras.performance.empty()) {
        out += R"(,"performanceConfig":{"latency":)";
        append_string(out, call.extras.performance);
        out += '}';
    }
    out += R"(,"schemaType":"ModelInvocationLog","schemaVersion":"1.0"})";
    return out;
}

}  // namespace rockwatch::bedrock_runtime
