#include <fmt/ranges.h>

#include <fstream>
#include <set>

#include "core/text.hpp"
#include "support/catch.hpp"
#include "test_control.hpp"

using namespace rockwatch;

TEST_CASE("health tells version, clock and services", "[control]") {
    TestControl control;
    const auto answer = control.call("GET", "/_rockwatch/health");
    CHECK(answer.status == 200);
    CHECK(answer.body.at("status") == "ok");
    CHECK(answer.body.at("version") == "1.2.3");
    CHECK(answer.body.at("clock").at("mode") == "frozen");
    CHECK(answer.body.at("services").at("bedrock-runtime") == "available");
    CHECK(control.call("GET", "/_localstack/health").body.at("services").at("logs") == "available");
}

TEST_CASE("the clock is read, set and advanced", "[control][clock]") {
    TestControl control;
    const auto set =
        control.call("PUT", "/_rockwatch/clock", {{"mode", "frozen"}, {"now", "2026-02-01T00:00:00Z"}});
    CHECK(set.status == 200);
    CHECK(set.body.at("now") == "2026-02-01T00:00:00.000Z");
    const auto advanced = control.call("POST", "/_rockwatch/clock/advance", {{"seconds", 900}});
    CHECK(advanced.body == Json{{"now", "2026-02-01T00:15:00.000Z"},
                                {"transitions", Json::array()},
                                {"deliveries", 0},
                                {"evaluations", 0}});
    CHECK(control.call("POST", "/_rockwatch/clock/advance", {{"to", 1'769'905'800'000}}).body.at("now") ==
          "2026-02-01T00:30:00.000Z");
    CHECK(control.call("GET", "/_rockwatch/clock").body.at("now") == "2026-02-01T00:30:00.000Z");
    const auto scaled = control.call("PUT", "/_rockwatch/clock", {{"mode", "scaled"}, {"speed", 60}});
    CHECK(scaled.body.at("speed") == 60);
}

TEST_CASE("a wrong control request is refused with code and place", "[control][refusal]") {
    TestControl control;
    struct Row {
        const char* method;
        const char* target;
        Json body;
        int status;
        const char* code;
        const char* path;
    };
    const Row rows[] = {
        {"PUT", "/_rockwatch/clock", {{"mode", "paused"}}, 400, "InvalidRequest", "/mode"},
        {"PUT", "/_rockwatch/clock", {{"mode", "scaled"}}, 400, "InvalidRequest", "/speed"},
        {"PUT", "/_rockwatch/clock", {{"mode", "scaled"}, {"speed", 0}}, 400, "InvalidRequest", "/speed"},
        {"PUT", "/_rockwatch/clock", {{"mode", "real"}, {"speed", 2}}, 400, "InvalidRequest", "/speed"},
        {"PUT", "/_rockwatch/clock", {{"mode", "frozen"}, {"now", "yesterday"}}, 400, "InvalidTime", "/now"},
        {"PUT", "/_rockwatch/clock", {{"mode", "frozen"}, {"nwo", 1}}, 400, "InvalidRequest", "/nwo"},
        {"POST", "/_rockwatch/clock/advance", {{"seconds", -1}}, 400, "InvalidRequest", "/seconds"},
        {"POST", "/_rockwatch/clock/advance", {{"seconds", "60"}}, 400, "InvalidRequest", "/seconds"},
        {"POST", "/_rockwatch/clock/advance", {{"to", "2001-01-01T00:00:00Z"}}, 400, "InvalidTime", "/to"},
        {"POST", "/_rockwatch/reset", {{"scopes", {"logs", "nonsense"}}}, 400, "InvalidScope", "/scopes/1"},
        {"POST", "/_rockwatch/rules", {{"latency", {{"ms", -5}}}}, 400, "InvalidRule", "/latency/ms"},
        {"POST",
         "/_rockwatch/rules",
         {{"rules", {{{"latency", {{"ms", -5}}}}}}},
         400,
         "InvalidRule",
         "/rules/0/latency/ms"},
        {"POST", "/_rockwatch/rules", {{"colour", "red"}}, 400, "InvalidRule", "/colour"},
        {"DELETE", "/_rockwatch/rules/none", nullptr, 404, "NoSuchRule", ""},
        {"GET", "/_rockwatch/nothing", nullptr, 404, "NoSuchPath", ""},
        {"DELETE", "/_rockwatch/clock", nullptr, 404, "NoSuchPath", ""},
        {"GET", "/_rockwatch/quotas?x=1", nullptr, 400, "InvalidRequest", "/x"},
        {"GET", "/_rockwatch/calls?limit=0", nullptr, 400, "InvalidRequest", "/limit"},
        {"GET", "/_rockwatch/calls?colour=red", nullptr, 400, "InvalidRequest", "/colour"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.method, row.target, row.body.dump());
        const auto answer = control.call(row.method, row.target, row.body);
        CHECK(answer.status == row.status);
        CHECK(answer.body.at("error").at("code") == row.code);
        CHECK(answer.body.at("error").value("path", "") == row.path);
    }
}

