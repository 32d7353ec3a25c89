#include <filesystem>

#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

/// A directory of its own for one test.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "rockwatch-logs-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string file() const { return (path_ / "test.db").string(); }

private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("groups, streams, tags and events outlive the server", "[logs][store]") {
    const Folder folder;
    Json groups;
    Json streams;
    Json events;
    Json token;
    {
        LogsBench bench(folder.file());
        bench.make_stream("g", "s");
        bench.call("PutRetentionPolicy", {{"logGroupName", "g"}, {"retentionInDays", 3}});
        bench.call("AssociateKmsKey",
                   {{"logGroupName", "g"}, {"kmsKeyId", "arn:aws:kms:us-east-1:000000000000:key/k"}});
        bench.call("PutLogGroupDeletionProtection",
                   {{"logGroupIdentifier", "g"}, {"deletionProtectionEnabled", true}});
        bench.call("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"a", "b"}}}});
        bench.put("g", "s", "one", 10);
        bench.put("g", "s", "two");
        groups = bench.call("DescribeLogGroups", Json::object());
        streams = bench.call("DescribeLogStreams", {{"logGroupName", "g"}});
        events = bench.call("FilterLogEvents", {{"logGroupName", "g"}});
        token = bench.call("FilterLogEvents", {{"logGroupName", "g"}, {"limit", 1}})["nextToken"];
    }
    LogsBench bench(folder.file());
    CHECK(bench.call("DescribeLogGroups", Json::object()) == groups);
    CHECK(bench.call("DescribeLogStreams", {{"logGroupName", "g"}}) == streams);
    CHECK(bench.call("FilterLogEvents", {{"logGroupName", "g"}}) == events);
    CHECK(bench.call("ListTagsLogGroup", {{"logGroupName", "g"}})["tags"] == Json{{"a", "b"}});
    CHECK(messages_of(bench.call("FilterLogEvents", {{"logGroupName", "g"}, {"nextToken", token}})) ==
          std::vector<std::string>{"two"});
    CHECK(bench.agenda().next_due());  // the sweep of its retention
}

TEST_CASE("a reset of logs leaves a service as new, ids included", "[logs][store]") {
    LogsBench bench;
    const auto fill = [&] {
        bench.make_stream("g", "s");
        bench.call("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"a", "b"}}}});
        bench.put("g", "s", "m");
        return bench.call("FilterLogEvents", {{"logGroupName", "g"}});
    };
    const Json first = fill();
    CHECK(bench.service().has_data(*bench.storage().read()));
    bench.storage().write([&](Database& database) { bench.service().reset(database); });
    CHECK_FALSE(bench.service().has_data(*bench.storage().read()));
    CHECK(bench.call("DescribeLogGroups", Json::object())["logGroups"].empty());
    CHECK(fill() == first);
}

TEST_CASE("a refused call changes nothing", "[logs][store]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}, {"tags", {{"kept", "1"}}}});
    bench.refusal("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"aws:x", "1"}, {"b", "2"}}}});
    CHECK(bench.call("ListTagsLogGroup", {{"logGroupName", "g"}})["tags"] == Json{{"kept", "1"}});
}

TEST_CASE("the view log_events shows a person what was logged", "[logs][store]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.put("g", "s", "hello", 500);
    const auto lease = bench.storage().read();
    Rows rows = (*lease).query(
        "SELECT account, region, log_group, log_stream, time, ingestion_time, message FROM log_events");
    REQUIRE(rows.step());
    CHECK(rows.text(0) == "000000000000");
    CHECK(rows.text(1) == "us-east-1");
    CHECK(rows.text(2) == "g");
    CHECK(rows.text(3) == "s");
    CHECK(rows.text(4) == "2025-12-31T23:59:59.500Z");
    CHECK(rows.text(5) == "2026-01-01T00:00:00.000Z");
    CHECK(rows.text(6) == "hello");
}

TEST_CASE("the queries over events find their place through an index", "[logs][store]") {
    LogsBench bench;
    const auto lease = bench.storage().read();
    const auto plan = [&](const std::string& column, const std::string& order) {
        Rows rows = (*lease).query(
            "EXPLAIN QUERY PLAN SELECT message FROM log_event WHERE " + column +
            " = 1 AND (timestamp, id) > (1, 1) AND (timestamp, id) < (2, 2) ORDER BY timestamp" + order +
            ", id" + order);
        std::string text;
        while (rows.step()) text += rows.text(3) + "\n";
        return text;
    };
    CHECK(plan("stream_id", "") ==
          "SEARCH log_event USING INDEX log_event_by_stream (stream_id=? AND timestamp>? AND timestamp<?)\n");
    CHECK(plan("stream_id", " DESC").find("TEMP B-TREE") == std::string::npos);
    CHECK(plan("group_id", "").find("log_event_by_group (group_id=?") != std::string::npos);
    CHECK(plan("group_id", "").find("TEMP B-TREE") == std::string::npos);
}

}  // namespace rockwatch::logs
