#include "services/bedrock_runtime/answer.hpp"

#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/image_answer.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/ranking.hpp"
#include "services/bedrock_runtime/tokens.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::string_view url_safe_base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t tool_use_id_letters = 22;
constexpr std::size_t signature_letters = 64;

Block reasoning_block(std::string text, std::string_view signature, Random& random) {
    return {.kind = Block::Kind::reasoning,
            .text = std::move(text),
            .signature =
                signature.empty() ? random.text(signature_letters, alphanumeric) : std::string(signature)};
}

/// Fills templates in every text of a tool's input.
Json filled(const Json& tree, const rules::TemplateValues& values) {
    if (tree.is_string()) return rules::fill(tree.get_ref<const std::string&>(), values);
    Json copy = tree;
    if (copy.is_structured()) {
        for (Json& child : copy) child = filled(child, values);
    }
    return copy;
}

Block block_of(const Json& content, const rules::TemplateValues& values, Random& random) {
    if (const Json* text = rules::member(content, "text"))
        return {.text = rules::fill(text->get_ref<const std::string&>(), values)};
    if (const Json* tool = rules::member(content, "toolUse")) {
        const std::string_view id = rules::text_member(*tool, "toolUseId");
        const Json* input = rules::member(*tool, "input");
        return {.kind = Block::Kind::tool_use,
                .text = input == nullptr ? "{}" : json_text(filled(*input, values)),
                .name = std::string(rules::text_member(*tool, "name")),
                .tool_use_id = id.empty() ? new_tool_use_id(random) : std::string(id)};
    }
    if (const Json* image = rules::member(content, "image"))
        return {.kind = Block::Kind::image, .name = image->at("format"), .source = image->at("source")};
    const Json& reasoning = content.at("reasoningContent");
    if (const Json* redacted = rules::member(reasoning, "redactedContent"))
        return {.kind = Block::Kind::redacted, .text = redacted->get<std::string>()};
    const Json& text = reasoning.at("reasoningText");
    return reasoning_block(rules::fill(rules::text_member(text, "text"), values),
                           rules::text_member(text, "signature"), random);
}

/// Cuts at the first stop sequence; what follows the cut is dropped.
void cut_at_stop_sequence(Answer& answer, const std::vector<std::string>& stop_sequences) {
    for (std::size_t index = 0; index < answer.blocks.size(); ++index) {
        Block& block = answer.blocks[index];
        if (block.kind != Block::Kind::text) continue;
        std::size_t cut = std::string::npos;
        for (const std::string& sequence : stop_sequences) {
            const auto at = sequence.empty() ? std::string::npos : block.text.find(sequence);
            if (at >= cut) continue;
            cut = at;
            answer.stop_sequence = sequence;
        }
        if (cut == std::string::npos) continue;
        block.text.resize(cut);
        answer.blocks.resize(index + 1);
        answer.stop_reason = "stop_sequence";
        return;
    }
}

void cut_at_max_tokens(Answer& answer, std::int64_t max_tokens) {
    std::int64_t left = max_tokens;
    for (std::size_t index = 0; index < answer.blocks.size(); ++index) {
        Block& block = answer.blocks[index];
        if (block.kind != Block::Kind::text) continue;
        const std::int64_t needed = tokens_of(block.text);
        if (needed > left) {
            block.text.resize(bytes_of_tokens(block.text, left));
            answer.blocks.resize(index + 1);
            answer.stop_reason = "max_tokens";
            answer.stop_sequence.reset();
            return;
        }
        left -= needed;
    }
}

/// The tool that the request insists on: {"tool":{"name"}} that one, {"any":{}} the first; nullptr when it
/// leaves the choice to the model.
const Json* forced_tool(const Json& converse) {
    const Json* config = rules::member(converse, "toolConfig");
    const Json* choice = config == nullptr ? nullptr : rules::member(*config, "toolChoice");
    if (choice == nullptr) return nullptr;
    const Json* named = rules::member(*choice, "tool");
    if (named == nullptr && rules::member(*choice, "any") == nullptr) return nullptr;
    for (const Json& tool : rules::elements(*config, "tools")) {
        const Json* spec = rules::member(tool, "toolSpec");
        if (spec == nullptr) continue;
        if (named == nullptr || rules::text_member(*spec, "name") == rules::text_member(*named, "name"))
            return spec;
    }
    return nullptr;
}

/// The schema that outputConfig.textFormat asks the text to follow.
std::optional<Json> wanted_schema(const Json& converse) {
    const Json* at = &converse;
    for (const char* name : {"outputConfig", "textFormat", "structure", "jsonSchema", "schema"}) {
        at = rules::member(*at, name);
        if (at == nullptr) return std::nullopt;
    }
    if (at->is_object()) return *at;
    return at->is_string() ? parse_json(at->get_ref<const std::string&>()) : std::nullopt;
}

/// Whether a rule says that the images which would have been drawn were held back.
bool holds_back(const rules::Response* response) {
    return response != nullptr && response->stop_reason == "content_filtered";
}

