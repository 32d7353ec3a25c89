#include <fmt/format.h>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"
#include "services/bedrock_runtime/tokens.hpp"

/// Cohere Rerank 3.5 and Amazon Rerank 1.0 through InvokeModel (facts: bedrock.md 2.9).
namespace rockwatch::bedrock_runtime {

namespace {

constexpr NativeKey amazon_keys[] = {
    {"query", JsonKind::string, true}, {"documents", JsonKind::array, true}, {"top_n", JsonKind::integer}};
// That api_version must be there and at least 2: recorded in cohere-ai/cohere-python issue 613 and elsewhere.
constexpr NativeKey cohere_keys[] = {{"query", JsonKind::string, true},
                                     {"documents", JsonKind::array, true},
                                     {"top_n", JsonKind::integer},
                                     {"api_version", JsonKind::integer, true},
                                     {"max_tokens_per_doc", JsonKind::integer}};
constexpr double documents_max = 1000;
constexpr NativeLimit limits[] = {{"query", 1},
                                  {"documents", 1, documents_max},
                                  {"top_n", 1},
                                  {"api_version", 2},
                                  {"max_tokens_per_doc", 1}};

Json request_of(const Json& body, std::span<const NativeKey> keys) {
    std::vector<std::string> problems;
    check_shape(body, "#", {keys, limits}, problems);
    check_texts(body, "#", {{.name = "documents"}, limits}, problems);
    throw_problems(problems);
    Json documents = *rules::member(body, "documents");
    if (const std::int64_t tokens = count_member(body, "max_tokens_per_doc"); tokens > 0) {
        for (Json& document : documents) {
            auto& text = document.get_ref<std::string&>();
            text.resize(bytes_of_tokens(text, tokens));
        }
    }
    Json converse = one_user_message(rules::text_member(body, "query"));
    const auto all = static_cast<std::int64_t>(documents.size());
    converse["ranking"] = {{"top", value_or<std::int64_t>(body, "top_n", all)},
                           {"documents", std::move(documents)}};
    return converse;
}

Json amazon_request(const Json& body) { return request_of(body, amazon_keys); }
Json cohere_request(const Json& body) { return request_of(body, cohere_keys); }

std::string body_of(const Answer& answer, const NativeContext&) {
    std::string out = R"({"results":[)";
    for (const Rank& rank : answer.ranking) {
        if (out.back() == '}') out += ',';
        fmt::format_to(std::back_inserter(out), R"({{"index":{},"relevance_score":{:.6g}}})", rank.index,
                       rank.relevance);
    }
    out += "]}";
    return out;
}

std::optional<Answer> read_body(const Json& native) {
    Answer answer;
    for (const Json& result : rules::elements(native, "results")) {
        const Json* score = rules::member(result, "relevance_score");
        if (score == nullptr || !score->is_number()) return std::nullopt;
        answer.ranking.push_back(
            {static_cast<std::size_t>(count_member(result, "index")), score->get<double>()});
    }
    if (answer.ranking.empty()) return std::nullopt;
    return answer;
}

}  // namespace

const Family& amazon_rerank() {
    static const Family family{"Amazon Rerank", amazon_request, body_of,
                               nullptr,         read_body,      Family::Output::ranking};
    return family;
}

const Family& cohere_rerank() {
    static const Family family{"Cohere Rerank", cohere_request, body_of,
                               nullptr,         read_body,      Family::Output::ranking};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
