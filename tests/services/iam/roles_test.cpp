#include "iam_world.hpp"

namespace rockwatch::iam {

TEST_CASE("a role is answered as IAM shapes it, its document URL-encoded", "[iam][roles]") {
    IamWorld world;
    const Json role = world
                          .call("CreateRole", {{"RoleName", "logger"},
                                               {"Path", "/service/"},
                                               {"AssumeRolePolicyDocument", IamWorld::trust_bedrock},
                                               {"Description", "writes logs"},
                                               {"MaxSessionDuration", 7200},
                                               {"Tags", {{{"Key", "team"}, {"Value", "search"}}}}})
                          .at("Role");
    CHECK(role.at("Arn") == "arn:aws:iam::123456789012:role/service/logger");
    CHECK(role.at("Path") == "/service/");
    CHECK(role.at("CreateDate") == epoch_ms(*parse_iso("2026-11-23T12:00:00Z")));  // whole seconds
    CHECK_THAT(role.at("RoleId").get<std::string>(), StartsWith("AROA"));
    CHECK(role.at("RoleId").get<std::string>().size() == 21);
    CHECK(role.at("MaxSessionDuration") == 7200);
    CHECK(role.at("Description") == "writes logs");
    CHECK_THAT(role.at("AssumeRolePolicyDocument").get<std::string>(),
               StartsWith("%7B%22Version%22%3A%20%222012-10-17%22"));
    CHECK(percent_decode(role.at("AssumeRolePolicyDocument").get<std::string>()) == IamWorld::trust_bedrock);

    Json expected = role;
    expected["RoleLastUsed"] = Json::object();
    CHECK(world.call("GetRole", {{"RoleName", "logger"}}).at("Role") == expected);
}

TEST_CASE("a role's name is taken once in an account, whatever its case", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    const auto create = [&](const char* name) {
        return world.error("CreateRole",
                           {{"RoleName", name}, {"AssumeRolePolicyDocument", IamWorld::trust_bedrock}});
    };
    CHECK(create("logger") == "EntityAlreadyExistsException: Role with name logger already exists.");
    CHECK(create("LOGGER") == "EntityAlreadyExistsException: Role with name LOGGER already exists.");
    world.caller.account = "999999999999";
    CHECK(create("logger").empty());
    world.caller.region = "eu-west-1";  // IAM is global
    CHECK(world.call("GetRole", {{"RoleName", "logger"}}).at("Role").at("Arn") ==
          "arn:aws:iam::999999999999:role/logger");
}

TEST_CASE("every operation on a role that is not there says so", "[iam][roles]") {
    struct Row {
        const char* operation;
        Json more;
    };
    const auto row = GENERATE(values<Row>({
        {"GetRole", Json::object()},
        {"UpdateRole", {{"Description", "x"}}},
        {"UpdateAssumeRolePolicy", {{"PolicyDocument", IamWorld::trust_bedrock}}},
        {"DeleteRole", Json::object()},
        {"ListInstanceProfilesForRole", Json::object()},
        {"PutRolePolicy", {{"PolicyName", "p"}, {"PolicyDocument", IamWorld::allow_logs}}},
        {"GetRolePolicy", {{"PolicyName", "p"}}},
        {"ListRolePolicies", Json::object()},
        {"DeleteRolePolicy", {{"PolicyName", "p"}}},
        {"AttachRolePolicy", {{"PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"}}},
        {"DetachRolePolicy", {{"PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"}}},
        {"ListAttachedRolePolicies", Json::object()},
        {"TagRole", {{"Tags", Json::array()}}},
        {"UntagRole", {{"TagKeys", Json::array()}}},
        {"ListRoleTags", Json::object()},
    }));
    CAPTURE(row.operation);
    IamWorld world;
    Json input = row.more;
    input["RoleName"] = "nobody";
    CHECK(world.error(row.operation, input) ==
          "NoSuchEntityException: The role with name nobody cannot be found.");
}

TEST_CASE("documents that are no policies are refused", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    CHECK(world.error("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", "{"}}) ==
          "MalformedPolicyDocumentException: This policy contains invalid Json");
    CHECK(world.error("UpdateAssumeRolePolicy",
                      {{"RoleName", "logger"}, {"PolicyDocument", IamWorld::allow_logs}}) ==
          "MalformedPolicyDocumentException: AssumeRole policy may only specify STS AssumeRole actions.");
    CHECK(world.error(
              "PutRolePolicy",
              {{"RoleName", "logger"}, {"PolicyName", "p"}, {"PolicyDocument", IamWorld::trust_bedrock}}) ==
          "MalformedPolicyDocumentException: Policy document should not specify a principal.");
    CHECK(world.error("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", "{}"}}) ==
          "MalformedPolicyDocumentException: Syntax errors in policy.");
    CHECK(world.call("ListRoles").at("Roles").size() == 1);
}

