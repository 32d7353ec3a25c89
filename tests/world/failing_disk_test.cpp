// A disk that fails for a moment takes nothing along that comes later: records, retries, sweeps.

#include "support/catch.hpp"
#include "support/memory_disk.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;
using test::Io;
using test::MemoryDisk;

namespace {

WorldOptions on(const MemoryDisk& disk) {
    WorldOptions options;
    options.storage = {.path = "test.db", .writer_thread = false, .vfs = disk.vfs()};
    return options;
}

void log_invocations(TestWorld& world) {
    world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
    const Json config = {{"logGroupName", "g"}, {"roleArn", "arn:aws:iam::000000000000:role/r"}};
    world.call("bedrock", "PutModelInvocationLoggingConfiguration",
               {{"loggingConfig", {{"cloudWatchConfig", config}, {"textDataDeliveryEnabled", true}}}});
}

int converse(TestWorld& world) {
    return world
        .http("POST", "/model/amazon.nova-lite-v1%3A0/converse", {{"Content-Type", "application/json"}},
              R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})")
        .status;
}

std::size_t records(TestWorld& world) {
    return world
        .call("logs", "FilterLogEvents",
              {{"logGroupName", "g"}, {"filterPattern", "{ $.schemaType = \"ModelInvocationLog\" }"}})
        .at("events")
        .size();
}

double invocations(TestWorld& world) {
    const Json answer = world.call("cloudwatch", "GetMetricStatistics",
                                   {{"Namespace", "AWS/Bedrock"},
                                    {"MetricName", "Invocations"},
                                    {"StartTime", 1'767'225'600'000},
                                    {"EndTime", 1'767'229'200'000},
                                    {"Period", 3600},
                                    {"Statistics", Json::array({"Sum"})}});
    return answer.at("Datapoints").empty() ? 0 : answer.at("Datapoints").at(0).at("Sum").get<double>();
}

}  // namespace

TEST_CASE("records of invocations that could not be written are written with the next one's", "[faults]") {
    MemoryDisk disk;
    TestWorld world("2026-01-01T00:00:00Z", on(disk));
    log_invocations(world);
    const bool for_long = GENERATE(true, false);
    disk.fail({.kind = Io::write, .lasting = for_long, .file_ends_with = "-wal"});
    CHECK(converse(world) == 200);
    CHECK(converse(world) == 200);
    CHECK(disk.has_failed());
    disk.heal();
    CHECK(converse(world) == 200);
    CHECK(records(world) == 3);
    CHECK(invocations(world) == 3);
}

TEST_CASE("an attempt whose outcome could not be noted is made again", "[faults][deliveries]") {
    MemoryDisk disk;
    TestWorld world("2026-01-01T00:00:00Z", on(disk));
    const Json topic = world.call("sns", "CreateTopic", {{"Name", "oncall"}}).at("TopicArn");
    world.call("sns", "Subscribe",
               {{"TopicArn", topic}, {"Protocol", "http"}, {"Endpoint", "http://127.0.0.1:9/hook"}});
    world.sender.sent.clear();
    disk.fail({.kind = Io::write, .file_ends_with = "-wal"});
    world.advance(Milliseconds{0});
    CHECK(disk.has_failed());
    CHECK(world.sender.sent.size() == 1);
    world.advance(std::chrono::seconds{5});
    CHECK(world.sender.sent.size() == 2);
    world.advance(std::chrono::hours{1});
    CHECK(world.sender.sent.size() == 2);
}

TEST_CASE("a sweep that failed is made again an hour later", "[faults][logs]") {
    MemoryDisk disk;
    TestWorld world("2026-01-01T00:00:00Z", on(disk));
    world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
    world.call("logs", "CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    const Json event = {{"timestamp", 1'767'225'600'000}, {"message", "old"}};
    world.call("logs", "PutLogEvents",
               {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", {event}}});
    world.call("logs", "PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 1}});
    disk.fail({.kind = Io::write, .file_ends_with = "-wal"});
    world.advance(std::chrono::hours{25});
    CHECK(disk.has_failed());
    world.advance(std::chrono::hours{2});
    const auto lease = world.world.storage().read();
    Rows rows = (*lease).query("SELECT count(*) FROM log_event");
    REQUIRE(rows.step());
    CHECK(rows.integer(0) == 0);
}
