#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t day_ms = 24 * hour_ms;

Json batch(LogsBench& bench, std::initializer_list<std::int64_t> offsets) {
    Json events = Json::array();
    for (const std::int64_t offset : offsets) {
        events.push_back(
            {{"timestamp", bench.now_ms() + offset}, {"message", "m" + std::to_string(events.size())}});
    }
    return {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", std::move(events)}};
}

std::vector<std::string> stored(LogsBench& bench) {
    return messages_of(bench.call("FilterLogEvents", {{"logGroupName", "g"}}));
}

}  // namespace

TEST_CASE("events that were put are read back byte for byte", "[logs][put]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    const std::string message = std::string("caf\xC3\xA9\n\t{\"a\":1}") + '\0' + "after\n";
    const Json answer = bench.put("g", "s", message, 500);
    CHECK(answer.size() == 1);
    CHECK(answer["nextSequenceToken"].get<std::string>().size() == 56);
    CHECK(bench.call("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}})["events"] ==
          Json::array({{{"timestamp", bench.now_ms() - 500},
                        {"message", message},
                        {"ingestionTime", bench.now_ms()}}}));
}

TEST_CASE("the group is looked for first, then the stream, then the events are judged", "[logs][put]") {
    LogsBench bench;
    Json input = batch(bench, {10, 5});
    bench.check_refusal("PutLogEvents", input, "ResourceNotFoundException",
                        "The specified log group does not exist.");
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    bench.check_refusal("PutLogEvents", input, "ResourceNotFoundException",
                        "The specified log stream does not exist.");
    bench.call("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    bench.check_refusal("PutLogEvents", input, "InvalidParameterException",
                        "Log events in a single PutLogEvents request must be in chronological order.");
    input["logEvents"][0]["message"] = std::string(1'048'552, 'x');
    bench.check_refusal("PutLogEvents", input, "InvalidParameterException",
                        "Log event too large: 1048578 bytes exceeds limit of 1048576");
    bench.check_refusal(
        "PutLogEvents", batch(bench, {-day_ms - 1, 0}), "InvalidParameterException",
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
    CHECK(stored(bench).empty());
}

TEST_CASE("events outside the allowed ages are named and left out, with success", "[logs][put]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 1}});
    const Json answer =
        bench.call("PutLogEvents", batch(bench, {-16 * day_ms, -15 * day_ms, -2 * day_ms, -36 * hour_ms,
                                                 -2 * hour_ms, -hour_ms, 3 * hour_ms, 4 * hour_ms}));
    CHECK(answer["rejectedLogEventsInfo"] == Json{{"tooOldLogEventEndIndex", 2},
                                                  {"expiredLogEventEndIndex", 4},
                                                  {"tooNewLogEventStartIndex", 6}});
    CHECK(stored(bench) == std::vector<std::string>{"m4", "m5"});
}

TEST_CASE("a batch of which nothing is taken succeeds and leaves the stream untouched", "[logs][put]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    const Json answer = bench.call("PutLogEvents", batch(bench, {-16 * day_ms}));
    CHECK(answer["rejectedLogEventsInfo"] == Json{{"tooOldLogEventEndIndex", 1}});
    CHECK(answer.contains("nextSequenceToken"));
    CHECK_FALSE(bench.call("DescribeLogStreams", {{"logGroupName", "g"}})["logStreams"][0].contains(
        "lastIngestionTime"));
}

TEST_CASE("sequence tokens are ignored and the same batch is stored twice", "[logs][put]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    Json input = batch(bench, {0});
    bench.call("PutLogEvents", input);
    input["sequenceToken"] = "not-a-valid-sequence-token";
    bench.call("PutLogEvents", input);
    CHECK(stored(bench) == std::vector<std::string>{"m0", "m0"});
}

TEST_CASE("events of one time keep their order of arrival", "[logs][put]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.call("PutLogEvents", batch(bench, {-5, -5, -5}));
    bench.put("g", "s", "later", 5);
    bench.put("g", "s", "earlier event, later arrival", 6);
    CHECK(stored(bench) ==
          std::vector<std::string>{"earlier event, later arrival", "m0", "m1", "m2", "later"});
}

TEST_CASE("stored bytes count 26 for each event beside its message", "[logs][put]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.call("PutLogEvents", batch(bench, {0, 0}));
    CHECK(bench.call("DescribeLogGroups", Json::object())["logGroups"][0]["storedBytes"] == 56);
}

TEST_CASE("a wrong entity does not fail the call but is named", "[logs][put]") {
    struct Row {
        Json entity;
        std::string fault;
    };
    const auto row = GENERATE(values<Row>({
        {{{"attributes", {{"a", "b"}}}}, "MissingRequiredFields"},
        {{{"keyAttributes", {{"Name", "n"}, {"Environment", "e"}}}}, "MissingRequiredFields"},
        {{{"keyAttributes", {{"Type", "Service"}, {"Environment", "e"}}}}, "MissingRequiredFields"},
        {{{"keyAttributes", {{"Type", "Animal"}, {"Name", "n"}}}}, "InvalidTypeValue"},
        {{{"keyAttributes", {{"Type", "Service"}, {"Name", "n"}, {"Colour", "red"}}}},
         "InvalidKeyAttributes"},
        {{{"keyAttributes", {{"Type", "Service"}, {"Name", "n"}}}}, ""},
    }));
    CAPTURE(row.entity);
    LogsBench bench;
    bench.make_stream("g", "s");
    Json input = batch(bench, {0});
    input["entity"] = row.entity;
    const Json answer = bench.call("PutLogEvents", input);
    CHECK(stored(bench).size() == 1);
    CHECK(answer.contains("rejectedEntityInfo") == !row.fault.empty());
    if (!row.fault.empty()) CHECK(answer["rejectedEntityInfo"] == Json{{"errorType", row.fault}});

    const auto lease = bench.storage().read();
    Rows rows = (*lease).query("SELECT entity FROM log_stream");
    REQUIRE(rows.step());
    CHECK(rows.is_null(0) == !row.fault.empty());
}

TEST_CASE("who listens hears of the events that were taken, once they are stored", "[logs][put]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.call("PutLogEvents", batch(bench, {0}));
    CHECK(bench.listener.heard.empty());  // nobody listened
    bench.listener.listens = true;
    const std::int64_t fifteen_days = 15LL * 86'400'000;
    bench.call("PutLogEvents", batch(bench, {-fifteen_days, 0}));  // the first one is too old
    REQUIRE(bench.listener.heard.size() == 1);
    const TakenLogs& heard = bench.listener.heard[0];
    CHECK(heard.owner == Owner{"000000000000", "us-east-1"});
    CHECK(heard.group == "g");
    CHECK(heard.stream == "s");
    CHECK(heard.lines.size() == 1);
    CHECK(epoch_ms(heard.lines[0].timestamp) == 1'767'225'600'000);

    Json refused = batch(bench, {0});
    refused["logStreamName"] = "none";
    bench.refusal("PutLogEvents", refused);
    CHECK(bench.listener.heard.size() == 1);
}

}  // namespace rockwatch::logs
