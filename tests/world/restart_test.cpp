#include <chrono>
#include <filesystem>
#include <set>

#include "core/text_time.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;
using namespace std::chrono_literals;

namespace {

/// A directory that goes with the test.
struct TemporaryDirectory {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("rockwatch-" + std::to_string(getpid()));
    TemporaryDirectory() { std::filesystem::create_directory(path); }
    ~TemporaryDirectory() { std::filesystem::remove_all(path); }
};

WorldOptions on_disk(const TemporaryDirectory& directory, const char* file = "world.db") {
    WorldOptions options;
    options.storage = {.path = (directory.path / file).string(), .writer_thread = false};
    return options;
}

/// What a kill would leave behind at each message that is sent, as <messages so far>.db.
class Photographer : public deliveries::Sender {
public:
    explicit Photographer(std::filesystem::path directory) : directory_(std::move(directory)) {}

    deliveries::SendResult send(const deliveries::OutgoingPost& /*post*/) override {
        const std::string name = std::to_string(sent++) + ".db";
        for (const char* suffix : {"", "-wal"}) {
            std::filesystem::copy_file(directory_ / (std::string("world.db") + suffix),
                                       directory_ / (name + suffix));
        }
        return {.status = 200};
    }

    int sent = 0;

private:
    std::filesystem::path directory_;
};

}  // namespace

TEST_CASE("rules, the clock and every service's state survive a restart", "[restart]") {
    const TemporaryDirectory directory;
    {
        TestWorld world("2026-01-01T00:00:00Z", on_disk(directory));
        world.world.rules().add({{"id", "kept"}, {"latency", 5}});
        world.world.quotas().put(
            {{"quotas", Json::array({{{"requestsPerMinute", 2}}, {{"tokensPerMinute", 9}}})}});
        world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
        world.put_metric("N", "m", 4);
        world.call("sns", "CreateTopic", {{"Name", "t"}});
        world.call("sqs", "CreateQueue", {{"QueueName", "q"}});
        world.call(
            "iam", "CreateRole",
            {{"RoleName", "r"},
             {"AssumeRolePolicyDocument",
              R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"bedrock.amazonaws.com"},"Action":"sts:AssumeRole"}]})"}});
        world.call(
            "iam", "PutRolePolicy",
            {{"RoleName", "r"},
             {"PolicyName", "p"},
             {"PolicyDocument",
              R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]})"}});
        world.call("bedrock", "PutModelInvocationLoggingConfiguration",
                   {{"loggingConfig",
                     {{"cloudWatchConfig",
                       {{"logGroupName", "g"}, {"roleArn", "arn:aws:iam::000000000000:role/r"}}}}}});
        world.advance(90min);
    }
    RecordingSender sender;
    World again(on_disk(directory), sender);
    CHECK(again.clock().mode() == ClockMode::frozen);
    CHECK(again.clock().now() == parse_iso("2026-01-01T01:30:00Z"));
    CHECK(again.rules().list().at(0).at("id") == "kept");
    REQUIRE(again.quotas().list().size() == 2);
    CHECK(again.quotas().list().at(1) == Json{{"tokensPerMinute", 9}});
    CHECK_FALSE(again.quotas().empty());
    const auto call = [&](const char* service, const char* operation, const Json& input = Json::object()) {
        return again.gateway().call(service, operation, again.default_caller(), input);
    };
    CHECK(call("logs", "DescribeLogGroups").at("logGroups").size() == 1);
    CHECK_FALSE(call("cloudwatch", "ListMetrics").at("Metrics").empty());
    CHECK(call("sns", "ListTopics").at("Topics").size() == 1);
    CHECK(call("sqs", "GetQueueUrl", {{"QueueName", "q"}}).contains("QueueUrl"));
    CHECK(call("iam", "GetRole", {{"RoleName", "r"}}).at("Role").at("RoleName") == "r");
    CHECK(call("bedrock", "GetModelInvocationLoggingConfiguration").contains("loggingConfig"));
}

TEST_CASE("a restart gives out no id again", "[restart]") {
    const TemporaryDirectory directory;
    std::set<std::string> ids;
    for (int start = 0; start < 3; ++start) {
        RecordingSender sender;
        World world(on_disk(directory), sender);
        const Caller caller = world.default_caller();
        world.gateway().call("sqs", "CreateQueue", caller, {{"QueueName", "q"}});
        for (int number = 0; number < 3; ++number) {
            const Json sent = world.gateway().call(
                "sqs", "SendMessage", caller,
                {{"QueueUrl", "http://127.0.0.1:4566/000000000000/q"}, {"MessageBody", "x"}});
            ids.insert(sent.at("MessageId").get<std::string>());
        }
    }
    CHECK(ids.size() == 9);
}

TEST_CASE("who is killed inside an advance starts no earlier than what came about in it",
          "[restart][clock]") {
    const TemporaryDirectory directory;
    {
        Photographer sender(directory.path);
        WorldOptions options = on_disk(directory);
        options.clock = ClockStart{.mode = ClockMode::frozen, .now = parse_iso("2026-01-01T00:00:00Z")};
        World world(std::move(options), sender);
        const auto call = [&](const char* service, const char* operation, const Json& input) {
            return world.gateway().call(service, operation, world.default_caller(), input);
        };
        const std::string topic = call("sns", "CreateTopic", {{"Name", "t"}}).at("TopicArn");
        call("sns", "Subscribe",
             {{"TopicArn", topic}, {"Protocol", "http"}, {"Endpoint", "http://127.0.0.1:9/x"}});
        call("cloudwatch", "PutMetricData",
             {{"Namespace", "N"}, {"MetricData", {{{"MetricName", "m"}, {"Value", 50}}}}});
        call("cloudwatch", "PutMetricAlarm",
             {{"AlarmName", "a"},
              {"Namespace", "N"},
              {"MetricName", "m"},
              {"Statistic", "Maximum"},
              {"Period", 60},
              {"EvaluationPeriods", 1},
              {"Threshold", 10.0},
              {"ComparisonOperator", "GreaterThanThreshold"},
              {"AlarmActions", {topic}},
              {"InsufficientDataActions", {topic}}});
        world.advance(Milliseconds{1h});
        // Its subscription's own, that of 00:01 and that of 00:04.
        REQUIRE(sender.sent == 3);
    }
    RecordingSender sender;
    const World killed(on_disk(directory, "2.db"), sender);
    CHECK(killed.clock().now() >= parse_iso("2026-01-01T00:01:00Z"));
}
