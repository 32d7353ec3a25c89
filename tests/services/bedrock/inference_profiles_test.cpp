#include "bedrock_world.hpp"

namespace rockwatch::bedrock {

namespace {

std::vector<std::string> ids(const Json& output) {
    std::vector<std::string> found;
    for (const Json& summary : output.at("inferenceProfileSummaries"))
        found.push_back(summary.at("inferenceProfileId"));
    return found;
}

}  // namespace

TEST_CASE("an inference profile tells its regions in AWS's form", "[bedrock][profiles]") {
    BedrockWorld world;
    const Json profile =
        world.call("GetInferenceProfile",
                   {{"inferenceProfileIdentifier", "us.anthropic.claude-sonnet-4-20250514-v1:0"}});
    CHECK(profile.at("inferenceProfileName") == "US Claude Sonnet 4");
    CHECK(profile.at("description") ==
          "Routes requests to Claude Sonnet 4 in us-east-1, us-east-2 and us-west-2.");
    CHECK(profile.at("inferenceProfileArn") ==
          "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
          "us.anthropic.claude-sonnet-4-20250514-v1:0");
    CHECK(profile.at("models").size() == 3);
    CHECK(profile.at("models")[1].at("modelArn") ==
          "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0");
    CHECK(profile.at("status") == "ACTIVE");
    CHECK(profile.at("type") == "SYSTEM_DEFINED");
    CHECK(profile.at("createdAt") == epoch_ms(*parse_iso("2026-02-03T19:06:46Z")));
    CHECK(world.call("GetInferenceProfile", {{"inferenceProfileIdentifier",
                                              profile.at("inferenceProfileArn").get<std::string>()}}) ==
          profile);
}

TEST_CASE("a global profile names no region, and then the caller's", "[bedrock][profiles]") {
    BedrockWorld world;
    const Json profile = world.call("GetInferenceProfile",
                                    {{"inferenceProfileIdentifier", "global.anthropic.claude-opus-4-6-v1"}});
    CHECK(profile.at("inferenceProfileName") == "Global Anthropic Claude Opus 4.6");
    CHECK(
        profile.at("models") ==
        Json::array(
            {Json::object({{"modelArn", "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-6-v1"}}),
             Json::object({{"modelArn",
                            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1"}})}));
}

TEST_CASE("a profile that is not there is not found", "[bedrock][profiles]") {
    const auto identifier =
        GENERATE(as<std::string>{}, "us.amazon.nova-huge-v1:0", "amazon.nova-lite-v1:0",
                 "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1dadi0g15f",
                 "arn:aws:bedrock:us-east-1:999999999999:inference-profile/us.amazon.nova-lite-v1:0");
    BedrockWorld world;
    CHECK(world.error("GetInferenceProfile", {{"inferenceProfileIdentifier", identifier}}) ==
          "ResourceNotFoundException: The inference profile " + identifier + " could not be found.");
}

TEST_CASE("a region lists the profiles of its geography and the global ones", "[bedrock][profiles]") {
    struct Row {
        std::string region;
        std::vector<std::string> prefixes;
    };
    const auto row = GENERATE(values<Row>({{"us-east-1", {"us.", "global."}},
                                           {"eu-west-1", {"eu.", "global."}},
                                           {"ap-northeast-1", {"apac.", "jp.", "global."}},
                                           {"sa-east-1", {"global."}},
                                           {"us-gov-west-1", {"us-gov."}}}));
    CAPTURE(row.region);
    BedrockWorld world;
    world.caller.region = row.region;
    std::set<std::string> seen;
    for (const std::string& id : ids(world.call("ListInferenceProfiles")))
        seen.insert(id.substr(0, id.find('.') + 1));
    CHECK(seen == std::set<std::string>(row.prefixes.begin(), row.prefixes.end()));
}

TEST_CASE("pages of profiles make the whole list, for every page size", "[bedrock][profiles]") {
    const int page_size = GENERATE(1, 7, 1000);
    BedrockWorld world;
    const auto whole = ids(world.call("ListInferenceProfiles", {{"typeEquals", "SYSTEM_DEFINED"}}));
    std::vector<std::string> pages;
    Json input{{"maxResults", page_size}};
    for (;;) {
        const Json page = world.call("ListInferenceProfiles", input);
        CHECK(page.at("inferenceProfileSummaries").size() <= static_cast<std::size_t>(page_size));
        for (const std::string& id : ids(page)) pages.push_back(id);
        if (!page.contains("nextToken")) break;
        input["nextToken"] = page.at("nextToken");
    }
    CHECK(pages == whole);
    CHECK(whole.size() > 20);
}

TEST_CASE("a token that we did not give is refused", "[bedrock][profiles]") {
    const auto token =
        GENERATE(as<std::string>{}, "!",
                 "bm9wZQ==", "ZXUuYW1hem9uLm5vdmEtbGl0ZS12MTow");  // the last: a European profile
    BedrockWorld world;
    CHECK(world.error("ListInferenceProfiles", {{"nextToken", token}}) ==
          "ValidationException: The provided nextToken is invalid.");
}

TEST_CASE("there are no application profiles", "[bedrock][profiles]") {
    BedrockWorld world;
    CHECK(world.call("ListInferenceProfiles", {{"typeEquals", "APPLICATION"}}) ==
          Json::object({{"inferenceProfileSummaries", Json::array()}}));
    CHECK_FALSE(world.bedrock.access("CreateInferenceProfile").has_value());
}

}  // namespace rockwatch::bedrock
