#include <array>

#include "core/text.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Claude 2 and Instant, text completions (facts: bedrock.md 2.6).
namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::array<NativeKey, 7> body_keys = {{{"prompt", JsonKind::string, true},
                                                 {"max_tokens_to_sample", JsonKind::integer, true},
                                                 {"temperature", JsonKind::number},
                                                 {"top_p", JsonKind::number},
                                                 {"top_k", JsonKind::integer},
                                                 {"stop_sequences", JsonKind::array},
                                                 {"anthropic_version", JsonKind::string}}};
constexpr std::string_view human = "\n\nHuman:";
constexpr std::string_view assistant = "\n\nAssistant:";

std::string_view trimmed(std::string_view text) { return trim(text, " \n\t"); }

void add_turn(Json& messages, std::string_view role, std::string_view text) {
    if (!trimmed(text).empty())
        messages.push_back({{"role", role}, {"content", Json::array({Json{{"text", trimmed(text)}}})}});
}

/// The turns between the markers; what stands before the first Human: is the system text.
Json turns_of(std::string_view prompt) {
    Json converse = {{"messages", Json::array()}};
    const auto first = prompt.find(human);
    if (first == std::string_view::npos)
        throw validation_error("Invalid prompt: prompt must start with \"\n\nHuman:\" turn");
    if (const auto system = trimmed(prompt.substr(0, first)); !system.empty())
        converse["system"] = Json::array({Json{{"text", system}}});
    prompt.remove_prefix(first);
    while (!prompt.empty()) {
        const bool by_human = prompt.starts_with(human);
        prompt.remove_prefix(by_human ? human.size() : assistant.size());
        const auto end = std::min(prompt.find(human), prompt.find(assistant));
        add_turn(converse["messages"], by_human ? "user" : "assistant", prompt.substr(0, end));
        prompt = end == std::string_view::npos ? std::string_view{} : prompt.substr(end);
    }
    return converse;
}

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    throw_problems(problems);
    Json converse = turns_of(rules::text_member(body, "prompt"));
    take_parameter(converse, "maxTokens", body, "max_tokens_to_sample");
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "top_p");
    take_parameter(converse, "stopSequences", body, "stop_sequences");
    return converse;
}

/// An answer that ends by itself stopped at the next Human: turn.
void append_stop(std::string& out, const Answer& answer) {
    const bool length = answer.stop_reason == "max_tokens";
    out += R"("stop_reason":)";
    out += length ? R"("max_tokens")" : R"("stop_sequence")";
    out += R"(,"stop":)";
    out +=
        length ? "null" : json_string(answer.stop_sequence ? std::string_view(*answer.stop_sequence) : human);
}

std::string body(const Answer& answer, const NativeContext&) {
    std::string out = R"({"type":"completion","completion":)";
    append_string(out, " " + all_text(answer));
    out += ',';
    append_stop(out, answer);
    out += '}';
    return out;
}

std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps, const NativeContext&) {
    std::vector<NativeChunk> all;
    for (const Step& step : steps) {
        std::string json = R"({"type":"completion","completion":)";
        if (step.kind == Step::Kind::delta && answer.blocks[step.block].kind == Block::Kind::text) {
            append_string(json, all.empty() ? " " + step.text : step.text);
            json += R"(,"stop_reason":null,"stop":null})";
        } else if (step.kind == Step::Kind::metadata) {
            json += R"("",)";
            append_stop(json, answer);
            json += '}';
        } else {
            continue;
        }
        all.push_back({step.due, std::move(json)});
    }
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    if (rules::member(native, "completion") == nullptr) return std::nullopt;
    const bool length = rules::text_member(native, "stop_reason") == "max_tokens";
    return text_answer(trimmed(rules::text_member(native, "completion")), length ? "max_tokens" : "end_turn");
}

}  // namespace

const Family& claude_completions() {
    static const Family family{"Claude text completions", to_converse, body, chunks, read_body,
                               Family::Output::text};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
