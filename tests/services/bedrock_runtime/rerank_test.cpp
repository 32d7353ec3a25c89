#include "runtime_world.hpp"
#include "services/bedrock_runtime/ranking.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

const std::string cohere_rerank_3_5 = "cohere.rerank-v3-5:0";
const std::string amazon_rerank_1 = "amazon.rerank-v1:0";

Json body_for(const std::string& model, const std::string& more = "{}") {
    Json body = parse_json(R"({"query":"What is the capital of the United States?","documents":[
        "Carson City is the capital city of the American state of Nevada.",
        "Bananas are yellow.",
        "Washington, D.C. is the capital of the United States.",
        "Capital punishment has existed in the United States since before it was a country."]})")
                    .value();
    if (model == cohere_rerank_3_5) body["api_version"] = 2;
    body.update(parse_json(more).value());
    return body;
}

Json answer_of(RuntimeWorld& world, const std::string& model, const Json& body) {
    const ReplyPlan plan = world.play_native("InvokeModel", model, body.dump());
    if (plan.error) FAIL(plan.error->message);
    return parse_json(plan.body).value();
}

std::vector<int> order_of(const Json& answer) {
    std::vector<int> order;
    for (const Json& result : answer.at("results")) order.push_back(result.at("index"));
    return order;
}

}  // namespace

TEST_CASE("relevance is the share of the query's words, and a little for few others", "[runtime][rerank]") {
    struct Row {
        std::string query;
        std::string document;
        double relevance;
    };
    const auto row = GENERATE(values<Row>({{"red fox", "red fox", 0.99},
                                           {"red fox", "A RED, red fox!", 0.96},
                                           {"red fox", "the red car", 0.48},
                                           {"red fox", "bluefox reds", 0},
                                           {"red fox", "", 0},
                                           {"?!", "red", 0},
                                           {"naïve", "a naïve plan", 0.93}}));
    CAPTURE(row.query, row.document);
    CHECK(relevance(row.query, row.document) == Approx(row.relevance).margin(1e-9));
}

TEST_CASE("a reranker sorts the documents by their relevance, the best first", "[runtime][rerank]") {
    for (const std::string& model : {cohere_rerank_3_5, amazon_rerank_1}) {
        CAPTURE(model);
        RuntimeWorld world;
        const Json answer = answer_of(world, model, body_for(model));
        CHECK(order_of(answer) == std::vector<int>{2, 0, 3, 1});
        double before = 1;
        for (const Json& result : answer.at("results")) {
            CHECK(result.size() == 2);
            CHECK(result.at("relevance_score").get<double>() <= before);
            before = result.at("relevance_score").get<double>();
        }
        CHECK(before == 0);
        CHECK(answer == answer_of(world, model, body_for(model)));
        CHECK(order_of(answer_of(world, model, body_for(model, R"({"top_n":2})"))) == std::vector<int>{2, 0});
        CHECK(order_of(answer_of(world, model, body_for(model, R"({"top_n":9})"))).size() == 4);
        const std::string equal = R"({"documents":["x","capital b","capital a","x"]})";
        CHECK(order_of(answer_of(world, model, body_for(model, equal))) == std::vector<int>{1, 2, 0, 3});
    }
}

TEST_CASE("max_tokens_per_doc cuts the documents", "[runtime][rerank]") {
    RuntimeWorld world;
    const std::string documents = R"("documents":["a long introduction, and then: capital","capital"])";
    const Json whole =
        answer_of(world, cohere_rerank_3_5, body_for(cohere_rerank_3_5, "{" + documents + "}"));
    CHECK(whole.at("results")[1].at("relevance_score").get<double>() > 0);
    const Json cut = answer_of(world, cohere_rerank_3_5,
                               body_for(cohere_rerank_3_5, "{" + documents + R"(,"max_tokens_per_doc":2})"));
    CHECK(order_of(cut) == std::vector<int>{1, 0});
    CHECK(cut.at("results")[1].at("relevance_score").get<double>() == 0);
    for (const std::string all : {"4611686018427387904", "9223372036854775807"}) {
        const std::string more = "{" + documents + R"(,"max_tokens_per_doc":)" + all + "}";
        CHECK(answer_of(world, cohere_rerank_3_5, body_for(cohere_rerank_3_5, more)) == whole);
    }
}

TEST_CASE("a ranking counts the tokens of query and documents, and none that come out",
          "[runtime][rerank][metrics]") {
    RuntimeWorld world;
    const std::string body = R"({"query":"four","documents":["four","fourfour"]})";
    const ReplyPlan plan = world.play_native("InvokeModel", amazon_rerank_1, body);
    CHECK(plan.headers.get("X-Amzn-Bedrock-Input-Token-Count") == "4");
    CHECK(plan.headers.find("X-Amzn-Bedrock-Output-Token-Count") == nullptr);
    CHECK(world.metrics.values("InputTokenCount", amazon_rerank_1) == std::vector<double>{4});
    CHECK(world.metrics.values("OutputTokenCount").empty());
    CHECK(world.last_record().at("output").at("outputBodyJson") == parse_json(plan.body));
    CHECK_FALSE(world.last_record().at("output").contains("outputTokenCount"));
}

TEST_CASE("a reranker reserves its input alone", "[runtime][rerank][quota]") {
    RuntimeWorld world;
    world.quotas.put(parse_json(R"({"quotas":[{"modelId":"amazon.rerank-*","tokensPerMinute":8}]})").value());
    const auto refused = [&] {
        const std::string body = R"({"query":"four","documents":["four","fourfour"]})";
        return bool(world.play_native("InvokeModel", amazon_rerank_1, body).error);
    };
    CHECK_FALSE(refused());
    CHECK_FALSE(refused());
    CHECK(refused());
}

TEST_CASE("a rule of a reranker has a body, or nothing to say", "[runtime][rerank][rules]") {
    RuntimeWorld world;
    const Json verbatim = parse_json(R"({"results":[{"index":1,"relevance_score":0.98}]})").value();
    world.book.add({{"id", "r"}, {"match", {{"prompt", "capital"}}}, {"respond", {{"body", verbatim}}}});
    CHECK(answer_of(world, amazon_rerank_1, body_for(amazon_rerank_1)) == verbatim);
    world.book.put("r", {{"respond", {{"usage", {{"inputTokens", 5}}}}}});
    CHECK(order_of(answer_of(world, amazon_rerank_1, body_for(amazon_rerank_1))).size() == 4);
    CHECK(world.metrics.values("InputTokenCount", amazon_rerank_1).back() == 5);
    for (const std::string respond : {R"({"text":"hi"})", R"({"toolUse":{"name":"f"}})",
                                      R"({"embedding":{"seed":1}})", R"({"stopReason":"end_turn"})"}) {
        CAPTURE(respond);
        world.book.put("r", {{"respond", parse_json(respond).value()}});
        const ReplyPlan plan =
            world.play_native("InvokeModel", amazon_rerank_1, body_for(amazon_rerank_1).dump());
        REQUIRE(plan.error);
        CHECK(plan.error->code == "NotImplemented");
        CHECK(plan.error->message ==
              "The native format of Amazon Rerank has no place for anything but a ranking.");
    }
}

}  // namespace rockwatch::bedrock_runtime
