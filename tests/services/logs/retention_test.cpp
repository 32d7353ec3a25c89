#include "services/logs/retention.hpp"

#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

constexpr std::int64_t day_ms = 86'400'000;

std::int64_t stored_events(LogsBench& bench) {
    const auto lease = bench.storage().read();
    Rows rows = (*lease).query("SELECT count(*) FROM log_event");
    rows.step();
    return rows.integer(0);
}

}  // namespace

TEST_CASE("a log group takes only the retention periods that CloudWatch Logs offers", "[logs][retention]") {
    struct Row {
        int days;
        bool allowed;
    };
    const auto row = GENERATE(values<Row>({{-1, false},
                                           {0, false},
                                           {1, true},
                                           {2, false},
                                           {3, true},
                                           {365, true},
                                           {366, false},
                                           {3653, true},
                                           {3654, false}}));
    CAPTURE(row.days);
    CHECK(is_allowed_retention(row.days) == row.allowed);
}

TEST_CASE("a period that is not offered is refused with the list of those that are", "[logs][retention]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    bench.check_refusal(
        "PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 2}}, "InvalidParameterException",
        "1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: "
        "Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, "
        "545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]");
    bench.check_refusal("PutRetentionPolicy", {{"logGroupName", "absent"}, {"retentionInDays", 1}},
                        "ResourceNotFoundException", "The specified log group does not exist.");
    bench.check_refusal("DeleteRetentionPolicy", {{"logGroupName", "absent"}}, "ResourceNotFoundException",
                        "The specified log group does not exist.");
}

TEST_CASE("a retention is read back until it is deleted, and deleting it twice is fine",
          "[logs][retention]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 7}});
    CHECK(bench.call("DescribeLogGroups", Json::object())["logGroups"][0]["retentionInDays"] == 7);
    bench.call("DeleteRetentionPolicy", {{"logGroupName", "g"}});
    bench.call("DeleteRetentionPolicy", {{"logGroupName", "g"}});
    CHECK_FALSE(bench.call("DescribeLogGroups", Json::object())["logGroups"][0].contains("retentionInDays"));
}

TEST_CASE("events past the retention are hidden from the first millisecond on", "[logs][retention]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 1}});
    bench.put("g", "s", "old", day_ms - 1);
    bench.put("g", "s", "new", day_ms - 2);
    bench.advance(Milliseconds{1});
    CHECK(messages_of(bench.call("FilterLogEvents", {{"logGroupName", "g"}})) ==
          std::vector<std::string>{"old", "new"});
    bench.advance(Milliseconds{1});
    CHECK(messages_of(bench.call("FilterLogEvents", {{"logGroupName", "g"}})) ==
          std::vector<std::string>{"new"});
    CHECK(messages_of(bench.call("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}})) ==
          std::vector<std::string>{"new"});
    CHECK(stored_events(bench) == 2);  // the sweep comes on the full hour
}

TEST_CASE("the sweep removes expired events within the hour and counts their bytes off",
          "[logs][retention]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.make_stream("kept", "s");
    bench.put("g", "s", "old", day_ms / 2);
    bench.put("g", "s", "new");
    bench.put("kept", "s", "no retention here", day_ms / 2);
    bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 1}});
    CHECK(bench.call("DescribeLogGroups", {{"logGroupNamePrefix", "g"}})["logGroups"][0]["storedBytes"] ==
          58);

    bench.advance(std::chrono::hours{12});
    CHECK(stored_events(bench) == 3);
    bench.advance(std::chrono::hours{1});
    CHECK(stored_events(bench) == 2);
    CHECK(bench.call("DescribeLogGroups", {{"logGroupNamePrefix", "g"}})["logGroups"][0]["storedBytes"] ==
          29);

    bench.advance(std::chrono::hours{24 * 400});
    CHECK(stored_events(bench) == 1);
    CHECK(messages_of(bench.call("FilterLogEvents", {{"logGroupName", "kept"}})).size() == 1);
}

TEST_CASE("sweeps stay on the agenda while a group has a retention, and no longer", "[logs][retention]") {
    LogsBench bench;
    CHECK_FALSE(bench.agenda().next_due());
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    CHECK_FALSE(bench.agenda().next_due());
    bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 1}});
    bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 3}});
    REQUIRE(bench.agenda().next_due());
    CHECK(iso_ms(*bench.agenda().next_due()) == "2026-01-01T01:00:00.000Z");

    bench.agenda().clear();  // as a world does when its clock was set
    bench.service().start();
    CHECK(bench.agenda().next_due());

    bench.call("DeleteRetentionPolicy", {{"logGroupName", "g"}});
    bench.advance(std::chrono::hours{2});
    CHECK_FALSE(bench.agenda().next_due());
    bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 1}});
    CHECK(bench.agenda().next_due());
}

TEST_CASE("a group of class DELIVERY keeps its events for one day, whatever anybody asks",
          "[logs][retention]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "d"}, {"logGroupClass", "DELIVERY"}});
    CHECK(bench.call("DescribeLogGroups", Json::object())["logGroups"][0]["retentionInDays"] == 1);
    CHECK(bench.agenda().next_due());
    const std::string message =
        "The log group d is of log-group-class DELIVERY, whose retention of one day can't be changed.";
    bench.check_refusal("PutRetentionPolicy", {{"logGroupName", "d"}, {"retentionInDays", 7}},
                        "InvalidParameterException", message);
    bench.check_refusal("DeleteRetentionPolicy", {{"logGroupName", "d"}}, "InvalidParameterException",
                        message);
}

}  // namespace rockwatch::logs
