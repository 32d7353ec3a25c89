#include "core/text_time.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;

namespace {

constexpr auto new_year = "2026-01-01T00:00:00Z";

WorldOptions with_setup(std::vector<SetupCall> calls) {
    WorldOptions options;
    options.setup = std::move(calls);
    return options;
}

}  // namespace

TEST_CASE("a set-up call whose input does not fit its model is refused by its place", "[setup]") {
    struct Row {
        std::string service;
        std::string operation;
        Json input;
        std::string path;
        std::string says;
    };
    const Json value = {{"Namespace", "N"}, {"MetricData", {{{"MetricName", "M"}, {"Value", "x"}}}}};
    const Json unit = {{"Namespace", "N"}, {"MetricData", {{{"MetricName", "M"}, {"Valeu", 1}}}}};
    const auto row = GENERATE_COPY(values<Row>(
        {{"logs", "CreateLogGroup", {{"logGroupName", 5}}, "/1", "logGroupName: NUMBER_VALUE cannot be"},
         {"logs",
          "PutRetentionPolicy",
          {{"logGroupName", "g"}, {"retentionInDays", "7"}},
          "/1",
          "retentionInDays: STRING_VALUE cannot be converted to Integer"},
         {"cloudwatch", "PutMetricData", value, "/1", "STRING_VALUE cannot be converted to Double"},
         {"cloudwatch", "PutMetricData", unit, "/1/input/MetricData/0/Valeu", "no such member: Valeu"},
         {"logs",
          "PutRetentionPolicy",
          {{"logGroupName", "g"}, {"retentionInDays", 7}, {"retentionDays", 7}},
          "/1/input/retentionDays",
          "PutRetentionPolicy has no such member: retentionDays"},
         {"logs", "CreateLogGruop", Json::object(), "/1", "there is no operation CreateLogGruop of logs"}}));
    CAPTURE(row.operation, row.input.dump());
    try {
        const TestWorld world(
            new_year,
            with_setup({{.service = "logs", .operation = "CreateLogGroup", .input = {{"logGroupName", "g"}}},
                        {.service = row.service, .operation = row.operation, .input = row.input}}));
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.code == "InvalidSetup");
        CHECK(error.path == row.path);
        INFO(error.what());
        CHECK(std::string(error.what()).find(row.says) != std::string::npos);
    }
}

TEST_CASE("the input of a set-up call is AWS's JSON, whatever the service speaks", "[setup]") {
    const Json point = {
        {"MetricName", "M"}, {"Value", 3}, {"Unit", nullptr}, {"Timestamp", "2025-12-31T23:58:00Z"}};
    const Json message = {
        {"modelId", "amazon.nova-lite-v1:0"},
        {"body", "eyJtZXNzYWdlcyI6W3sicm9sZSI6InVzZXIiLCJjb250ZW50IjpbeyJ0ZXh0IjoiaGkifV19XX0="}};
    TestWorld world(
        new_year, with_setup({{.service = "cloudwatch",
                               .operation = "PutMetricData",
                               .input = {{"Namespace", "N"}, {"MetricData", {point}}}},
                              {.service = "bedrock-runtime", .operation = "InvokeModel", .input = message}}));
    const Json found = world.call("cloudwatch", "GetMetricStatistics",
                                  {{"Namespace", "N"},
                                   {"MetricName", "M"},
                                   {"StartTime", epoch_ms(parse_iso("2025-12-31T23:58:00Z").value())},
                                   {"EndTime", epoch_ms(parse_iso("2025-12-31T23:59:00Z").value())},
                                   {"Period", 60},
                                   {"Statistics", {"Sum"}}});
    REQUIRE(found.at("Datapoints").size() == 1);
    CHECK(found.at("Datapoints").at(0).at("Sum") == 3);
}

TEST_CASE("a full reset makes the set-up again as at the start, on a clock that has gone on since",
          "[setup][reset]") {
    const Json point = {{"MetricName", "M"}, {"Value", 3}, {"Timestamp", new_year}};
    WorldOptions options = with_setup({{.service = "cloudwatch",
                                        .operation = "PutMetricData",
                                        .input = {{"Namespace", "N"}, {"MetricData", {point}}}}});
    const Instant months_later = parse_iso("2026-11-01T00:00:00Z").value();
    options.wall = [=] { return months_later; };
    TestWorld world(new_year, std::move(options));
    world.world.reset({});
    CHECK(world.world.clock().now() == months_later);
    CHECK(world.world.clock().mode() == ClockMode::real);
    const Json found = world.call("cloudwatch", "GetMetricStatistics",
                                  {{"Namespace", "N"},
                                   {"MetricName", "M"},
                                   {"StartTime", epoch_ms(parse_iso(new_year).value())},
                                   {"EndTime", epoch_ms(parse_iso("2026-01-01T01:00:00Z").value())},
                                   {"Period", 3600},
                                   {"Statistics", {"Sum"}}});
    CHECK(found.at("Datapoints").size() == 1);
}