Answer default_answer(const Question& question, const rules::Response* response, Random& random) {
    Answer made;
    if (const Json* images = rules::member(question.converse, "images")) {
        if (!holds_back(response)) made.blocks = drawn_images(question.values.prompt, *images);
    } else if (const Json* ranking = rules::member(question.converse, "ranking")) {
        made.ranking = ranked(question.values.prompt, *ranking);
    } else if (const Json* tool = forced_tool(question.converse)) {
        const Json* schema = rules::member(*tool, "inputSchema");
        const Json* json = schema == nullptr ? nullptr : rules::member(*schema, "json");
        const Json input = json == nullptr ? Json() : sample_of_schema(*json);
        made.blocks.push_back({.kind = Block::Kind::tool_use,
                               .text = input.is_object() ? json_text(input) : "{}",
                               .name = std::string(rules::text_member(*tool, "name")),
                               .tool_use_id = new_tool_use_id(random)});
    } else if (const auto schema = wanted_schema(question.converse)) {
        made.blocks.push_back({.text = json_text(sample_of_schema(*schema))});
    } else {
        made.blocks.push_back({.text = default_text(question.values.prompt, question.model_id)});
    }
    return made;
}

/// The vectors that an embedding model answers; `wanted` is the request's member "embedding": one for each of
/// its "inputs", or one for the prompt.
Answer embedding_answer(const Question& question, const Json& wanted, const rules::Response* response) {
    EmbeddingSize size{.dimensions = wanted.at("dimensions").get<std::size_t>()};
    if (response != nullptr && response->embedding) {
        size.dimensions = static_cast<std::size_t>(
            response->embedding->dimensions.value_or(static_cast<std::int64_t>(size.dimensions)));
        size.seed = response->embedding->seed;
    }
    Answer made;
    const Json& inputs = rules::elements(wanted, "inputs");
    for (const Json& input : inputs)
        made.embeddings.push_back(unit_vector(input.get_ref<const std::string&>(), size));
    if (inputs.empty()) made.embeddings.push_back(unit_vector(question.values.prompt, size));
    // Chosen: a vector that is not to be normalised has length 8, so that nobody takes it for a unit vector.
    constexpr double plain_length = 8;
    if (!value_or<bool>(wanted, "normalize", true)) {
        for (std::vector<double>& vector : made.embeddings) {
            for (double& component : vector) component *= plain_length;
        }
    }
    made.embedding_notes = value_or<Json>(wanted, "notes", nullptr);
    for (const Json& type : rules::elements(wanted, "types"))
        made.embedding_types.push_back(type.get<std::string>());
    made.usage.input = input_tokens(question.converse);
    if (response != nullptr) override_usage(made.usage, response->usage);
    return made;
}

/// Stop sequences and maxTokens, which bind texts that stand for a model's own.
void apply_limits(Answer& made, const Question& question) {
    cut_at_stop_sequence(made, question.stop_sequences);
    if (question.max_tokens) cut_at_max_tokens(made, *question.max_tokens);
}

}  // namespace

std::string new_tool_use_id(Random& random) {
    return "tooluse_" + random.text(tool_use_id_letters, url_safe_base64);
}

void override_usage(Usage& usage, const rules::UsageOverride& said) {
    usage.input = said.input_tokens.value_or(usage.input);
    usage.output = said.output_tokens.value_or(usage.output);
    usage.cache_read = said.cache_read_input_tokens.value_or(usage.cache_read);
    usage.cache_write = said.cache_write_input_tokens.value_or(usage.cache_write);
}

std::int64_t output_tokens(const Answer& answer) {
    std::int64_t tokens = 0;
    for (const Block& block : answer.blocks) {
        if (block.kind == Block::Kind::image) continue;
        tokens += tokens_of(block.text) + (block.name.empty() ? 0 : tokens_of(block.name));
    }
    return tokens;
}

Answer answer(const Question& question, const rules::Response* response, Random& random) {
    if (const Json* embedding = rules::member(question.converse, "embedding"))
        return embedding_answer(question, *embedding, response);
    Answer made;
    bool as_written = false;
    if (response != nullptr && response->text) {
        made.blocks.push_back({.text = rules::fill(*response->text, question.values)});
    } else if (response != nullptr && !response->content.is_null()) {
        as_written = true;
        for (const Json& content : response->content)
            made.blocks.push_back(block_of(content, question.values, random));
    } else {
        made = default_answer(question, response, random);
    }
    if (const Json* images = rules::member(question.converse, "images"))
        made.image_seed = images->at("seed").get<std::int64_t>();
    if (!as_written) apply_limits(made, question);
    const bool calls_tool = std::any_of(made.blocks.begin(), made.blocks.end(), [](const Block& block) {
        return block.kind == Block::Kind::tool_use;
    });
    if (calls_tool) made.stop_reason = "tool_use";
    if (response != nullptr && response->reasoning) {
        made.blocks.insert(made.blocks.begin(),
                           reasoning_block(rules::fill(*response->reasoning, question.values), "", random));
    }
    made.usage.input = input_tokens(question.converse);
    made.usage.output = output_tokens(made);
    if (response != nullptr) {
        if (response->stop_reason) made.stop_reason = *response->stop_reason;
        override_usage(made.usage, response->usage);
    }
    return made;
}

}  // namespace rockwatch::bedrock_runtime
