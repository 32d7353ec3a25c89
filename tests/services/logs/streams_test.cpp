#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

std::vector<std::string> walk(LogsBench& bench, Json input, int limit) {
    std::vector<std::string> names;
    input["limit"] = limit;
    for (;;) {
        const Json page = bench.call("DescribeLogStreams", input);
        CHECK(page.at("logStreams").size() <= static_cast<std::size_t>(limit));
        for (const Json& stream : page.at("logStreams")) names.push_back(stream.at("logStreamName"));
        if (!page.contains("nextToken")) return names;
        input["nextToken"] = page.at("nextToken");
    }
}

}  // namespace

TEST_CASE("a new stream has no times but its creation", "[logs][streams]") {
    LogsBench bench;
    bench.make_stream("g", "s/1");
    CHECK(bench.call("DescribeLogStreams", {{"logGroupName", "g"}}) ==
          Json{{"logStreams",
                {{{"logStreamName", "s/1"},
                  {"creationTime", bench.now_ms()},
                  {"arn", "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s/1"},
                  {"storedBytes", 0}}}}});
}

TEST_CASE("a stream tells the range of its events and the last ingestion", "[logs][streams]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.put("g", "s", "one", 5000);
    bench.put("g", "s", "two", 9000);
    bench.advance(std::chrono::seconds{1});
    bench.put("g", "s", "three", 3000);
    const Json stream = bench.call("DescribeLogStreams", {{"logGroupName", "g"}})["logStreams"][0];
    CHECK(stream["firstEventTimestamp"] == bench.now_ms() - 10'000);
    CHECK(stream["lastEventTimestamp"] == bench.now_ms() - 3'000);
    CHECK(stream["lastIngestionTime"] == bench.now_ms());
    CHECK(stream["storedBytes"] == 0);
    CHECK(stream["uploadSequenceToken"].get<std::string>().size() == 56);
}

TEST_CASE("streams are refused as AWS refuses them", "[logs][streams]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    const std::string no_group = "The specified log group does not exist.";
    const Json absent_group = {{"logGroupName", "absent"}, {"logStreamName", "s"}};
    bench.check_refusal("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}},
                        "ResourceAlreadyExistsException", "The specified log stream already exists");
    bench.check_refusal("CreateLogStream", absent_group, "ResourceNotFoundException", no_group);
    bench.check_refusal("DeleteLogStream", absent_group, "ResourceNotFoundException", no_group);
    bench.check_refusal("DeleteLogStream", {{"logGroupName", "g"}, {"logStreamName", "absent"}},
                        "ResourceNotFoundException", "The specified log stream does not exist.");
    bench.check_refusal("DescribeLogStreams", {{"logGroupName", "absent"}}, "ResourceNotFoundException",
                        no_group);
    bench.check_refusal("DescribeLogStreams", {{"logGroupName", "g"}, {"logGroupIdentifier", "g"}},
                        "ValidationException",
                        "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
    bench.check_refusal("DescribeLogStreams", Json::object(), "InvalidParameterException",
                        "Either logGroupName or logGroupIdentifier must be given.");
    bench.check_refusal("DescribeLogStreams",
                        {{"logGroupName", "g"}, {"orderBy", "LastEventTime"}, {"logStreamNamePrefix", "s"}},
                        "InvalidParameterException",
                        "Cannot order by LastEventTime with a logStreamNamePrefix.");
    bench.check_refusal("DescribeLogStreams", {{"logGroupName", "g"}, {"nextToken", "x"}},
                        "InvalidParameterException", "The specified nextToken is invalid.");
}

TEST_CASE("a deleted stream takes its events along and no other's", "[logs][streams]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.make_stream("g", "t");
    bench.put("g", "s", "goes");
    bench.put("g", "t", "stays");
    bench.call("DeleteLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    CHECK(messages_of(bench.call("FilterLogEvents", {{"logGroupName", "g"}})) ==
          std::vector<std::string>{"stays"});
    bench.make_stream("g", "s");
    CHECK(bench.call("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}})["events"].empty());
}

TEST_CASE("event ids are never used again, even when the newest events were deleted", "[logs][streams]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.put("g", "s", "m");
    const Json before = bench.call("FilterLogEvents", {{"logGroupName", "g"}})["events"][0]["eventId"];
    bench.call("DeleteLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    bench.make_stream("g", "s");
    bench.put("g", "s", "m");
    CHECK(bench.call("FilterLogEvents", {{"logGroupName", "g"}})["events"][0]["eventId"] > before);
}

TEST_CASE("streams are listed by name or by last event, both ways, in pages of any size", "[logs][streams]") {
    LogsBench bench;
    for (const char* name : {"a", "ab", "b", "c", "d"}) bench.make_stream("g", name);
    bench.put("g", "c", "m", 3000);
    bench.put("g", "a", "m", 2000);
    bench.put("g", "b", "m", 2000);
    using Names = std::vector<std::string>;
    const int limit = GENERATE(1, 2, 3, 50);
    CAPTURE(limit);
    CHECK(walk(bench, {{"logGroupName", "g"}}, limit) == Names{"a", "ab", "b", "c", "d"});
    CHECK(walk(bench, {{"logGroupName", "g"}, {"descending", true}}, limit) ==
          Names{"d", "c", "b", "ab", "a"});
    CHECK(walk(bench, {{"logGroupName", "g"}, {"logStreamNamePrefix", "a"}}, limit) == Names{"a", "ab"});
    CHECK(walk(bench, {{"logGroupName", "g"}, {"logStreamNamePrefix", "a"}, {"descending", true}}, limit) ==
          Names{"ab", "a"});
    CHECK(walk(bench, {{"logGroupName", "g"}, {"orderBy", "LastEventTime"}}, limit) ==
          Names{"ab", "d", "c", "a", "b"});
    CHECK(walk(bench, {{"logGroupName", "g"}, {"orderBy", "LastEventTime"}, {"descending", true}}, limit) ==
          Names{"b", "a", "c", "d", "ab"});
}

}  // namespace rockwatch::logs
