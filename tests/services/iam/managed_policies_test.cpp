#include "services/iam/managed_policies.hpp"

#include <set>

#include "iam_world.hpp"
#include "services/iam/policy_grammar.hpp"

namespace rockwatch::iam {

namespace {

constexpr const char* logs_arn = "arn:aws:iam::123456789012:policy/logs";
constexpr const char* aws_arn = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess";

Json create(IamWorld& world) {
    return world
        .call("CreatePolicy", {{"PolicyName", "logs"},
                               {"PolicyDocument", IamWorld::allow_logs},
                               {"Description", "to write logs"},
                               {"Tags", {{{"Key", "team"}, {"Value", "search"}}}}})
        .at("Policy");
}

}  // namespace

TEST_CASE("a policy is answered as IAM shapes it", "[iam][policies]") {
    IamWorld world;
    const Json policy = create(world);
    CHECK(policy.at("Arn") == logs_arn);
    CHECK_THAT(policy.at("PolicyId").get<std::string>(), StartsWith("ANPA"));
    CHECK(policy.at("DefaultVersionId") == "v1");
    CHECK(policy.at("AttachmentCount") == 0);
    CHECK(policy.at("IsAttachable") == true);

    Json expected = policy;
    expected["Description"] = "to write logs";
    CHECK(world.call("GetPolicy", {{"PolicyArn", logs_arn}}).at("Policy") == expected);
    const Json version =
        world.call("GetPolicyVersion", {{"PolicyArn", logs_arn}, {"VersionId", "v1"}}).at("PolicyVersion");
    CHECK(version.at("Document") == percent_encode(IamWorld::allow_logs));
    CHECK(version.at("IsDefaultVersion") == true);
    const Json versions = world.call("ListPolicyVersions", {{"PolicyArn", logs_arn}});
    CHECK(versions.at("Versions").size() == 1);
    CHECK(versions.at("Versions")[0].at("VersionId") == "v1");
}

TEST_CASE("what is wrong with a policy's name or ARN is said in AWS's words", "[iam][policies]") {
    IamWorld world;
    create(world);
    const std::string absent = "arn:aws:iam::123456789012:policy/absent";
    CHECK(world.error("CreatePolicy", {{"PolicyName", "LOGS"}, {"PolicyDocument", IamWorld::allow_logs}}) ==
          "EntityAlreadyExistsException: A policy called LOGS already exists. Duplicate names are not "
          "allowed.");
    for (const char* operation : {"GetPolicy", "ListPolicyVersions", "DeletePolicy"}) {
        CHECK(world.error(operation, {{"PolicyArn", absent}}) ==
              "NoSuchEntityException: Policy arn:aws:iam::123456789012:policy/absent was not found.");
        CHECK(world.error(operation, {{"PolicyArn", "arn:aws:s3:::policy/logs-of-mine"}}) ==
              "InvalidInputException: ARN arn:aws:s3:::policy/logs-of-mine is not valid.");
    }
    CHECK(world.error("GetPolicyVersion", {{"PolicyArn", logs_arn}, {"VersionId", "v2"}}) ==
          "NoSuchEntityException: Policy arn:aws:iam::123456789012:policy/logs version v2 does not exist or "
          "is not "
          "attachable.");
    const std::string long_policy = R"({"Statement":{"Effect":"Allow","Action":"logs:)" +
                                    std::string(6144, 'x') + R"(","Resource":"*"}})";
    CHECK(world.error("CreatePolicy", {{"PolicyName", "long"}, {"PolicyDocument", long_policy}}) ==
          "LimitExceededException: Cannot exceed quota for PolicySize: 6144");
}

TEST_CASE("a policy of another account or path is not this one", "[iam][policies]") {
    IamWorld world;
    create(world);
    CHECK_FALSE(
        world.error("GetPolicy", {{"PolicyArn", "arn:aws:iam::123456789012:policy/team/logs"}}).empty());
    world.caller.account = "999999999999";
    CHECK(world.error("GetPolicy", {{"PolicyArn", logs_arn}}) ==
          "NoSuchEntityException: Policy arn:aws:iam::123456789012:policy/logs was not found.");
}

