#include <filesystem>

#include "services/cloudwatch/cloudwatch_bench.hpp"
#include "services/cloudwatch/dashboard_body.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

const std::string body =
    R"( {"widgets": [ {"type":"text","x":0,"y":0,"width":6,"height":3,"properties":{"markdown":"ü"}} ]} )";

void put(Bench& bench, const std::string& name, const std::string& text = body) {
    bench.call("PutDashboard", {{"DashboardName", name}, {"DashboardBody", text}});
}

TEST_CASE("a dashboard is given back exactly as it was put", "[dashboards]") {
    Bench bench;
    CHECK(bench.call("PutDashboard", {{"DashboardName", "d-1"}, {"DashboardBody", body}}) ==
          Json{{"DashboardValidationMessages", Json::array()}});
    CHECK(bench.call("GetDashboard", {{"DashboardName", "d-1"}}) ==
          Json{{"DashboardArn", "arn:aws:cloudwatch::123456789012:dashboard/d-1"},
               {"DashboardBody", body},
               {"DashboardName", "d-1"}});
    bench.caller.region = "eu-west-1";  // dashboards are the same in all regions
    CHECK(bench.call("ListDashboards", Json::object())["DashboardEntries"] ==
          Json::array({{{"DashboardName", "d-1"},
                        {"DashboardArn", "arn:aws:cloudwatch::123456789012:dashboard/d-1"},
                        {"LastModified", ms("2026-01-01T00:00:00Z")},
                        {"Size", body.size()}}}));
    put(bench, "d-1", R"({"widgets":[]})");
    CHECK(bench.call("GetDashboard", {{"DashboardName", "d-1"}})["DashboardBody"] == R"({"widgets":[]})");
}

TEST_CASE("dashboards are listed by name and prefix, and page by 1000", "[dashboards]") {
    Bench bench;
    for (const char* name : {"b", "a", "a-x", "c"}) put(bench, name);
    const auto names = [&](const Json& input) {
        std::vector<std::string> found;
        for (const Json answer = bench.call("ListDashboards", input);
             const Json& entry : answer["DashboardEntries"])
            found.push_back(entry["DashboardName"]);
        return found;
    };
    CHECK(names(Json::object()) == std::vector<std::string>{"a", "a-x", "b", "c"});
    CHECK(names({{"DashboardNamePrefix", "a"}}) == std::vector<std::string>{"a", "a-x"});
    bench.caller.account = "999999999999";
    CHECK(names(Json::object()).empty());
    for (int index = 0; index < 1001; ++index) put(bench, "d" + std::to_string(index), R"({"widgets":[]})");
    const Json first = bench.call("ListDashboards", Json::object());
    CHECK(first["DashboardEntries"].size() == 1000);
    CHECK(names({{"NextToken", first["NextToken"]}}) == std::vector<std::string>{"d999"});
    CHECK(bench.refusal("ListDashboards", {{"NextToken", "x"}}) ==
          Refusal{"InvalidParameterValueException", "Request parameter NextToken is invalid"});
}