TEST_CASE("quotas are put as a whole, given back and emptied", "[control][quotas]") {
    TestControl control;
    CHECK(control.call("GET", "/_rockwatch/quotas").body == Json{{"quotas", Json::array()}});
    const Json quotas = {
        {"quotas", {{{"modelId", "anthropic.*"}, {"requestsPerMinute", 60}}, {{"tokensPerMinute", 5}}}}};
    const auto put = control.call("PUT", "/_rockwatch/quotas", quotas);
    CHECK(put.status == 200);
    CHECK(put.body == quotas);
    CHECK(control.call("GET", "/_rockwatch/quotas").body == quotas);
    const Json other = {{"quotas", Json::array({{{"tokensPerMinute", 7}}})}};
    CHECK(control.call("PUT", "/_rockwatch/quotas", other).body == other);

    // What is refused leaves the list as it was.
    const Json wrong = {{"quotas", Json::array({{{"tokensPerMinute", 7}}, {{"tokensPerMinute", -7}}})}};
    const auto refused = control.call("PUT", "/_rockwatch/quotas", wrong);
    CHECK(refused.status == 400);
    CHECK(refused.body.at("error").at("code") == "InvalidQuota");
    CHECK(refused.body.at("error").at("path") == "/quotas/1/tokensPerMinute");
    CHECK(control.call("PUT", "/_rockwatch/quotas").status == 400);
    CHECK(control.call("GET", "/_rockwatch/quotas").body == other);

    CHECK(control.call("DELETE", "/_rockwatch/quotas").body == Json{{"quotas", Json::array()}});
    CHECK(control.call("GET", "/_rockwatch/quotas").body == Json{{"quotas", Json::array()}});
}

TEST_CASE("a reset of rules, or of everything, empties the quotas; another does not", "[control][quotas]") {
    TestControl control;
    const Json quotas = {{"quotas", Json::array({{{"requestsPerMinute", 1}}})}};
    const auto left = [&](const Json& scopes) {
        control.call("PUT", "/_rockwatch/quotas", quotas);
        control.call("POST", "/_rockwatch/reset", scopes);
        return control.call("GET", "/_rockwatch/quotas").body.at("quotas").size();
    };
    CHECK(left({{"scopes", {"calls", "metrics", "clock"}}}) == 1);
    CHECK(left({{"scopes", {"rules"}}}) == 0);
    CHECK(left(nullptr) == 0);
}

TEST_CASE("the clock's way back is refused with 409 while there is history", "[control][clock]") {
    TestControl control;
    control.world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
    const Json earlier = {{"mode", "frozen"}, {"now", "2020-01-01T00:00:00Z"}};
    CHECK(control.call("PUT", "/_rockwatch/clock", earlier).status == 409);
    Json forced = earlier;
    forced["force"] = true;
    CHECK(control.call("PUT", "/_rockwatch/clock", forced).status == 200);
}

TEST_CASE("bodies must be JSON by their type, and well formed", "[control][refusal]") {
    TestControl control;
    CHECK(control.raw("POST", "/_rockwatch/reset", "{}", {{"Content-Type", "text/plain"}}).status == 415);
    CHECK(control.raw("POST", "/_rockwatch/reset", "{}", {}).status == 415);
    CHECK(control.raw("POST", "/_rockwatch/reset", "{", {{"Content-Type", "application/json"}}).status ==
          400);
    CHECK(control.raw("POST", "/_rockwatch/reset", "", {}).status == 200);
}

