#include <unistd.h>

#include <filesystem>

#include "bedrock_world.hpp"

namespace rockwatch::bedrock {

namespace {

constexpr const char* put = "PutModelInvocationLoggingConfiguration";
constexpr const char* get = "GetModelInvocationLoggingConfiguration";
constexpr const char* remove_it = "DeleteModelInvocationLoggingConfiguration";
constexpr const char* role = "arn:aws:iam::123456789012:role/bedrock-logs";

Json config(Json more = Json::object()) {
    Json logging{{"cloudWatchConfig", {{"logGroupName", "bedrock"}, {"roleArn", role}}}};
    logging.update(more);
    return {{"loggingConfig", std::move(logging)}};
}

const std::string refused =
    "ValidationException: Failed to validate permissions for log group: bedrock, with role: "
    "arn:aws:iam::123456789012:role/bedrock-logs. Verify the IAM role permissions are correct. ";

}  // namespace

TEST_CASE("a configuration that names a missing log group is refused with AWS's sentence and the cause",
          "[bedrock][logging]") {
    BedrockWorld world;
    CHECK(world.error(put, config()) == refused + "The specified log group does not exist.");
    CHECK(world.call(get) == Json::object());
    CHECK_FALSE(world.bedrock.logging(world.caller).has_value());
}

TEST_CASE("a configuration whose role may not write is refused with the cause", "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    world.roles.answer = "No policy of role bedrock-logs allows logs:PutLogEvents.";
    CHECK(world.error(put, config()) == refused + *world.roles.answer);
    CHECK(world.logs.written.empty());
    CHECK(world.call(get) == Json::object());
}

TEST_CASE("the role is asked for what Bedrock does with it", "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    world.call(put, config());
    REQUIRE(world.roles.asked.size() == 1);
    const RoleUse& use = world.roles.asked.front();
    CHECK(use.role_arn == role);
    CHECK(use.service == "bedrock.amazonaws.com");
    CHECK(use.owner == Owner{"123456789012", "us-east-1"});
    CHECK_THAT(use.source_arn, StartsWith("arn:aws:bedrock:us-east-1:123456789012:"));
    CHECK(use.actions == std::vector<std::string>{"logs:CreateLogStream", "logs:PutLogEvents"});
    CHECK(use.resource ==
          "arn:aws:logs:us-east-1:123456789012:log-group:bedrock:log-stream:aws/bedrock/modelinvocations");
}

TEST_CASE("a delivery is judged as the configuration was, and a role that nobody made is not told of again",
          "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    world.call(put, config());
    const auto refusal = [&] {
        const auto lease = world.storage.read();
        return world.bedrock.delivery_refusal(*lease, world.caller, *world.bedrock.logging(world.caller));
    };
    CHECK_FALSE(refusal().has_value());
    world.roles.answer = "No policy of role bedrock-logs allows logs:PutLogEvents.";
    CHECK(refusal() == world.roles.answer);
    REQUIRE(world.roles.asked.size() == 3);
    CHECK_FALSE(world.roles.asked[0].is_repeated);
    CHECK(world.roles.asked[1].is_repeated);
    CHECK(world.roles.asked[1].resource == world.roles.asked[0].resource);
    CHECK(world.roles.asked[1].actions == world.roles.asked[0].actions);
}

TEST_CASE("each accepted configuration writes the event that says that permissions are set",
          "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    CHECK(world.call(put, config()) == Json::object());
    world.call(put, config());
    REQUIRE(world.logs.written.size() == 2);
    CHECK(world.logs.written[0].group == "bedrock");
    CHECK(world.logs.written[0].stream == "aws/bedrock/modelinvocations");
    CHECK(world.logs.written[0].message == "Permissions are correctly set for Amazon Bedrock logs.");
    CHECK(world.logs.written[0].at == world.clock.now());
}

TEST_CASE("an accepted configuration is answered with the switches that were left out",
          "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    world.call(put, config({{"imageDataDeliveryEnabled", false}, {"textDataDeliveryEnabled", true}}));
    CHECK(world.call(get) == config({{"textDataDeliveryEnabled", true},
                                     {"imageDataDeliveryEnabled", false},
                                     {"embeddingDataDeliveryEnabled", true},
                                     {"videoDataDeliveryEnabled", true},
                                     {"audioDataDeliveryEnabled", true}}));
    const auto logging = world.bedrock.logging(world.caller);
    REQUIRE(logging.has_value());
    CHECK(logging->log_group == "bedrock");
    CHECK(logging->role_arn == role);
    CHECK(logging->text);
    CHECK_FALSE(logging->image);
    CHECK(logging->audio);
}

TEST_CASE("a configuration replaces the one before it whole, and a refused one leaves it",
          "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    world.call(put, config({{"videoDataDeliveryEnabled", false}}));
    world.call(put, config({{"audioDataDeliveryEnabled", false}}));
    const Json before = world.call(get);
    CHECK(before.at("loggingConfig").at("videoDataDeliveryEnabled") == true);

    world.logs.groups.clear();
    CHECK_FALSE(world.error(put, config({{"textDataDeliveryEnabled", false}})).empty());
    CHECK(world.call(get) == before);
    CHECK(world.bedrock.logging(world.caller)->text);
}

TEST_CASE("a configuration without a destination is refused", "[bedrock][logging]") {
    BedrockWorld world;
    CHECK(
        world.error(put, {{"loggingConfig", {{"textDataDeliveryEnabled", true}}}}) ==
        "ValidationException: Invalid loggingConfig: specify at least one of cloudWatchConfig and s3Config.");
}

TEST_CASE("a configuration that would deliver to S3 is refused by name rather than half done",
          "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    const std::string why =
        ": this emulator does not support the delivery of invocation logs to Amazon S3 yet. Use "
        "cloudWatchConfig "
        "without largeDataDeliveryS3Config.";
    const Json bucket{{"bucketName", "logs"}};
    CHECK(world.error(put, {{"loggingConfig", {{"s3Config", bucket}}}}) ==
          "ValidationException: s3Config" + why);
    CHECK(world.error(put, config({{"s3Config", bucket}})) == "ValidationException: s3Config" + why);
    Json large = config();
    large["loggingConfig"]["cloudWatchConfig"]["largeDataDeliveryS3Config"] = bucket;
    CHECK(world.error(put, large) == "ValidationException: cloudWatchConfig.largeDataDeliveryS3Config" + why);
    CHECK(world.call(get) == Json::object());
    CHECK(world.logs.written.empty());
}

TEST_CASE("deleting the configuration turns logging off, however often", "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    CHECK(world.call(remove_it) == Json::object());
    world.call(put, config());
    CHECK(world.call(remove_it) == Json::object());
    CHECK(world.call(remove_it) == Json::object());
    CHECK(world.call(get) == Json::object());
    CHECK_FALSE(world.bedrock.logging(world.caller).has_value());
}

TEST_CASE("each account and region has a configuration of its own", "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    world.call(put, config());
    const Caller first = world.caller;
    world.caller.region = "eu-west-1";
    CHECK(world.call(get) == Json::object());
    CHECK_FALSE(world.bedrock.logging(world.caller).has_value());
    world.call(remove_it);
    CHECK(world.bedrock.logging(first).has_value());
}

TEST_CASE("the configuration survives a restart", "[bedrock][logging]") {
    const auto file =
        std::filesystem::temp_directory_path() / ("rockwatch_bedrock_" + std::to_string(::getpid()) + ".db");
    std::filesystem::remove(file);
    {
        BedrockWorld world(file.string());
        world.logs.groups = {"bedrock"};
        world.call(put, config({{"imageDataDeliveryEnabled", false}}));
    }
    {
        BedrockWorld world(file.string());
        const auto logging = world.bedrock.logging(world.caller);
        REQUIRE(logging.has_value());
        CHECK(logging->log_group == "bedrock");
        CHECK_FALSE(logging->image);
        CHECK(world.call(get).at("loggingConfig").at("imageDataDeliveryEnabled") == false);

        world.storage.write([&](Database& database) { world.bedrock.reset(database); });
        CHECK(world.call(get) == Json::object());
        CHECK_FALSE(world.bedrock.logging(world.caller).has_value());
    }
    std::filesystem::remove(file);
}

TEST_CASE("a configuration whose transaction is rolled back never reaches the invocations",
          "[bedrock][logging]") {
    BedrockWorld world;
    world.logs.groups = {"bedrock"};
    CHECK_THROWS_AS(world.storage.write([&](Database& database) {
        world.bedrock.call(put, database, world.clock.now(), world.caller, config());
        throw std::runtime_error("the rest of the batch failed");
    }),
                    std::runtime_error);
    CHECK_FALSE(world.bedrock.logging(world.caller).has_value());
    CHECK(world.call(get) == Json::object());
}

}  // namespace rockwatch::bedrock