TEST_CASE("dashboard operations refuse what AWS refuses", "[dashboards]") {
    struct Row {
        std::string operation;
        Json input;
        std::string code;
        std::string message;
    };
    const std::string bad_name =
        "The value for field DashboardName contains invalid characters. It can only contain alphanumerics, "
        "dash (-) and "
        "underscore (_).\n";
    const auto row = GENERATE_COPY(values<Row>({
        {"PutDashboard",
         {{"DashboardName", "a b"}, {"DashboardBody", body}},
         "InvalidParameterValueException",
         bad_name},
        {"PutDashboard",
         {{"DashboardName", "a"}, {"DashboardBody", "nonsense"}},
         "DashboardInvalidInputError",
         "The field DashboardBody must be a valid JSON object"},
        {"PutDashboard",
         {{"DashboardName", "a"}, {"DashboardBody", "[]"}},
         "DashboardInvalidInputError",
         "The field DashboardBody must be a valid JSON object"},
        {"PutDashboard",
         {{"DashboardName", "a"}, {"DashboardBody", "{}"}},
         "DashboardInvalidInputError",
         "The dashboard body is invalid, there are 1 validation errors:\n[\n  {\n    \"dataPath\": \"\",\n   "
         " \"message\": "
         "\"Should have required property 'widgets'\"\n  }\n]"},
        {"GetDashboard", {{"DashboardName", "a"}}, "DashboardNotFoundError", "Dashboard a does not exist"},
        {"GetDashboard", {{"DashboardName", "a/b"}}, "InvalidParameterValueException", bad_name},
        {"DeleteDashboards",
         {{"DashboardNames", {"a"}}},
         "DashboardNotFoundError",
         "Dashboard a does not exist"},
        {"DeleteDashboards",
         {{"DashboardNames", Json::array()}},
         "InvalidParameterValueException",
         "The parameter DashboardNames is required."},
    }));
    CAPTURE(row.operation, row.input);
    Bench bench;
    CHECK(bench.refusal(row.operation, row.input) == Refusal{row.code, row.message});
}

TEST_CASE("a refused body carries its findings as members of the error", "[dashboards]") {
    Bench bench;
    try {
        put(bench, "a", R"({"widgets":[{"type":"text","x":24,"properties":{}}]})");
        FAIL("the body was accepted");
    } catch (const ServiceError& error) {
        CHECK(error.members["dashboardValidationMessages"] ==
              Json::array({{{"DataPath", "/widgets/0/x"}, {"Message", "Should be <= 23"}},
                           {{"DataPath", "/widgets/0/properties"},
                            {"Message", "Should have required property 'markdown'"}}}));
    }
}

TEST_CASE("bodies are checked as AWS checks them", "[dashboards]") {
    struct Row {
        std::string widgets;
        std::string path;
        std::string message;
    };
    const std::string metric = R"({"type":"metric","properties":{"region":"us-east-1",)";
    const auto row = GENERATE_COPY(values<Row>({
        {R"({})", "/widgets", "Should be array"},
        {R"([1])", "/widgets/0", "Should be object"},
        {R"([{"properties":{}}])", "/widgets/0", "Should have required property 'type'"},
        {R"([{"type":"text"}])", "/widgets/0", "Should have required property 'properties'"},
        {R"([{"type":"nonsense","properties":{}}])", "/widgets/0/type",
         "Should be equal to one of the allowed values"},
        {R"([{"type":"text","width":25,"properties":{"markdown":""}}])", "/widgets/0/width",
         "Should be <= 24"},
        {R"([{"type":"text","height":1001,"properties":{"markdown":""}}])", "/widgets/0/height",
         "Should be <= 1000"},
        {R"([{"type":"alarm","properties":{}}])", "/widgets/0/properties",
         "Should have required property 'alarms'"},
        {R"([{"type":"metric","properties":{"metrics":[["a","b"]]}}])", "/widgets/0/properties",
         "The metric widget should have specified a region and a data source or an alarm annotation"},
        {"[" + metric + R"("metrics":[["a","b"]],"period":45}}])", "/widgets/0/properties/period",
         "Should be multiple of 60"},
        {"[" + metric + R"("metrics":[["a",{},"b"]]}}])", "/widgets/0/properties/metrics/0",
         "Should NOT have more than 2 items"},
        {"[" + metric + R"("metrics":[["a",5]]}}])", "/widgets/0/properties/metrics/0",
         "Invalid metric field type, only \"String\" type is allowed"},
        {"[" + metric + R"("metrics":[{"expression":"m1"}]}}])", "/widgets/0/properties/metrics/0",
         "Should be array"},
        {"[" + metric + R"("metrics":[["a","b"]],"yAxis":{"left":{"min":5,"max":2}}}}])",
         "/widgets/0/properties/yAxis/left/min", "Should be <= 2"},
    }));
    CAPTURE(row.widgets);
    const DashboardCheck check = check_dashboard(Json::parse(R"({"widgets":)" + row.widgets + "}"));
    REQUIRE(check.errors.size() == 1);
    CHECK(check.errors[0].data_path == row.path);
    CHECK(check.errors[0].message == row.message);
}