TEST_CASE("rules are added, listed in matching order, replaced and deleted", "[control][rules]") {
    TestControl control;
    const auto added =
        control.call("POST", "/_rockwatch/rules",
                     {{"rules", {{{"id", "a"}, {"latency", 1}}, {{"id", "b"}, {"latency", 2}}}}});
    CHECK(added.status == 201);
    CHECK(added.body.at("rules").size() == 2);
    control.call("POST", "/_rockwatch/rules", {{"id", "c"}, {"latency", 3}});
    const Json listed = control.call("GET", "/_rockwatch/rules").body.at("rules");
    REQUIRE(listed.size() == 3);
    CHECK(listed[0].at("id") == "c");
    CHECK(listed[0].at("hits") == 0);
    CHECK(control.call("POST", "/_rockwatch/rules", {{"id", "c"}, {"latency", 3}}).status == 409);
    CHECK(control.call("PUT", "/_rockwatch/rules/c", {{"latency", 9}}).body.at("latency") == 9);
    CHECK(control.call("DELETE", "/_rockwatch/rules/a").status == 200);
    CHECK(control.call("GET", "/_rockwatch/rules").body.at("rules").size() == 2);
    CHECK(control.call("DELETE", "/_rockwatch/rules").status == 200);
    CHECK(control.call("GET", "/_rockwatch/rules").body.at("rules").empty());
}

TEST_CASE("a control token is asked for on every path but health", "[control][token]") {
    TestControl control("s3cret");
    CHECK(control.call("GET", "/_rockwatch/rules").status == 401);
    CHECK(control.call("GET", "/_rockwatch/rules", nullptr, {{"Authorization", "Bearer s3cre"}}).status ==
          401);
    CHECK(control.call("GET", "/_rockwatch/rules", nullptr, {{"Authorization", "Bearer s3cret"}}).status ==
          200);
    CHECK(control.call("GET", "/_rockwatch/health").status == 200);
    CHECK(control.call("GET", "/_localstack/health").status == 200);
    CHECK(control.call("PUT", "/_rockwatch/rules/health", {{"latency", 1}}).status == 401);
    CHECK(control.call("DELETE", "/_rockwatch/rules/health").status == 401);
}

TEST_CASE("a topic without subscribers has its message captured among the deliveries",
          "[control][deliveries]") {
    TestControl control;
    const Json topic = control.world.call("sns", "CreateTopic", {{"Name", "quiet"}}).at("TopicArn");
    control.world.call("sns", "Publish", {{"TopicArn", topic}, {"Message", "anybody?"}});
    const Json deliveries =
        control.call("GET", "/_rockwatch/deliveries?status=captured").body.at("deliveries");
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].at("target") == topic);
    CHECK(deliveries[0].at("attempts") == 0);
    CHECK(control.call("DELETE", "/_rockwatch/deliveries").status == 200);
    CHECK(control.call("GET", "/_rockwatch/deliveries").body.at("deliveries").empty());
}

TEST_CASE("fixtures/schema/openapi.json has every control path, method and parameter, and no other",
          "[control][openapi]") {
    std::ifstream file(std::string(ROCKWATCH_SOURCE_DIR) + "/fixtures/schema/openapi.json");
    const Json paths = Json::parse(file).at("paths");
    std::set<std::string> documented;
    for (const auto& [path, operations] : paths.items()) {
        for (const auto& [method, operation] : operations.items()) {
            if (method == "parameters") continue;
            std::set<std::string> names;
            for (const Json& parameter : operation.value("parameters", Json::array()))
                names.insert(parameter.at("name").get<std::string>());
            documented.insert(fmt::format("{} {} {}", method, path, fmt::join(names, " ")));
        }
    }
    std::set<std::string> routed;
    for (const auto& route : control::all_routes()) {
        std::set<std::string> names;
        for (const auto name : split(route.parameters, ' ')) names.insert(std::string(name));
        routed.insert(fmt::format("{} {} {}", lower_case(route.method), route.path, fmt::join(names, " ")));
    }
    CHECK(documented == routed);
}