TEST_CASE("policies are attached once, listed, counted and detached", "[iam][policies]") {
    IamWorld world;
    create(world);
    world.create_role("logger");
    const auto with = [](const char* arn) { return Json{{"RoleName", "logger"}, {"PolicyArn", arn}}; };
    world.call("AttachRolePolicy", with(logs_arn));
    world.call("AttachRolePolicy", with(logs_arn));
    world.call("AttachRolePolicy", with(aws_arn));
    CHECK(world.call("ListAttachedRolePolicies", {{"RoleName", "logger"}}).at("AttachedPolicies") ==
          Json::array({Json{{"PolicyName", "logs"}, {"PolicyArn", logs_arn}},
                       Json{{"PolicyName", "CloudWatchLogsFullAccess"}, {"PolicyArn", aws_arn}}}));
    CHECK(world.call("GetPolicy", {{"PolicyArn", logs_arn}}).at("Policy").at("AttachmentCount") == 1);
    CHECK(world.error("DeletePolicy", {{"PolicyArn", logs_arn}}) ==
          "DeleteConflictException: Cannot delete a policy attached to entities.");

    world.call("DetachRolePolicy", with(logs_arn));
    CHECK(world.error("DetachRolePolicy", with(logs_arn)) ==
          "NoSuchEntityException: Policy arn:aws:iam::123456789012:policy/logs was not found.");
    world.call("DeletePolicy", {{"PolicyArn", logs_arn}});
    CHECK_FALSE(world.error("GetPolicy", {{"PolicyArn", logs_arn}}).empty());
}

TEST_CASE("a policy that nobody knows cannot be attached", "[iam][policies]") {
    IamWorld world;
    world.create_role("logger");
    const auto arn = GENERATE(as<std::string>{}, "arn:aws:iam::aws:policy/AmazonS3FullAccess",
                              "arn:aws:iam::123456789012:policy/absent");
    CHECK(world.error("AttachRolePolicy", {{"RoleName", "logger"}, {"PolicyArn", arn}}) ==
          "NoSuchEntityException: Policy " + arn + " does not exist or is not attachable.");
}

TEST_CASE("a role takes ten managed policies", "[iam][policies]") {
    IamWorld world;
    world.create_role("logger");
    const auto attach = [&](int number) {
        const std::string name = "p" + std::to_string(number);
        world.call("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", IamWorld::allow_logs}});
        return world.error("AttachRolePolicy", {{"RoleName", "logger"},
                                                {"PolicyArn", "arn:aws:iam::123456789012:policy/" + name}});
    };
    for (int number = 0; number < 10; ++number) CHECK(attach(number).empty());
    CHECK(attach(10) == "LimitExceededException: Cannot exceed quota for PoliciesPerRole: 10");
}

TEST_CASE("AWS's own policies are policies, and nobody's to delete", "[iam][policies]") {
    for (const ManagedPolicy& policy : managed_policies()) {
        CAPTURE(policy.name);
        CHECK(policy.arn == "arn:aws:iam::aws:policy/" + std::string(policy.name));
        CHECK(policy.policy_id.size() == 21);
        CHECK(policy_fault(policy.document, PolicyKind::permission) == std::nullopt);
    }
    IamWorld world;
    CHECK(world.error("DeletePolicy", {{"PolicyArn", aws_arn}}) ==
          "AccessDenied: User: arn:aws:iam::123456789012:root is not authorized to perform: iam:DeletePolicy "
          "on "
          "resource: policy arn:aws:iam::aws:policy/CloudWatchLogsFullAccess");
}

TEST_CASE("policies are listed by scope, path and attachment", "[iam][policies]") {
    IamWorld world;
    create(world);
    world.create_role("logger");
    world.call("AttachRolePolicy", {{"RoleName", "logger"}, {"PolicyArn", aws_arn}});
    const auto names = [&](const Json& input) {
        const Json page = world.call("ListPolicies", input);
        std::set<std::string> found;
        for (const Json& policy : page.at("Policies")) found.insert(policy.at("PolicyName"));
        return found;
    };
    CHECK(names(Json::object()).size() == 1 + managed_policies().size());
    CHECK(names({{"Scope", "Local"}}) == std::set<std::string>{"logs"});
    CHECK(names({{"Scope", "AWS"}}).size() == managed_policies().size());
    CHECK(names({{"OnlyAttached", true}}) == std::set<std::string>{"CloudWatchLogsFullAccess"});
    CHECK(names({{"PathPrefix", "/team/"}}).empty());
    CHECK(names({{"PolicyUsageFilter", "PermissionsBoundary"}}).empty());
}

}  // namespace rockwatch::iam
