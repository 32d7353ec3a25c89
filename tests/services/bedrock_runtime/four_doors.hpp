#pragma once

#include <string>
#include <vector>

#include "runtime_world.hpp"

/// One conversation through each of the four operations, and what came back in common terms.
namespace rockwatch::bedrock_runtime {

inline const std::vector<std::string> all_operations = {"Converse", "ConverseStream", "InvokeModel",
                                                        "InvokeModelWithResponseStream"};

inline bool is_native(const std::string& operation) { return operation.starts_with("Invoke"); }
inline bool is_streamed(const std::string& operation) {
    return operation.find("Stream") != std::string::npos;
}

/// The same conversation in Converse's terms and in Claude's own.
struct Asked {
    std::string model = haiku;
    std::string prompt = "hi";
    Json converse_more = Json::object();
    Json native_more = Json::object();
};

inline ReplyPlan ask(RuntimeWorld& world, const std::string& operation, const Asked& asked = {}) {
    if (!is_native(operation)) {
        Json input = converse_input(asked.model, asked.prompt);
        input.update(asked.converse_more);
        return world.play(operation, std::move(input));
    }
    Json body = {{"anthropic_version", "bedrock-2023-05-31"},
                 {"max_tokens", 500},
                 {"messages", Json::array({{{"role", "user"}, {"content", asked.prompt}}})}};
    body.update(asked.native_more);
    return world.play_native(operation, asked.model, body.dump());
}

/// The answer's text, whatever the door.
inline std::string text_of(const ReplyPlan& plan, const std::string& operation) {
    if (!is_native(operation)) return converse_text(plan);
    std::string text;
    if (!plan.streamed) {
        const Json answer = parse_json(plan.body).value();
        for (const Json& block : answer.at("content")) text += text_or_empty(block, "text");
        return text;
    }
    for (const Json& chunk : decoded_chunks(plan)) {
        if (chunk.at("type") == "content_block_delta") text += text_or_empty(chunk.at("delta"), "text");
    }
    return text;
}

/// The pieces of a streamed answer's text: what came when.
struct Piece {
    std::int64_t due;
    std::string text;
};
inline std::vector<Piece> pieces(const ReplyPlan& plan, const std::string& operation) {
    std::vector<Piece> all;
    const auto chunks = is_native(operation) ? decoded_chunks(plan) : std::vector<Json>();
    for (std::size_t index = 0; index < plan.events.size(); ++index) {
        const PlannedEvent& event = plan.events[index];
        const Json& payload = is_native(operation) ? chunks[index] : event.payload;
        const bool delta = is_native(operation) ? payload.at("type") == "content_block_delta"
                                                : event.type == "contentBlockDelta";
        if (delta) all.push_back({event.due.count(), text_or_empty(payload.at("delta"), "text")});
    }
    return all;
}

}  // namespace rockwatch::bedrock_runtime
