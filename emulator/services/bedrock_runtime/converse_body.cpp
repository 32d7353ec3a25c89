#include "services/bedrock_runtime/converse_body.hpp"

#include "services/bedrock_runtime/json_writer.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::string_view padding_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::uint64_t padding_min = 2;
constexpr std::uint64_t padding_max = 61;

void append_image(std::string& out, const Block& block, Blobs blobs) {
    out += R"({"image":{"format":)";
    append_string(out, block.name);
    out += R"(,"source":)";
    out += blobs == Blobs::left_out && block.source.contains("bytes") ? "{}" : json_text(block.source);
    out += "}}";
}

void append_block(std::string& out, const Block& block, Blobs blobs) {
    switch (block.kind) {
        case Block::Kind::text:
            out += R"({"text":)";
            append_string(out, block.text);
            out += '}';
            return;
        case Block::Kind::tool_use:
            out += R"({"toolUse":{"input":)";
            out += block.text;
            out += R"(,"name":)";
            append_string(out, block.name);
            out += R"(,"toolUseId":)";
            append_string(out, block.tool_use_id);
            out += "}}";
            return;
        case Block::Kind::reasoning:
            out += R"({"reasoningContent":{"reasoningText":{)";
            if (!block.signature.empty()) {
                out += R"("signature":)";
                append_string(out, block.signature);
                out += ',';
            }
            out += R"("text":)";
            append_string(out, block.text);
            out += "}}}";
            return;
        case Block::Kind::redacted:
            out += R"({"reasoningContent":{"redactedContent":)";
            append_string(out, block.text);
            out += "}}";
            return;
        case Block::Kind::image:
            append_image(out, block, blobs);
            return;
    }
}

void append_content(std::string& out, const Answer& answer, Blobs blobs = Blobs::base64) {
    out += R"("content":[)";
    for (std::size_t index = 0; index < answer.blocks.size(); ++index) {
        if (index > 0) out += ',';
        append_block(out, answer.blocks[index], blobs);
    }
    out += ']';
}

void append_count(std::string& out, std::string_view name, std::int64_t count) {
    out += '"';
    out += name;
    out += "\":";
    append_number(out, count);
}

bool tells_cache(const Usage& usage, const ConverseExtras& extras) {
    return extras.caches || usage.cache_read > 0 || usage.cache_write > 0;
}

void append_usage(std::string& out, const Usage& usage, const ConverseExtras& extras) {
    out += R"("usage":{)";
    if (tells_cache(usage, extras)) {
        append_count(out, "cacheReadInputTokenCount", usage.cache_read);
        append_count(out += ',', "cacheReadInputTokens", usage.cache_read);
        append_count(out += ',', "cacheWriteInputTokenCount", usage.cache_write);
        append_count(out += ',', "cacheWriteInputTokens", usage.cache_write);
        out += ',';
    }
    append_count(out, "inputTokens", usage.input);
    append_count(out += ',', "outputTokens", usage.output);
    out += R"(,"serverToolUsage":{})";
    append_count(out += ',', "totalTokens", usage.total());
    out += '}';
}

Json usage_json(const Usage& usage, const ConverseExtras& extras) {
    Json json = {{"inputTokens", usage.input},
                 {"outputTokens", usage.output},
                 {"serverToolUsage", Json::object()},
                 {"totalTokens", usage.total()}};
    if (tells_cache(usage, extras)) {
        json["cacheReadInputTokenCount"] = json["cacheReadInputTokens"] = usage.cache_read;
        json["cacheWriteInputTokenCount"] = json["cacheWriteInputTokens"] = usage.cache_write;
    }
    return json;
}

Json delta_json(const Block& block, const Step& step) {
    if (step.signature) return {{"reasoningContent", {{"signature", step.text}}}};
    switch (block.kind) {
        case Block::Kind::text:
            return {{"text", step.text}};
        case Block::Kind::tool_use:
            return {{"toolUse", {{"input", step.text}}}};
        case Block::Kind::reasoning:
            return {{"reasoningContent", {{"text", step.text}}}};
        case Block::Kind::redacted:
            return {{"reasoningContent", {{"redactedContent", step.text}}}};
        case Block::Kind::image:
            return {{"image", {{"source", block.source}}}};
    }
    return nullptr;
}

Json message_stop_json(const Answer& answer, const ConverseExtras& extras) {
    Json payload = {{"stopReason", answer.stop_reason}};
    if (!extras.additional_fields.empty()) {
        payload["additionalModelResponseFields"] = parse_json(extras.additional_fields).value_or(Json());
    }
    return payload;
}

