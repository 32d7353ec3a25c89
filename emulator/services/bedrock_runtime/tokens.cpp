#include "services/bedrock_runtime/tokens.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "rules/conversation.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::int64_t characters_per_token = 4;
constexpr std::int64_t image_tokens = 750;
constexpr std::int64_t document_tokens = 1500;
constexpr std::int64_t video_tokens = 5000;

/// What a request holds, in characters and in tokens of media.
struct Count {
    std::int64_t characters = 0;
    std::int64_t media_tokens = 0;

    void add(std::string_view text) { characters += static_cast<std::int64_t>(utf8_length(text)); }
};

/// Every name and text of a tree, roughly what its JSON text has.
void count_tree(const Json& tree, Count& count) {
    if (tree.is_string()) {
        count.add(tree.get_ref<const std::string&>());
    } else if (tree.is_object()) {
        for (const auto& [name, value] : tree.get_ref<const Json::object_t&>()) {
            count.add(name);
            count_tree(value, count);
        }
    } else if (tree.is_array()) {
        for (const Json& value : tree) count_tree(value, count);
    } else {
        count.characters += characters_per_token;
    }
}

void count_block(const Json& block, Count& count);

void count_blocks(const Json& blocks, Count& count) {
    for (const Json& block : blocks) count_block(block, count);
}

void count_tool(const Json& part, Count& count) {
    count.add(rules::text_member(part, "name"));
    if (const Json* input = rules::member(part, "input")) count_tree(*input, count);
    count_blocks(rules::elements(part, "content"), count);
}

void count_block(const Json& block, Count& count) {
    if (!block.is_object()) return;
    for (const auto& [kind, part] : block.get_ref<const Json::object_t&>()) {
        if (kind == "text" && part.is_string()) {
            count.add(part.get_ref<const std::string&>());
        } else if (kind == "image") {
            count.media_tokens += image_tokens;
        } else if (kind == "document" || kind == "audio") {
            count.media_tokens += document_tokens;
        } else if (kind == "video") {
            count.media_tokens += video_tokens;
        } else if (kind == "toolUse" || kind == "toolResult") {
            count_tool(part, count);
        } else if (kind != "cachePoint") {
            count_tree(part, count);
        }
    }
}

}  // namespace

std::int64_t tokens_of(std::string_view text) {
    return (static_cast<std::int64_t>(utf8_length(text)) + characters_per_token - 1) / characters_per_token;
}

std::size_t bytes_of_tokens(std::string_view text, std::int64_t tokens) {
    std::int64_t characters = 0;  // counted up: as many as `tokens` can ask for are more than a number holds
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U;
        if (starts_character && characters++ / characters_per_token == tokens) return at;
    }
    return text.size();
}

std::int64_t input_tokens(const Json& converse) {
    if (rules::member(converse, "images") != nullptr) return 0;
    Count count;
    if (const Json* ranking = rules::member(converse, "ranking"))
        count_tree(rules::elements(*ranking, "documents"), count);
    for (const Json& message : rules::elements(converse, "messages"))
        count_blocks(rules::elements(message, "content"), count);
    count_blocks(rules::elements(converse, "system"), count);
    if (const Json* config = rules::member(converse, "toolConfig"))
        count_tree(rules::elements(*config, "tools"), count);
    const std::int64_t text_tokens = (count.characters + characters_per_token - 1) / characters_per_token;
    return std::max<std::int64_t>(1, text_tokens + count.media_tokens);
}

}  // namespace rockwatch::bedrock_runtime
