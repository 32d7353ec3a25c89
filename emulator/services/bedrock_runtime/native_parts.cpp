#include "services/bedrock_runtime/native_parts.hpp"

#include <fmt/format.h>

#include "core/random.hpp"
#include "rules/conversation.hpp"

namespace rockwatch::bedrock_runtime {

std::string_view native_stop(std::span<const StopWord> words, std::string_view converse,
                             std::string_view fallback) {
    for (const StopWord& word : words) {
        if (word.converse == converse) return word.native;
    }
    return fallback;
}

std::string_view converse_stop(std::span<const StopWord> words, std::string_view native) {
    for (const StopWord& word : words) {
        if (word.native == native) return word.converse;
    }
    return "end_turn";
}

std::string all_text(const Answer& answer) {
    std::string text;
    for (const Block& block : answer.blocks) {
        if (block.kind == Block::Kind::text) text += block.text;
    }
    return text;
}

void take_parameter(Json& converse, std::string_view name, const Json& body, std::string_view native_name) {
    if (const Json* value = rules::member(body, native_name))
        converse["inferenceConfig"][std::string(name)] = *value;
}

Json one_user_message(std::string_view text) { return one_user_message(Json::array({Json{{"text", text}}})); }

Json one_user_message(Json content) {
    return {{"messages", Json::array({Json{{"role", "user"}, {"content", std::move(content)}}})}};
}

Answer text_answer(std::string_view text, std::string_view stop_reason) {
    Answer answer;
    answer.blocks.push_back({.text = std::string(text)});
    answer.stop_reason = stop_reason;
    answer.usage.output = output_tokens(answer);
    return answer;
}

std::string native_tool_id(std::string_view id, ToolIdForm form) {
    constexpr std::string_view converse_prefix = "tooluse_";
    if (!id.starts_with(converse_prefix)) return std::string(id);
    std::string native(form.prefix);
    for (const char letter : id.substr(converse_prefix.size()).substr(0, form.letters))
        native += letter == '-' || letter == '_' ? 'x' : letter;
    return native;
}

std::vector<double> vector_of(const Json& list) {
    std::vector<double> vector;
    vector.reserve(list.size());
    for (const Json& component : list) vector.push_back(component.is_number() ? component.get<double>() : 0);
    return vector;
}

std::string media_key(std::string_view text, std::string_view media) {
    std::string key(text);
    if (!media.empty()) key += fmt::format("\n{:016x}", text_hash(media));
    return key;
}

std::optional<Answer> read_titan_embedding(const Json& native) {
    const Json* vector = rules::member(native, "embedding");
    if (vector == nullptr || !vector->is_array() || vector->empty()) return std::nullopt;
    Answer answer;
    answer.embeddings.push_back(vector_of(*vector));
    answer.usage.input = count_member(native, "inputTextTokenCount");
    return answer;
}

std::int64_t count_of(const Json& number) {
    if (number.is_number_unsigned())
        return static_cast<std::int64_t>(
            std::min(number.get<std::uint64_t>(), static_cast<std::uint64_t>(count_max)));
    return std::max<std::int64_t>(number.get<std::int64_t>(), 0);
}

std::int64_t count_member(const Json& value, std::string_view name) {
    const Json* found = rules::member(value, name);
    return found != nullptr && found->is_number_integer() ? count_of(*found) : 0;
}

}  // namespace rockwatch::bedrock_runtime
