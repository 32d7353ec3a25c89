#include "bedrock_world.hpp"

namespace rockwatch::bedrock {

namespace {

std::vector<std::string> ids(const Json& output) {
    std::vector<std::string> found;
    for (const Json& summary : output.at("modelSummaries")) found.push_back(summary.at("modelId"));
    return found;
}

bool has(const std::vector<std::string>& list, const std::string& id) {
    return std::find(list.begin(), list.end(), id) != list.end();
}

}  // namespace

TEST_CASE("ListFoundationModels lists the catalogue as AWS shapes it", "[bedrock][models]") {
    BedrockWorld world;
    const Json output = world.call("ListFoundationModels");
    CHECK(ids(output).size() > 100);

    for (const Json& summary : output.at("modelSummaries")) {
        if (summary.at("modelId") != "amazon.nova-lite-v1:0") continue;
        CHECK(summary ==
              Json{{"modelArn", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"},
                   {"modelId", "amazon.nova-lite-v1:0"},
                   {"modelName", "Nova Lite"},
                   {"providerName", "Amazon"},
                   {"inputModalities", {"TEXT", "IMAGE", "VIDEO"}},
                   {"outputModalities", Json::array({"TEXT"})},
                   {"responseStreamingSupported", true},
                   {"customizationsSupported", Json::array({"FINE_TUNING", "DISTILLATION"})},
                   {"inferenceTypesSupported", {"ON_DEMAND", "INFERENCE_PROFILE", "PROVISIONED"}},
                   {"modelLifecycle", Json::object({{"status", "ACTIVE"}})}});
    }
}

TEST_CASE("ListFoundationModels filters by provider, customization, output and inference type",
          "[bedrock][models]") {
    struct Row {
        Json filter;
        std::string member;
        std::string stranger;
    };
    const auto row = GENERATE(values<Row>({
        {{{"byProvider", "anthropic"}}, "anthropic.claude-opus-5", "amazon.nova-lite-v1:0"},
        {{{"byProvider", "AI21 Labs"}}, "ai21.jamba-1-5-mini-v1:0", "anthropic.claude-opus-5"},
        {{{"byCustomizationType", "DISTILLATION"}}, "amazon.nova-micro-v1:0", "amazon.nova-canvas-v1:0"},
        {{{"byOutputModality", "EMBEDDING"}}, "cohere.embed-v4:0", "cohere.rerank-v3-5:0"},
        {{{"byOutputModality", "IMAGE"}}, "amazon.nova-canvas-v1:0", "amazon.nova-reel-v1:1"},
        {{{"byInferenceType", "PROVISIONED"}}, "amazon.nova-pro-v1:0", "amazon.titan-text-express-v1"},
        {{{"byInferenceType", "ON_DEMAND"}}, "amazon.titan-text-express-v1", "anthropic.claude-opus-5"},
        {{{"byProvider", "Amazon"}, {"byOutputModality", "EMBEDDING"}},
         "amazon.titan-embed-text-v1",
         "cohere.embed-v4:0"},
    }));
    CAPTURE(row.filter.dump());
    BedrockWorld world;
    const auto found = ids(world.call("ListFoundationModels", row.filter));
    CHECK(has(found, row.member));
    CHECK_FALSE(has(found, row.stranger));
}

TEST_CASE("a provider that nobody is has no models", "[bedrock][models]") {
    BedrockWorld world;
    CHECK(ids(world.call("ListFoundationModels", {{"byProvider", "Nobody"}})).empty());
}

TEST_CASE("a model past its end of life is listed as legacy, with its days", "[bedrock][models]") {
    BedrockWorld world;
    const auto lifecycle = [&](const char* id) {
        return world.call("GetFoundationModel", {{"modelIdentifier", id}})
            .at("modelDetails")
            .at("modelLifecycle");
    };
    CHECK(lifecycle("amazon.titan-text-express-v1") == Json::object({{"status", "LEGACY"}}));
    CHECK(lifecycle("anthropic.claude-sonnet-4-20250514-v1:0") ==
          Json{{"status", "LEGACY"},
               {"legacyTime", epoch_ms(*parse_iso("2026-04-14"))},
               {"publicExtendedAccessTime", epoch_ms(*parse_iso("2026-07-14"))},
               {"endOfLifeTime", epoch_ms(*parse_iso("2026-10-14"))}});
}

TEST_CASE("GetFoundationModel takes an id or an ARN of the region", "[bedrock][models]") {
    BedrockWorld world;
    const Json by_id = world.call("GetFoundationModel", {{"modelIdentifier", "cohere.embed-english-v3"}});
    CHECK(by_id.at("modelDetails").at("modelName") == "Embed English");
    CHECK_FALSE(by_id.at("modelDetails").contains("responseStreamingSupported"));
    CHECK(world.call("GetFoundationModel",
                     {{"modelIdentifier", by_id.at("modelDetails").at("modelArn").get<std::string>()}}) ==
          by_id);
}

TEST_CASE("GetFoundationModel refuses what it does not know, an id otherwise than an ARN",
          "[bedrock][models]") {
    struct Row {
        std::string identifier;
        std::string error;
    };
    const std::string invalid = "ValidationException: The provided model identifier is invalid.";
    const std::string absent =
        "ResourceNotFoundException: Could not resolve the foundation model from the provided model "
        "identifier.";
    const auto row = GENERATE_COPY(values<Row>({
        {"amazon.nova-huge-v1:0", invalid},
        {"us.amazon.nova-lite-v1:0", invalid},
        {"openai.gpt-5.5", invalid},  // of the OpenAI-compatible endpoint alone
        {"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-huge-v1:0", absent},
        {"arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0", absent},
    }));
    CAPTURE(row.identifier);
    BedrockWorld world;
    CHECK(world.error("GetFoundationModel", {{"modelIdentifier", row.identifier}}) == row.error);
}

TEST_CASE("every model of the catalogue is available to everyone", "[bedrock][models]") {
    BedrockWorld world;
    CHECK(world.call("GetFoundationModelAvailability", {{"modelId", "amazon.nova-lite-v1:0"}}) ==
          Json{{"modelId", "amazon.nova-lite-v1:0"},
               {"agreementAvailability", Json::object({{"status", "AVAILABLE"}})},
               {"authorizationStatus", "AUTHORIZED"},
               {"entitlementAvailability", "AVAILABLE"},
               {"regionAvailability", "AVAILABLE"}});
    CHECK(world.error("GetFoundationModelAvailability", {{"modelId", "amazon.nova-huge-v1:0"}}) ==
          "ValidationException: The provided model identifier is invalid.");
}

}  // namespace rockwatch::bedrock
