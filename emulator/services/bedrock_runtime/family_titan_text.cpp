#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Amazon Titan Text (facts: bedrock.md 2.1).
namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::array<NativeKey, 2> body_keys = {
    {{"inputText", JsonKind::string, true}, {"textGenerationConfig", JsonKind::object}}};
constexpr std::array<NativeKey, 4> config_keys = {{{"temperature", JsonKind::number},
                                                   {"topP", JsonKind::number},
                                                   {"maxTokenCount", JsonKind::integer},
                                                   {"stopSequences", JsonKind::array}}};
constexpr std::array<StopWord, 4> stop_words = {{{"end_turn", "FINISH"},
                                                 {"max_tokens", "LENGTH"},
                                                 {"stop_sequence", "STOP_CRITERIA_MET"},
                                                 {"content_filtered", "CONTENT_FILTERED"}}};
constexpr std::int64_t default_max_tokens = 512;

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    const Json* config = rules::member(body, "textGenerationConfig");
    if (config != nullptr && config->is_object())
        check_keys(*config, "#/textGenerationConfig", config_keys, problems);
    throw_problems(problems);
    Json converse = one_user_message(rules::text_member(body, "inputText"));
    converse["inferenceConfig"] = {{"maxTokens", default_max_tokens}};
    if (config != nullptr) {
        take_parameter(converse, "maxTokens", *config, "maxTokenCount");
        take_parameter(converse, "temperature", *config, "temperature");
        take_parameter(converse, "topP", *config, "topP");
        take_parameter(converse, "stopSequences", *config, "stopSequences");
    }
    return converse;
}

std::string body(const Answer& answer, const NativeContext&) {
    std::string out = R"({"inputTextTokenCount":)";
    append_number(out, answer.usage.input);
    out += R"(,"results":[{"tokenCount":)";
    append_number(out, answer.usage.output);
    out += R"(,"outputText":)";
    append_string(out, all_text(answer));
    out += R"(,"completionReason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, "FINISH"));
    out += "}]}";
    return out;
}

/// The first chunk tells the input's count, the last one the output's and why it ends.
std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps, const NativeContext&) {
    std::vector<const Step*> pieces;
    bool ends = false;
    for (const Step& step : steps) {
        const bool text =
            step.kind == Step::Kind::delta && answer.blocks[step.block].kind == Block::Kind::text;
        if (text) pieces.push_back(&step);
        ends = ends || step.kind == Step::Kind::message_stop;
    }
    static const Step nothing;
    if (pieces.empty() && ends) pieces.push_back(&nothing);
    std::vector<NativeChunk> all;
    for (std::size_t index = 0; index < pieces.size(); ++index) {
        std::string json = R"({"outputText":)";
        append_string(json, pieces[index]->text);
        json += R"(,"index":0)";
        const bool last = ends && index + 1 == pieces.size();
        if (last) {
            json += R"(,"totalOutputTextTokenCount":)";
            append_number(json, answer.usage.output);
        }
        json += R"(,"completionReason":)";
        json += last ? json_string(native_stop(stop_words, answer.stop_reason, "FINISH")) : "null";
        if (index == 0) {
            json += R"(,"inputTextTokenCount":)";
            append_number(json, answer.usage.input);
        }
        json += '}';
        all.push_back({pieces[index]->due, std::move(json)});
    }
    if (!all.empty() && ends) all.back().due = steps.back().due;
    return all;
}

std::optional<Answer> read_body(const Json& native) {
    const Json& results = rules::elements(native, "results");
    if (results.empty() || rules::member(results.front(), "outputText") == nullptr) return std::nullopt;
    const Json& result = results.front();
    Answer answer = text_answer(rules::text_member(result, "outputText"),
                                converse_stop(stop_words, rules::text_member(result, "completionReason")));
    if (rules::member(result, "tokenCount") != nullptr)
        answer.usage.output = count_member(result, "tokenCount");
    answer.usage.input = count_member(native, "inputTextTokenCount");
    return answer;
}

}  // namespace

const Family& titan_text() {
    static const Family family{"Titan Text", to_converse, body, chunks, read_body, Family::Output::text};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
