#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Families whose native form is a prompt and a text: Meta Llama and Mistral's first models (facts:
/// bedrock.md 2.7, 2.8). The whole prompt, markers included, is the one user message.
namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::array<NativeKey, 5> llama_keys = {{{"prompt", JsonKind::string, true},
                                                  {"max_gen_len", JsonKind::integer},
                                                  {"temperature", JsonKind::number},
                                                  {"top_p", JsonKind::number},
                                                  {"images", JsonKind::array}}};
constexpr std::array<NativeKey, 6> mistral_keys = {{{"prompt", JsonKind::string, true},
                                                    {"max_tokens", JsonKind::integer},
                                                    {"temperature", JsonKind::number},
                                                    {"top_p", JsonKind::number},
                                                    {"top_k", JsonKind::integer},
                                                    {"stop", JsonKind::array}}};
constexpr std::array<StopWord, 2> stop_words = {{{"end_turn", "stop"}, {"max_tokens", "length"}}};
constexpr std::int64_t default_max_tokens = 512;

Json text_request(const Json& body, std::span<const NativeKey> keys, std::string_view max_tokens) {
    std::vector<std::string> problems;
    check_keys(body, "#", keys, problems);
    check_generation(body, {max_tokens, "stop"}, problems);
    throw_problems(problems);
    Json converse = one_user_message(rules::text_member(body, "prompt"));
    converse["inferenceConfig"] = {{"maxTokens", default_max_tokens}};
    take_parameter(converse, "maxTokens", body, max_tokens);
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "top_p");
    take_parameter(converse, "stopSequences", body, "stop");
    return converse;
}

Json llama_request(const Json& body) {
    Json converse = text_request(body, llama_keys, "max_gen_len");
    for (std::size_t image = 0; image < rules::elements(body, "images").size(); ++image) {
        converse["messages"][0]["content"].push_back({{"image", Json::object()}});
    }
    return converse;
}

std::string llama_json(std::string_view text, std::string_view prompt_count, std::int64_t generated,
                       std::string_view stop) {
    std::string out = R"({"generation":)";
    append_string(out, text);
    out += R"(,"prompt_token_count":)";
    out += prompt_count;
    out += R"(,"generation_token_count":)";
    append_number(out, generated);
    out += R"(,"stop_reason":)";
    out += stop.empty() ? "null" : json_string(stop);
    out += '}';
    return out;
}

std::string llama_body(const Answer& answer, const NativeContext&) {
    return llama_json(all_text(answer), std::to_string(answer.usage.input), answer.usage.output,
                      native_stop(stop_words, answer.stop_reason, "stop"));
}

std::vector<NativeChunk> llama_chunks(const Answer& answer, const std::vector<Step>& steps,
                                      const NativeContext&) {
    std::vector<NativeChunk> all;
    std::int64_t generated = 0;
    for (const Step& step : steps) {
        const std::string prompt_count = all.empty() ? std::to_string(answer.usage.input) : "null";
        if (step.kind == Step::Kind::delta && answer.blocks[step.block].kind == Block::Kind::text) {
            all.push_back({step.due, llama_json(step.text, prompt_count, ++generated, "")});
        } else if (step.kind == Step::Kind::metadata) {
            all.push_back({step.due, llama_json("", prompt_count, answer.usage.output,
                                                native_stop(stop_words, answer.stop_reason, "stop"))});
        }
    }
    return all;
}

std::optional<Answer> llama_answer(const Json& native) {
    if (rules::member(native, "generation") == nullptr) return std::nullopt;
    Answer answer = text_answer(rules::text_member(native, "generation"),
                                converse_stop(stop_words, rules::text_member(native, "stop_reason")));
    answer.usage.input = count_member(native, "prompt_token_count");
    if (rules::member(native, "generation_token_count") != nullptr)
        answer.usage.output = count_member(native, "generation_token_count");
    return answer;
}

Json mistral_request(const Json& body) { return text_request(body, mistral_keys, "max_tokens"); }

std::string mistral_json(std::string_view text, std::string_view stop) {
    std::string out = R"({"outputs":[{"text":)";
    append_string(out, text);
    out += R"(,"stop_reason":)";
    out += stop.empty() ? "null" : json_string(stop);
    out += "}]}";
    return out;
}

std::string mistral_body(const Answer& answer, const NativeContext&) {
    return mistral_json(all_text(answer), native_stop(stop_words, answer.stop_reason, "stop"));
}

std::vector<NativeChunk> mistral_chunks(const Answer& answer, const std::vector<Step>& steps,
                                        const NativeContext&) {
    std::vector<NativeChunk> all;
    for (const Step& step : steps) {
        if (step.kind == Step::Kind::delta && answer.blocks[step.block].kind == Block::Kind::text) {
            all.push_back({step.due, mistral_json(step.text, "")});
        } else if (step.kind == Step::Kind::metadata) {
            all.push_back({step.due, mistral_json("", native_stop(stop_words, answer.stop_reason, "stop"))});
        }
    }
    return all;
}

std::optional<Answer> mistral_answer(const Json& native) {
    const Json& outputs = rules::elements(native, "outputs");
    if (outputs.empty() || rules::member(outputs.front(), "text") == nullptr) return std::nullopt;
    return text_answer(rules::text_member(outputs.front(), "text"),
                       converse_stop(stop_words, rules::text_member(outputs.front(), "stop_reason")));
}

}  // namespace

const Family& llama() {
    static const Family family{"Llama",      llama_request, llama_body,
                               llama_chunks, llama_answer,  Family::Output::text};
    return family;
}

const Family& mistral_text() {
    static const Family family{"Mistral text", mistral_request, mistral_body,
                               mistral_chunks, mistral_answer,  Family::Output::text};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
