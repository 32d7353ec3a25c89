#include "iam_world.hpp"
#include "services/sts/service.hpp"

namespace rockwatch::sts {

namespace {

using iam::IamWorld;

constexpr const char* app_arn = "arn:aws:iam::123456789012:role/service/app";

void create_app(IamWorld& world, const std::string& trusted, int max_session_seconds = 3600) {
    world.call("CreateRole",
               {{"RoleName", "app"},
                {"Path", "/service/"},
                {"MaxSessionDuration", max_session_seconds},
                {"AssumeRolePolicyDocument", R"({"Statement":{"Effect":"Allow","Principal":{"AWS":")" +
                                                 trusted + R"("},"Action":"sts:AssumeRole"}})"}});
}

Json assume(const Json& more = Json::object()) {
    Json input{{"RoleArn", app_arn}, {"RoleSessionName", "me"}};
    input.update(more);
    return input;
}

}  // namespace

TEST_CASE("GetCallerIdentity answers for anyone", "[sts]") {
    IamWorld world;
    CHECK(world.call(world.sts, "GetCallerIdentity") == Json{{"UserId", "123456789012"},
                                                             {"Account", "123456789012"},
                                                             {"Arn", "arn:aws:iam::123456789012:root"}});
}

TEST_CASE("AssumeRole issues credentials whose account and principal can be found again", "[sts]") {
    IamWorld world;
    create_app(world, "123456789012");
    const Json answer = world.call(world.sts, "AssumeRole", assume({{"DurationSeconds", 900}}));
    const Json& credentials = answer.at("Credentials");
    const std::string access_key = credentials.at("AccessKeyId");
    CHECK_THAT(access_key, StartsWith("ASIA"));
    CHECK(access_key.size() == 20);
    CHECK(credentials.at("SecretAccessKey").get<std::string>().size() == 40);
    CHECK(credentials.at("Expiration") == epoch_ms(*parse_iso("2026-11-23T12:15:00Z")));
    const std::string role_id = world.call("GetRole", {{"RoleName", "app"}}).at("Role").at("RoleId");
    CHECK(answer.at("AssumedRoleUser") ==
          Json{{"AssumedRoleId", role_id + ":me"}, {"Arn", "arn:aws:sts::123456789012:assumed-role/app/me"}});

    const auto issued = world.sts.find(access_key);
    REQUIRE(issued.has_value());
    CHECK(issued->account == "123456789012");
    CHECK(issued->principal_arn == "arn:aws:sts::123456789012:assumed-role/app/me");
    CHECK(issued->secret_key == credentials.at("SecretAccessKey"));
    CHECK(issued->session_token == credentials.at("SessionToken"));

    world.caller.access_key = access_key;
    world.caller.principal_arn = issued->principal_arn;
    CHECK(world.call(world.sts, "GetCallerIdentity").at("UserId") == role_id + ":me");
    CHECK_FALSE(world.sts.find("ASIANOBODYSKEY000000").has_value());
}

TEST_CASE("a role that does not trust the caller cannot be assumed", "[sts]") {
    IamWorld world;
    create_app(world, "999999999999");
    CHECK(world.error(world.sts, "AssumeRole", assume()) ==
          "AccessDenied: User: arn:aws:iam::123456789012:root is not authorized to perform: sts:AssumeRole "
          "on resource: "
          "arn:aws:iam::123456789012:role/service/app");
}

TEST_CASE("a role that nobody made can be assumed, but not in strict mode", "[sts]") {
    IamWorld lenient;
    CHECK(lenient.call(lenient.sts, "AssumeRole", assume()).at("AssumedRoleUser").at("Arn") ==
          "arn:aws:sts::123456789012:assumed-role/app/me");
    IamWorld strict(IamMode::strict);
    CHECK_THAT(strict.error(strict.sts, "AssumeRole", assume()), StartsWith("AccessDenied: "));
}

TEST_CASE("an external id must be the one that the role asks for", "[sts]") {
    IamWorld world;
    world.call(
        "CreateRole",
        {{"RoleName", "app"},
         {"Path", "/service/"},
         {"AssumeRolePolicyDocument",
          R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"secret"}}}})"}});
    CHECK(world.error(world.sts, "AssumeRole", assume({{"ExternalId", "secret"}})).empty());
    CHECK_THAT(world.error(world.sts, "AssumeRole", assume({{"ExternalId", "guess"}})),
               StartsWith("AccessDenied: "));
    CHECK_THAT(world.error(world.sts, "AssumeRole", assume()), StartsWith("AccessDenied: "));
}

TEST_CASE("a session lasts no longer than its role allows", "[sts]") {
    IamWorld world;
    create_app(world, "123456789012", 7200);
    CHECK(world.error(world.sts, "AssumeRole", assume({{"DurationSeconds", 7200}})).empty());
    CHECK(world.error(world.sts, "AssumeRole", assume({{"DurationSeconds", 7201}})) ==
          "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
}

TEST_CASE("what would narrow a session is refused rather than ignored", "[sts]") {
    struct Row {
        const char* member;
        Json value;
    };
    const auto row = GENERATE(values<Row>({{"Policy", IamWorld::allow_logs},
                                           {"PolicyArns", Json::array()},
                                           {"Tags", Json::array()},
                                           {"SourceIdentity", "alice"},
                                           {"TokenCode", "123456"}}));
    IamWorld world;
    CHECK(world.error(world.sts, "AssumeRole", assume({{row.member, row.value}})) ==
          std::string("ValidationError: ") + row.member +
              ": this emulator does not support it with AssumeRole.");
}

TEST_CASE("only a role's ARN can be assumed", "[sts]") {
    const auto arn = GENERATE(as<std::string>{}, "arn:aws:iam::123456789012:user/alice",
                              "arn:aws:s3:::role/bucket-of-mine", "twenty characters at least");
    IamWorld world;
    CHECK(world.error(world.sts, "AssumeRole", assume({{"RoleArn", arn}})) ==
          "ValidationError: " + arn + " is invalid");
}

TEST_CASE("credentials that have expired are forgotten when the next are issued", "[sts]") {
    IamWorld world;
    const auto key = [&] {
        return world.call(world.sts, "AssumeRole", assume({{"DurationSeconds", 900}}))
            .at("Credentials")
            .at("AccessKeyId")
            .get<std::string>();
    };
    const std::string first = key();
    world.clock.advance_to(world.clock.now() + std::chrono::hours(1));
    const std::string second = key();
    CHECK_FALSE(world.sts.find(first).has_value());
    CHECK(world.sts.find(second).has_value());
}

}  // namespace rockwatch::sts
