#include <unistd.h>

#include <filesystem>

#include "iam_world.hpp"

namespace rockwatch::iam {

namespace {

std::optional<std::string> refusal(IamWorld& world, const std::string& role_arn) {
    const RoleUse use{.role_arn = role_arn,
                      .service = "bedrock.amazonaws.com",
                      .owner = {"123456789012", "us-east-1"},
                      .source_arn = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-logging",
                      .actions = {"logs:CreateLogStream", "logs:PutLogEvents"},
                      .resource = "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s"};
    const auto lease = world.storage.read();
    return world.iam.refusal(*lease, use);
}

constexpr const char* logger = "arn:aws:iam::123456789012:role/logger";

}  // namespace

TEST_CASE("a role that nobody made is accepted, and refused in strict mode", "[iam][roles]") {
    IamWorld lenient;
    CHECK(refusal(lenient, logger) == std::nullopt);
    IamWorld strict(IamMode::strict);
    CHECK(refusal(strict, logger) == "The role arn:aws:iam::123456789012:role/logger does not exist.");
}

TEST_CASE("a role that is known is checked in both modes", "[iam][roles]") {
    const auto mode = GENERATE(IamMode::lenient, IamMode::strict);
    IamWorld world(mode);
    world.create_role("logger");
    CHECK(refusal(world, logger) ==
          "No policy of role logger allows logs:CreateLogStream on "
          "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s.");
    world.call("PutRolePolicy",
               {{"RoleName", "logger"}, {"PolicyName", "p"}, {"PolicyDocument", IamWorld::allow_logs}});
    CHECK(refusal(world, logger) == std::nullopt);
}

TEST_CASE("attached policies count: a customer's and AWS's own", "[iam][roles]") {
    struct Row {
        std::string arn;
        bool enough;
    };
    const auto row = GENERATE(values<Row>({{"arn:aws:iam::123456789012:policy/logs", true},
                                           {"arn:aws:iam::aws:policy/CloudWatchLogsFullAccess", true},
                                           {"arn:aws:iam::aws:policy/CloudWatchFullAccess", true},
                                           {"arn:aws:iam::aws:policy/CloudWatchFullAccessV2", true},
                                           {"arn:aws:iam::aws:policy/AdministratorAccess", true},
                                           {"arn:aws:iam::aws:policy/AmazonBedrockFullAccess", false}}));
    CAPTURE(row.arn);
    IamWorld world;
    world.create_role("logger");
    world.call("CreatePolicy", {{"PolicyName", "logs"}, {"PolicyDocument", IamWorld::allow_logs}});
    world.call("AttachRolePolicy", {{"RoleName", "logger"}, {"PolicyArn", row.arn}});
    CHECK(refusal(world, logger).has_value() != row.enough);
}

TEST_CASE("a role's ARN names its path and account", "[iam][roles]") {
    IamWorld world(IamMode::strict);
    world.call("CreateRole", {{"RoleName", "logger"},
                              {"Path", "/service/"},
                              {"AssumeRolePolicyDocument", IamWorld::trust_bedrock}});
    world.call("PutRolePolicy",
               {{"RoleName", "logger"}, {"PolicyName", "p"}, {"PolicyDocument", IamWorld::allow_logs}});
    CHECK(refusal(world, "arn:aws:iam::123456789012:role/service/logger") == std::nullopt);
    CHECK(refusal(world, logger) == "The role arn:aws:iam::123456789012:role/logger does not exist.");
    CHECK(refusal(world, "not an ARN") == "The role not an ARN does not exist.");

    world.caller.account = "999999999999";
    world.create_role("other");
    CHECK(refusal(world, "arn:aws:iam::999999999999:role/other") ==
          "The role arn:aws:iam::999999999999:role/other belongs to another account than 123456789012.");
}

TEST_CASE("roles, policies and sessions survive a restart, and a reset forgets them", "[iam][roles]") {
    const auto file =
        std::filesystem::temp_directory_path() / ("rockwatch_iam_" + std::to_string(::getpid()) + ".db");
    std::filesystem::remove(file);
    Json role;
    std::string access_key;
    const std::string trust_me =
        R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012","Service":"bedrock.amazonaws.com"},"Action":"sts:AssumeRole"}})";
    {
        IamWorld world(IamMode::strict, file.string());
        role = world.create_role("logger", trust_me);
        world.call("PutRolePolicy",
                   {{"RoleName", "logger"}, {"PolicyName", "p"}, {"PolicyDocument", IamWorld::allow_logs}});
        world.call("CreatePolicy", {{"PolicyName", "logs"}, {"PolicyDocument", IamWorld::allow_logs}});
        access_key = world.call(world.sts, "AssumeRole", {{"RoleArn", logger}, {"RoleSessionName", "me"}})
                         .at("Credentials")
                         .at("AccessKeyId");
    }
    {
        IamWorld world(IamMode::strict, file.string());
        role["RoleLastUsed"] = Json::object();
        CHECK(world.call("GetRole", {{"RoleName", "logger"}}).at("Role") == role);
        CHECK(refusal(world, logger) == std::nullopt);
        CHECK(world.call("ListPolicies", {{"Scope", "Local"}}).at("Policies").size() == 1);
        CHECK(world.sts.find(access_key).has_value());

        world.storage.write([&](Database& database) {
            world.iam.reset(database);
            world.sts.reset(database);
        });
        CHECK(world.call("ListRoles").at("Roles").empty());
        CHECK(world.call("ListPolicies", {{"Scope", "Local"}}).at("Policies").empty());
        CHECK_FALSE(world.sts.find(access_key).has_value());
    }
    std::filesystem::remove(file);
}

}  // namespace rockwatch::iam