Json metadata_json(const Answer& answer, const ConverseExtras& extras) {
    Json payload = {{"metrics", {{"latencyMs", extras.latency.count()}}},
                    {"usage", usage_json(answer.usage, extras)}};
    if (!extras.performance.empty()) payload["performanceConfig"] = {{"latency", extras.performance}};
    if (!extras.tier.empty()) payload["serviceTier"] = {{"type", extras.tier}};
    return payload;
}

/// What announces a block; null: texts and reasoning begin with their first delta.
Json start_json(const Block& block) {
    if (block.kind == Block::Kind::tool_use)
        return {{"toolUse", {{"name", block.name}, {"toolUseId", block.tool_use_id}}}};
    if (block.kind == Block::Kind::image) return {{"image", {{"format", block.name}}}};
    return nullptr;
}

/// The event of a step; an empty type when Converse has none for it.
PlannedEvent event_of(const Answer& answer, const Step& step, const ConverseExtras& extras) {
    PlannedEvent event{.due = step.due};
    switch (step.kind) {
        case Step::Kind::message_start:
            event.type = "messageStart";
            event.payload = {{"role", "assistant"}};
            break;
        case Step::Kind::block_start: {
            Json start = start_json(answer.blocks[step.block]);
            if (start.is_null()) break;
            event.type = "contentBlockStart";
            event.payload = {{"contentBlockIndex", step.block}, {"start", std::move(start)}};
            break;
        }
        case Step::Kind::delta:
            event.type = "contentBlockDelta";
            event.payload = {{"contentBlockIndex", step.block},
                             {"delta", delta_json(answer.blocks[step.block], step)}};
            break;
        case Step::Kind::block_stop:
            event.type = "contentBlockStop";
            event.payload = {{"contentBlockIndex", step.block}};
            break;
        case Step::Kind::message_stop:
            event.type = "messageStop";
            event.payload = message_stop_json(answer, extras);
            break;
        case Step::Kind::metadata:
            event.type = "metadata";
            event.payload = metadata_json(answer, extras);
            break;
    }
    return event;
}

}  // namespace

std::string padding(Random& random) {
    return std::string(padding_letters.substr(0, padding_min + random.below(padding_max - padding_min + 1)));
}

std::string converse_body(const Answer& answer, const ConverseExtras& extras) {
    std::string out;
    out.reserve(1024);
    out += '{';
    if (!extras.additional_fields.empty()) {
        out += R"("additionalModelResponseFields":)";
        out += extras.additional_fields;
        out += ',';
    }
    out += R"("metrics":{"latencyMs":)";
    append_number(out, extras.latency.count());
    out += R"(},"output":{"message":{)";
    append_content(out, answer);
    out += R"(,"role":"assistant"}})";
    if (!extras.performance.empty()) {
        out += R"(,"performanceConfig":{"latency":)";
        append_string(out, extras.performance);
        out += '}';
    }
    if (!extras.tier.empty()) {
        out += R"(,"serviceTier":{"type":)";
        append_string(out, extras.tier);
        out += '}';
    }
    out += R"(,"stopReason":)";
    append_string(out, answer.stop_reason);
    out += ',';
    append_usage(out, answer.usage, extras);
    out += '}';
    return out;
}

void append_recorded_body(std::string& out, const Answer& answer, const ConverseExtras& extras) {
    out += R"({"output":{"message":{"role":"assistant",)";
    append_content(out, answer, Blobs::left_out);
    out += R"(}},"stopReason":)";
    append_string(out, answer.stop_reason);
    out += R"(,"metrics":{"latencyMs":)";
    append_number(out, extras.latency.count());
    out += "},";
    out += R"("usage":{)";
    append_count(out, "inputTokens", answer.usage.input);
    append_count(out += ',', "outputTokens", answer.usage.output);
    append_count(out += ',', "totalTokens", answer.usage.total());
    if (tells_cache(answer.usage, extras)) {
        append_count(out += ',', "cacheReadInputTokens", answer.usage.cache_read);
        append_count(out += ',', "cacheWriteInputTokens", answer.usage.cache_write);
    }
    out += "}}";
}

std::vector<PlannedEvent> converse_events(const Answer& answer, const std::vector<Step>& steps,
                                          const ConverseExtras& extras, Random& random) {
    std::vector<PlannedEvent> events;
    events.reserve(steps.size());
    for (const Step& step : steps) {
        PlannedEvent event = event_of(answer, step, extras);
        if (event.type.empty()) continue;
        event.payload["p"] = padding(random);
        events.push_back(std::move(event));
    }
    return events;
}

}  // namespace rockwatch::bedrock_runtime
