#include <chrono>
#include <filesystem>

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

WorldOptions on_disk(const TemporaryDirectory& directory) {
    WorldOptions options;
    options.storage = {.path = (directory.path / "world.db").string(), .writer_thread = false};
    return options;
}

}  // namespace

TEST_CASE("rules, the clock and every service's state survive a restart", "[restart]") {
    const TemporaryDirectory directory;
    {
        TestWorld world("2026-01-01T00:00:00Z", on_disk(directory));
        world.world.rules().add({{"id", "kept"}, {"latency", 5}});
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
    const auto call = [&](const char* service, const char* operation, const Json& input = Json::object()) {
        return again.gateway().call(service, operation, again.default_caller(), input);
    };
    CHECK(call("logs", "DescribeLogGroups").at("logGroups").size() == 1);
    CHECK(call("cloudwatch", "ListMetrics").at("Metrics").size() >= 1);
    CHECK(call("sns", "ListTopics").at("Topics").size() == 1);
    CHECK(call("sqs", "GetQueueUrl", {{"QueueName", "q"}}).contains("QueueUrl"));
    CHECK(call("iam", "GetRole", {{"RoleName", "r"}}).at("Role").at("RoleName") == "r");
    CHECK(call("bedrock", "GetModelInvocationLoggingConfiguration").contains("loggingConfig"));
}

TEST_CASE("ids of a start are none of an earlier start's, and a full reset begins anew", "[restart]") {
    const TemporaryDirectory directory;
    const auto send = [](TestWorld& world) {
        return world
            .call("sqs", "SendMessage",
                  {{"QueueUrl", "http://127.0.0.1:4566/000000000000/q"}, {"MessageBody", "x"}})
            .at("MessageId")
            .get<std::string>();
    };
    std::string first;
    {
        TestWorld world("2026-01-01T00:00:00Z", on_disk(directory));
        world.call("sqs", "CreateQueue", {{"QueueName", "q"}});
        first = send(world);
    }
    TestWorld again("2026-01-01T00:00:00Z", on_disk(directory));
    CHECK(send(again) != first);
    again.world.reset({});
    again.call("sqs", "CreateQueue", {{"QueueName", "q"}});
    CHECK(send(again) == first);
}
