#include <fmt/format.h>

#include <array>

#include "core/text.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Cohere Command and Command Light, text completion (facts: bedrock.md 2.9).
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr std::array<NativeKey, 11> body_keys = {{{"prompt", JsonKind::string, true},
                                                  {"max_tokens", JsonKind::integer},
                                                  {"temperature", JsonKind::number},
                                                  {"p", JsonKind::number},
                                                  {"k", JsonKind::number},
                                                  {"stop_sequences", JsonKind::array},
                                                  {"return_likelihoods", JsonKind::string},
                                                  {"num_generations", JsonKind::integer},
                                                  {"stream", JsonKind::boolean},
                                                  {"logit_bias", JsonKind::object},
                                                  {"truncate", JsonKind::string}}};
constexpr std::array<StopWord, 5> stop_words = {{{"end_turn", "COMPLETE"},
                                                 {"stop_sequence", "COMPLETE"},
                                                 {"max_tokens", "MAX_TOKENS"},
                                                 {"model_context_window_exceeded", "MAX_TOKENS"},
                                                 {"content_filtered", "ERROR_TOXIC"}}};

void refuse_unsupported(const Json& body) {
    if (member(body, "num_generations") != nullptr && body.at("num_generations") != 1)
        throw not_supported("num_generations other than 1 is not supported yet by the emulator.");
    const auto likelihoods = text_member(body, "return_likelihoods");
    if (!likelihoods.empty() && likelihoods != "NONE")
        throw not_supported(
            fmt::format("return_likelihoods {} is not supported yet by the emulator.", likelihoods));
}

Json to_converse(const Json& body) {
    std::vector<std::string> problems;
    check_keys(body, "#", body_keys, problems);
    check_generation(body, {"max_tokens", "stop_sequences"}, problems);
    throw_problems(problems);
    refuse_unsupported(body);
    Json converse = one_user_message(text_member(body, "prompt"));
    take_parameter(converse, "maxTokens", body, "max_tokens");
    take_parameter(converse, "temperature", body, "temperature");
    take_parameter(converse, "topP", body, "p");
    take_parameter(converse, "stopSequences", body, "stop_sequences");
    return converse;
}

/// A text begins with a blank, as it was recorded.
std::string body(const Answer& answer, const NativeContext& context) {
    std::string out = R"({"id":)";
    append_string(out, context.request_id);
    out += R"(,"generations":[{"id":)";
    append_string(out, context.message_id);
    out += R"(,"text":)";
    append_string(out, " " + all_text(answer));
    out += R"(,"finish_reason":)";
    append_string(out, native_stop(stop_words, answer.stop_reason, "COMPLETE"));
    out += R"(}],"prompt":)";
    append_string(out, context.request == nullptr ? "" : text_member(*context.request, "prompt"));
    out += '}';
    return out;
}

std::vector<NativeChunk> pieces(const Answer& answer, const std::vector<Step>& steps) {
    std::vector<NativeChunk> all;
    for (const Step& step : steps) {
        std::string json = R"({"index":0,"is_finished":)";
        if (step.kind == Step::Kind::delta) {
            json += R"(false,"text":)";
            append_string(json, all.empty() ? " " + step.text : step.text);
        } else if (step.kind == Step::Kind::metadata) {
            json += R"(true,"text":"","finish_reason":)";
            append_string(json, native_stop(stop_words, answer.stop_reason, "COMPLETE"));
        } else {
            continue;
        }
        json += '}';
        all.push_back({step.due, std::move(json)});
    }
    return all;
}

/// Pieces only for who says so in the request; otherwise the whole body is the one chunk.
std::vector<NativeChunk> chunks(const Answer& answer, const std::vector<Step>& steps,
                                const NativeContext& context) {
    const Json* stream = context.request == nullptr ? nullptr : member(*context.request, "stream");
    if (stream != nullptr && *stream == true) return pieces(answer, steps);
    const bool whole = !steps.empty() && steps.back().kind == Step::Kind::metadata;
    if (!whole) return {};
    return {{steps.back().due, body(answer, context)}};
}

std::optional<Answer> read_body(const Json& native) {
    const Json& generations = rules::elements(native, "generations");
    if (generations.empty() || member(generations.front(), "text") == nullptr) return std::nullopt;
    const Json& generation = generations.front();
    return text_answer(trim(text_member(generation, "text"), " "),
                       converse_stop(stop_words, text_member(generation, "finish_reason")));
}

std::string new_id(Random& random) { return random.uuid(); }

}  // namespace

const Family& cohere_command() {
    static const Family family{.name = "Cohere Command",
                               .to_converse = to_converse,
                               .body = body,
                               .chunks = chunks,
                               .read_body = read_body,
                               .output = Family::Output::text,
                               .new_id = new_id};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