TEST_CASE("a permissions boundary is refused rather than forgotten", "[iam][roles]") {
    IamWorld world;
    CHECK(
        world.error("CreateRole", {{"RoleName", "r"},
                                   {"AssumeRolePolicyDocument", IamWorld::trust_bedrock},
                                   {"PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess"}}) ==
        "InvalidInputException: PermissionsBoundary: this emulator does not support permissions boundaries.");
}

TEST_CASE("a role's trust policy, description and session length can be changed", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    const std::string changed =
        R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}})";
    world.call("UpdateAssumeRolePolicy", {{"RoleName", "logger"}, {"PolicyDocument", changed}});
    world.call("UpdateRole", {{"RoleName", "logger"}, {"Description", "new"}, {"MaxSessionDuration", 3601}});
    world.call("UpdateRole", {{"RoleName", "logger"}});
    const Json role = world.call("GetRole", {{"RoleName", "logger"}}).at("Role");
    CHECK(percent_decode(role.at("AssumeRolePolicyDocument").get<std::string>()) == changed);
    CHECK(role.at("Description") == "new");
    CHECK(role.at("MaxSessionDuration") == 3601);
}

TEST_CASE("a role with policies cannot be deleted, one without leaves nothing behind", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    const Json role{{"RoleName", "logger"}};
    Json attached = role;
    attached["PolicyArn"] = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess";
    Json inline_policy = role;
    inline_policy["PolicyName"] = "logs";
    inline_policy["PolicyDocument"] = IamWorld::allow_logs;
    world.call("AttachRolePolicy", attached);
    world.call("PutRolePolicy", inline_policy);
    world.call("TagRole", {{"RoleName", "logger"}, {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}});

    CHECK(world.error("DeleteRole", role) ==
          "DeleteConflictException: Cannot delete entity, must detach all policies first.");
    world.call("DetachRolePolicy", attached);
    CHECK(world.error("DeleteRole", role) ==
          "DeleteConflictException: Cannot delete entity, must delete policies first.");
    world.call("DeleteRolePolicy", inline_policy);
    world.call("DeleteRole", role);
    CHECK(world.error("GetRole", role) ==
          "NoSuchEntityException: The role with name logger cannot be found.");

    world.create_role("logger");
    CHECK(world.call("ListRoleTags", role).at("Tags").empty());
}

TEST_CASE("roles are listed by name, below a path, page by page", "[iam][roles]") {
    IamWorld world;
    for (const char* name : {"b", "a", "d", "c"}) {
        world.call("CreateRole", {{"RoleName", name},
                                  {"Path", name[0] == 'd' ? "/other/" : "/"},
                                  {"AssumeRolePolicyDocument", IamWorld::trust_bedrock}});
    }
    const auto names = [](const Json& page) {
        std::string text;
        for (const Json& role : page.at("Roles")) text += role.at("RoleName").get<std::string>();
        return text;
    };
    CHECK(names(world.call("ListRoles")) == "abcd");
    CHECK(names(world.call("ListRoles", {{"PathPrefix", "/other/"}})) == "d");

    const Json first = world.call("ListRoles", {{"MaxItems", 3}});
    CHECK(names(first) == "abc");
    CHECK(first.at("IsTruncated") == true);
    const Json second = world.call("ListRoles", {{"MaxItems", 3}, {"Marker", first.at("Marker")}});
    CHECK(names(second) == "d");
    CHECK(second.at("IsTruncated") == false);
    CHECK_FALSE(second.contains("Marker"));
    CHECK(world.error("ListRoles", {{"Marker", "%%%"}}) == "ValidationError: Invalid Marker.");
}

