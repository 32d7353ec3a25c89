// A database of every older version opens, and tells the same story. tests/cases/schemas/<n>.sql are such
// databases as text, landed.json has the hash of each migration's text that has landed.
//
// Whoever adds a migration adds its hash (the test says which), and a database with it:
// tests/sdk/make_schema.py makes one. A new table needs a row there, and a question below.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "core/text_time.hpp"
#include "deliveries/outbox.hpp"
#include "rules/rule_book.hpp"
#include "services/bedrock/logging_store.hpp"
#include "services/cloudwatch/service.hpp"
#include "services/iam/policy_store.hpp"
#include "services/logs/service.hpp"
#include "services/sns/service.hpp"
#include "services/sqs/service.hpp"
#include "services/sts/session_store.hpp"
#include "storage/scratch.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"
#include "world/clock_store.hpp"
#include "world/start_count.hpp"

using namespace rockwatch;
namespace fs = std::filesystem;

namespace {

using Step = std::pair<std::string, int>;  // an owner and a number

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

fs::path folder() { return fs::path(ROCKWATCH_SOURCE_DIR) / "tests" / "cases" / "schemas"; }

std::vector<fs::path> examples() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder())) {
        if (entry.path().extension() == ".sql") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

void restore(const fs::path& example, const std::string& file) {
    Database database(file, Database::Mode::writer);
    database.execute("PRAGMA application_id = 0x524f434b");
    database.execute(read_file(example));
}

std::set<Step> steps_in(Database& database) {
    std::set<Step> steps;
    Rows rows = database.query("SELECT owner, number FROM schema_version");
    while (rows.step()) steps.emplace(rows.text(0), static_cast<int>(rows.integer(1)));
    return steps;
}

std::vector<std::string> empty_tables(Database& database) {
    std::vector<std::string> tables;
    {
        Rows rows = database.query("SELECT name FROM sqlite_schema WHERE type = 'table'");
        while (rows.step()) tables.push_back(rows.text(0));
    }
    std::vector<std::string> empty;
    for (const auto& table : tables) {
        Rows rows = database.query("SELECT 1 FROM \"" + table + "\" LIMIT 1");
        if (!rows.step()) empty.push_back(table);
    }
    return empty;
}

WorldOptions on(const std::string& file) {
    WorldOptions options;
    options.storage = {.path = file, .writer_thread = false};
    return options;
}

/// What every example tells: a question to a service, and a place in its answer.
struct Question {
    const char* service;
    const char* operation;
    Json input;
    const char* pointer;
    Json answer;
};

std::vector<Question> story() {
    const std::string topic = "arn:aws:sns:us-east-1:000000000000:topic";
    const std::string queue = "http://127.0.0.1:4566/000000000000/queue";
    const Json events = {{"logGroupName", "group"}, {"logStreamName", "stream"}, {"startFromHead", true}};
    const auto statistics = [](const char* name, const Json& dimensions) {
        return Json{{"Namespace", "N"},           {"MetricName", name},       {"Dimensions", dimensions},
                    {"StartTime", 1767225600000}, {"EndTime", 1767225660000}, {"Period", 60},
                    {"Statistics", {"Sum"}}};
    };
    return {
        {"logs", "DescribeLogGroups", Json::object(), "/logGroups/0/retentionInDays", 30},
        {"logs", "ListTagsLogGroup", {{"logGroupName", "group"}}, "/tags/team", "a"},
        {"logs", "GetLogEvents", events, "/events/0/message", "first"},
        {"logs", "GetLogEvents", events, "/events/1/message", "second \u00e9"},
        {"cloudwatch", "GetMetricStatistics", statistics("m", {{{"Name", "a"}, {"Value", "b"}}}),
         "/Datapoints/0/Sum", 4},
        {"cloudwatch", "GetMetricStatistics", statistics("sums", Json::array()), "/Datapoints/0/Sum", 10},
        {"cloudwatch", "DescribeAlarms", Json::object(), "/MetricAlarms/0/StateValue", "ALARM"},
        {"cloudwatch",
         "DescribeAlarmHistory",
         {{"AlarmName", "alarm"}},
         "/AlarmHistoryItems/0/AlarmName",
         "alarm"},
        {"cloudwatch", "GetDashboard", {{"DashboardName", "main"}}, "/DashboardBody", R"({"widgets":[]})"},
        {"cloudwatch",
         "ListTagsForResource",
         {{"ResourceARN", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:alarm"}},
         "/Tags/0/Value",
         "v"},
        {"sns", "ListTopics", Json::object(), "/Topics/0/TopicArn", topic},
        {"sns",
         "ListSubscriptionsByTopic",
         {{"TopicArn", topic}},
         "/Subscriptions/0/Endpoint",
         "http://127.0.0.1:9/hook"},
        {"sqs", "ReceiveMessage", {{"QueueUrl", queue}}, "/Messages/0/Body", "body"},
        {"iam", "GetRole", {{"RoleName", "role"}}, "/Role/RoleName", "role"},
        {"iam", "ListRolePolicies", {{"RoleName", "role"}}, "/PolicyNames/0", "inline"},
        {"iam",
         "ListAttachedRolePolicies",
         {{"RoleName", "role"}},
         "/AttachedPolicies/0/PolicyName",
         "managed"},
        {"iam", "ListRoleTags", {{"RoleName", "role"}}, "/Tags/0/Value", "v"},
        {"bedrock", "GetModelInvocationLoggingConfiguration", Json::object(),
         "/loggingConfig/cloudWatchConfig/logGroupName", "group"},
    };
}

}  // namespace

TEST_CASE("a database of every older version opens and tells the same story", "[migrations]") {
    for (const auto& example : examples()) {
        DYNAMIC_SECTION(example.filename().string()) {
            const Scratch scratch;
            restore(example, scratch.file());
            RecordingSender sender;
            World world(on(scratch.file()), sender);
            Caller caller = world.default_caller();
            for (const auto& question : story()) {
                CAPTURE(question.service, question.operation, question.pointer);
                const Json answer =
                    world.gateway().call(question.service, question.operation, caller, question.input);
                INFO(answer.dump());
                CHECK(answer.value(Json::json_pointer(question.pointer), Json()) == question.answer);
            }
            CHECK(world.rules().list().at(0).at("id") == "kept");
            if (std::stoi(example.filename().string()) >= 3)
                CHECK(world.quotas().list().at(0).at("modelId") == "kept.*");
            CHECK(world.clock().now() == parse_iso("2026-01-01T00:01:00Z"));
            world.advance(world.clock().now() + std::chrono::hours(1));
            CHECK(sender.sent.size() == 1);  // the delivery that was pending
        }
    }
}

TEST_CASE("an older database has a row in every table of its time", "[migrations]") {
    for (const auto& example : examples()) {
        CAPTURE(example.filename().string());
        const Scratch scratch;
        restore(example, scratch.file());
        Database database(scratch.file(), Database::Mode::reader);
        CHECK(empty_tables(database) == std::vector<std::string>{});
    }
}

TEST_CASE("every migration that has landed is as it was, and has a database with it", "[migrations]") {
    const auto landed = parse_json(read_file(folder() / "landed.json")).value();
    std::set<Step> shown;
    for (const auto& example : examples()) {
        const Scratch scratch;
        restore(example, scratch.file());
        Database database(scratch.file(), Database::Mode::reader);
        shown.merge(steps_in(database));
    }
    std::set<Step> ours;
    for (const Migrations& owner : World::migrations()) {
        for (const Migration& step : owner.steps) {
            const std::string key = fmt::format("{} {}", owner.owner, step.number);
            CAPTURE(key);
            ours.emplace(owner.owner, step.number);
            // Another hash: a landed step was edited. None: a new step, its hash belongs into landed.json.
            CHECK(landed.value(key, "none") == fmt::format("{:016x}", text_hash(step.sql)));
            CHECK(shown.count({std::string(owner.owner), step.number}) == 1);
        }
    }
    CHECK(ours.size() == landed.size());  // a landed step was removed otherwise

    const Scratch scratch;
    RecordingSender sender;
    const World world(on(scratch.file()), sender);
    Database database(scratch.file(), Database::Mode::reader);
    for (const auto& step : steps_in(database)) {
        CAPTURE(step.first);
        CHECK(ours.count(step) == 1);  // an owner is missing in known_migrations otherwise
    }
}
