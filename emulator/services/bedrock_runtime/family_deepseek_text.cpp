#include <array>

#include "core/text.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// DeepSeek R1's text completion (facts: bedrock.md 2.11). The whole prompt, markers included, is the one
/// user message.
///
/// Chosen: reasoning stands in front of the text in the model's own tags, of which a prompt that ends in
/// <think> has opened the first; a text without reasoning has no tags.
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr std::array<NativeKey, 5> body_keys = {{{"prompt", JsonKind::string, true},
                                                 {"max_tokens", JsonKind::integer},
                                                 {"temperature", JsonKind::number},
                                                 {"top_p", JsonKind::number},
                                                 {"stop", JsonKind::array}}};
constexpr std::array<StopWord, 4> stop_words = {{{"end_turn", "stop"},
                                                 {"stop_sequence", "stop"},
                                                 {"max_tokens", "length"},
                                                 {"model_context_window_exceeded", "length"}}};
constexpr std::string_view thinking = "<think>";
constexpr std::string_view thought = "</think>";

std::string_view trimmed(std::string_view text) { return trim(text, " \n\t"); }

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    check_generation(body, {"max_tokens", "stop"}, problems);
    throw_problems(problems);
    Json converse = one_user_message(text_member(body, "prompt"));
    take_parameter(converse, "maxTokens", body, "max_tokens");
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "top_p");
    take_parameter(converse, "stopSequences", body, "stop");
    return converse;
}

void check_place(const Block& block) {
    if (block.kind == Block::Kind::text || block.kind == Block::Kind::reasoning) return;
    throw no_place_for("tool calls, images and redacted reasoning", "DeepSeek text");
}

/// What stands in front of the reasoning.
std::string opening(const NativeContext& context) {
    const bool opened =
        context.request != nullptr && trimmed(text_member(*context.request, "prompt")).ends_with(thinking);
    return opened ? std::string() : std::string(thinking) + '\n';
}

std::string closing() { return '\n' + std::string(thought) + "\n\n"; }

/// `stop` is a JSON text.
std::string choice(std::string_view text, std::string_view stop) {
    std::string out = R"({"choices":[{"text":)";
    append_string(out, text);
    out += R"(,"stop_reason":)";
    out += stop;
    out += "}]}";
    return out;
}

std::string stop_of(const Answer& answer) {
    return json_string(native_stop(stop_words, answer.stop_reason, "stop"));
}

std::string body(const Answer& answer, const NativeContext& context) {
    std::string text;
    for (const Block& block : answer.blocks) {
        check_place(block);
        const bool reasoning = block.kind == Block::Kind::reasoning;
        text += reasoning ? opening(context) + block.text + closing() : block.text;
    }
    return choice(text, stop_of(answer));
}

std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps,
                                const NativeContext& context) {
    std::vector<NativeChunk> all;
    const auto add = [&](const Step& step, std::string_view text) {
        if (!text.empty()) all.push_back({step.due, choice(text, "null")});
    };
    for (const Step& step : steps) {
        const bool reasoning =
            !answer.blocks.empty() && answer.blocks[step.block].kind == Block::Kind::reasoning;
        if (step.kind == Step::Kind::block_start) {
            check_place(answer.blocks[step.block]);
            if (reasoning) add(step, opening(context));
        } else if (step.kind == Step::Kind::delta && !step.signature) {
            add(step, step.text);
        } else if (step.kind == Step::Kind::block_stop && reasoning) {
            add(step, closing());
        } else if (step.kind == Step::Kind::metadata) {
            all.push_back({step.due, choice("", stop_of(answer))});
        }
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    const Json& choices = rules::elements(native, "choices");
    if (choices.empty() || member(choices.front(), "text") == nullptr) return std::nullopt;
    std::string_view text = text_member(choices.front(), "text");
    Answer answer;
    if (const auto end = text.find(thought); end != std::string_view::npos) {
        std::string_view reasoning = trimmed(text.substr(0, end));
        if (reasoning.starts_with(thinking)) reasoning.remove_prefix(thinking.size());
        answer.blocks.push_back({.kind = Block::Kind::reasoning, .text = std::string(trimmed(reasoning))});
        text = trimmed(text.substr(end + thought.size()));
    }
    answer.blocks.push_back({.text = std::string(text)});
    answer.stop_reason = converse_stop(stop_words, text_member(choices.front(), "stop_reason"));
    answer.usage.output = output_tokens(answer);
    return answer;
}

}  // namespace

const Family& deepseek_text() {
    static const Family family{.name = "DeepSeek text",
                               .to_converse = to_converse,
                               .body = body,
                               .chunks = chunks,
                               .read_body = read_body};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