TEST_CASE("inline policies are kept by name and answered URL-encoded", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    world.call("PutRolePolicy",
               {{"RoleName", "logger"}, {"PolicyName", "p"}, {"PolicyDocument", IamWorld::allow_logs}});
    CHECK(world.call("GetRolePolicy", {{"RoleName", "logger"}, {"PolicyName", "p"}}) ==
          Json{{"RoleName", "logger"},
               {"PolicyName", "p"},
               {"PolicyDocument", percent_encode(IamWorld::allow_logs)}});
    CHECK(world.call("ListRolePolicies", {{"RoleName", "logger"}}) ==
          Json{{"PolicyNames", Json::array({"p"})}, {"IsTruncated", false}});
    const std::string absent = "NoSuchEntityException: The role policy with name q cannot be found.";
    CHECK(world.error("GetRolePolicy", {{"RoleName", "logger"}, {"PolicyName", "q"}}) == absent);
    CHECK(world.error("DeleteRolePolicy", {{"RoleName", "logger"}, {"PolicyName", "q"}}) == absent);
}

TEST_CASE("the documents of a role have AWS's limits", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    const auto policy_of = [](std::size_t size) {
        return R"({"Statement":{"Effect":"Allow","Action":"logs:)" + std::string(size, 'x') +
               R"(","Resource":"*"}})";
    };
    CHECK(world.error("PutRolePolicy",
                      {{"RoleName", "logger"}, {"PolicyName", "p"}, {"PolicyDocument", policy_of(10240)}}) ==
          "LimitExceededException: Maximum policy size of 10240 bytes exceeded for role logger");
    CHECK(world.call("ListRolePolicies", {{"RoleName", "logger"}}).at("PolicyNames").empty());
    const std::string trust =
        R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:)" + std::string(2048, 'x') + "\"}}";
    CHECK(world.error("UpdateAssumeRolePolicy", {{"RoleName", "logger"}, {"PolicyDocument", trust}}) ==
          "LimitExceededException: Cannot exceed quota for ACLSizePerRole: 2048");
}

TEST_CASE("tags are put, replaced, listed and taken away", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    const auto tag = [](const char* key, const char* value) { return Json{{"Key", key}, {"Value", value}}; };
    world.call("TagRole", {{"RoleName", "logger"}, {"Tags", Json::array({tag("b", "1"), tag("a", "2")})}});
    world.call("TagRole", {{"RoleName", "logger"}, {"Tags", Json::array({tag("b", "3")})}});
    const Json role{{"RoleName", "logger"}};
    CHECK(world.call("ListRoleTags", role).at("Tags") == Json::array({tag("a", "2"), tag("b", "3")}));
    world.call("UntagRole", {{"RoleName", "logger"}, {"TagKeys", Json::array({"a", "z"})}});
    CHECK(world.call("GetRole", role).at("Role").at("Tags") == Json::array({tag("b", "3")}));

    Json many = Json::array();
    for (int index = 0; index < 50; ++index) many.push_back(tag(std::to_string(index).c_str(), ""));
    CHECK(world.error("TagRole", {{"RoleName", "logger"}, {"Tags", many}}) ==
          "LimitExceededException: The number of tags has reached the maximum limit.");
    CHECK(world.call("ListRoleTags", role).at("Tags").size() == 1);
}

TEST_CASE("a role is in no instance profile", "[iam][roles]") {
    IamWorld world;
    world.create_role("logger");
    CHECK(world.call("ListInstanceProfilesForRole", {{"RoleName", "logger"}}) ==
          Json{{"InstanceProfiles", Json::array()}, {"IsTruncated", false}});
}

}  // namespace rockwatch::iam