TEST_CASE("bodies that AWS takes", "[dashboards]") {
    const auto text = GENERATE(values<std::string>({
        R"({"widgets":[]})",
        R"({"start":"-PT6H","widgets":[{"type":"metric","properties":{"region":"us-east-1","metrics":[
            ["AWS/Bedrock","InvocationLatency","ModelId","titan",{"stat":"p99"}],["...","other"],
            [{"expression":"m1*2","id":"e1"}]]}}]})",
        R"({"widgets":[{"type":"metric","properties":{"annotations":{"alarms":["arn"]}}}]})",
        R"({"widgets":[{"type":"log","properties":{"query":"SOURCE 'g' | fields @message"}}]})",
    }));
    const DashboardCheck check = check_dashboard(Json::parse(text));
    CHECK(check.errors.empty());
    CHECK(check.warnings.empty());
}

TEST_CASE("unknown properties of a body are warned of, and stored", "[dashboards]") {
    Bench bench;
    CHECK(bench.call("PutDashboard",
                     {{"DashboardName", "a"}, {"DashboardBody", R"({"widgets":[],"colour":1})"}}) ==
          Json{{"DashboardValidationMessages",
                {{{"DataPath", "/colour"}, {"Message", "Should NOT have additional properties"}}}}});
    CHECK(bench.call("ListDashboards", Json::object())["DashboardEntries"].size() == 1);
}

TEST_CASE("a deletion with an unknown name is refused, and the known ones go all the same", "[dashboards]") {
    Bench bench;
    put(bench, "a");
    put(bench, "b");
    CHECK(bench.refusal("DeleteDashboards", {{"DashboardNames", {"nobody", "a"}}}) ==
          Refusal{"DashboardNotFoundError", "Dashboard nobody does not exist"});
    CHECK(bench.call("ListDashboards", Json::object())["DashboardEntries"].at(0)["DashboardName"] == "b");
    bench.call("DeleteDashboards", {{"DashboardNames", {"b"}}});
    CHECK(bench.call("ListDashboards", Json::object())["DashboardEntries"].empty());
}

TEST_CASE("a dashboard's tags come with its creation alone and go with it", "[dashboards]") {
    Bench bench;
    const auto tags = [](const char* value) { return Json::array({{{"Key", "k"}, {"Value", value}}}); };
    bench.call("PutDashboard", {{"DashboardName", "a"}, {"DashboardBody", body}, {"Tags", tags("1")}});
    bench.call("PutDashboard", {{"DashboardName", "a"}, {"DashboardBody", body}, {"Tags", tags("2")}});
    const Json resource{{"ResourceARN", "arn:aws:cloudwatch::123456789012:dashboard/a"}};
    CHECK(bench.call("ListTagsForResource", resource)["Tags"] == tags("1"));
    Json change = resource;
    change["Tags"] = tags("3");
    bench.call("TagResource", change);
    CHECK(bench.call("ListTagsForResource", resource)["Tags"] == tags("3"));
    bench.call("DeleteDashboards", {{"DashboardNames", {"a"}}});
    CHECK(bench.call("ListTagsForResource", resource)["Tags"].empty());
    CHECK(bench.refusal("TagResource", change).code == "ResourceNotFoundException");
}

TEST_CASE("dashboards survive a restart", "[dashboards]") {
    const std::string path =
        (std::filesystem::temp_directory_path() / "rockwatch-cloudwatch-dashboards.db").string();
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
    {
        Bench bench("2026-01-01T00:00:00Z", path);
        put(bench, "a");
    }
    {
        Bench bench("2026-01-02T00:00:00Z", path);
        CHECK(bench.call("GetDashboard", {{"DashboardName", "a"}})["DashboardBody"] == body);
    }
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
}

}  // namespace
}  // namespace rockwatch::cloudwatch
