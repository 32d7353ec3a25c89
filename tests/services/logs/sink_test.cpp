#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

const Owner owner{"000000000000", "us-east-1"};

}  // namespace

TEST_CASE("what services write is there to be read, in a stream made for it", "[logs][sink]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "bedrock"}});
    const Instant now = from_epoch_ms(bench.now_ms());
    const std::vector<LogLine> lines = {
        {now, "second"}, {now - std::chrono::hours{30}, "first"}, {now, "third"}};
    LogSink& sink = bench.service();
    const bool stored = bench.storage().write([&](Database& database) {
        return sink.put(database, owner, "bedrock", "aws/bedrock/modelinvocations", lines, now);
    });
    CHECK(stored);
    // In any order and over any span: the rules of PutLogEvents are for clients.
    CHECK(messages_of(bench.call("FilterLogEvents", {{"logGroupName", "bedrock"}})) ==
          std::vector<std::string>{"first", "second", "third"});
    const Json stream = bench.call("DescribeLogStreams", {{"logGroupName", "bedrock"}})["logStreams"][0];
    CHECK(stream["logStreamName"] == "aws/bedrock/modelinvocations");
    CHECK(stream["firstEventTimestamp"] == bench.now_ms() - 108'000'000);
    CHECK(stream["lastEventTimestamp"] == bench.now_ms());

    bench.storage().write([&](Database& database) {
        CHECK(sink.put(database, owner, "bedrock", "aws/bedrock/modelinvocations", lines, now));
        CHECK(sink.put(database, owner, "bedrock", "empty", {}, now));
    });
    CHECK(bench.call("DescribeLogStreams", {{"logGroupName", "bedrock"}})["logStreams"].size() == 2);
    CHECK(bench.call("FilterLogEvents", {{"logGroupName", "bedrock"}})["events"].size() == 6);
}

TEST_CASE("nothing is written where there is no log group", "[logs][sink]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    LogSink& sink = bench.service();
    bench.storage().write([&](Database& database) {
        const std::vector<LogLine> lines = {{from_epoch_ms(0), "m"}};
        CHECK(sink.has_group(database, owner, "g"));
        CHECK_FALSE(sink.has_group(database, owner, "absent"));
        CHECK_FALSE(sink.has_group(database, {"000000000000", "eu-west-1"}, "g"));
        CHECK_FALSE(sink.put(database, owner, "absent", "s", lines, from_epoch_ms(0)));
    });
}

}  // namespace rockwatch::logs
