// Invocation logging after something changed that PutModelInvocationLoggingConfiguration had found in order.

#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;

namespace {

constexpr const char* role = "bedrock-logs";
constexpr const char* trust_nobody =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* trust_bedrock =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"bedrock.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* allow_logs =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})";

/// Invocations are logged to the group `bedrock`, with a role that may do so.
class LoggedWorld : public TestWorld {
public:
    explicit LoggedWorld(WorldOptions options = {}) : TestWorld("2026-01-01T00:00:30Z", std::move(options)) {
        call("logs", "CreateLogGroup", {{"logGroupName", "bedrock"}});
        call("iam", "CreateRole", {{"RoleName", role}, {"AssumeRolePolicyDocument", trust_bedrock}});
        allow();
        call("bedrock", "PutModelInvocationLoggingConfiguration",
             {{"loggingConfig",
               {{"cloudWatchConfig",
                 {{"logGroupName", "bedrock"},
                  {"roleArn", "arn:aws:iam::000000000000:role/bedrock-logs"}}}}}});
    }

    void allow() {
        call("iam", "PutRolePolicy",
             {{"RoleName", role}, {"PolicyName", "write"}, {"PolicyDocument", allow_logs}});
    }
    void forbid() { call("iam", "DeleteRolePolicy", {{"RoleName", role}, {"PolicyName", "write"}}); }
    void trust(const char* document) {
        call("iam", "UpdateAssumeRolePolicy", {{"RoleName", role}, {"PolicyDocument", document}});
    }

    /// One invocation; how many records there are then, and what the two metrics have counted.
    struct Counts {
        std::size_t records;
        double succeeded, failed;
        bool operator==(const Counts&) const = default;
    };
    Counts invoke() {
        call("bedrock-runtime", "Converse",
             {{"modelId", "amazon.nova-lite-v1:0"},
              {"messages", Json::array({{{"role", "user"}, {"content", Json::array({{{"text", "hi"}}})}}})}});
        const Json events = call("logs", "FilterLogEvents",
                                 {{"logGroupName", "bedrock"}, {"filterPattern", "ModelInvocationLog"}});
        return {events.at("events").size(), sum("Success"), sum("Failure")};
    }

private:
    double sum(const std::string& outcome) {
        constexpr std::int64_t start = 1'767'225'600'000;
        const Json points = call("cloudwatch", "GetMetricStatistics",
                                 {{"Namespace", "AWS/Bedrock"},
                                  {"MetricName", "ModelInvocationLogsCloudWatchDelivery" + outcome},
                                  {"StartTime", start},
                                  {"EndTime", start + 60'000},
                                  {"Period", 60},
                                  {"Statistics", Json::array({"Sum"})}})
                                .at("Datapoints");
        return points.empty() ? 0 : points[0].at("Sum").get<double>();
    }
};

using Counts = LoggedWorld::Counts;

}  // namespace

TEST_CASE("a role that loses its policy loses the records, until it has it again", "[chain][logging]") {
    LoggedWorld world;
    CHECK(world.invoke() == Counts{1, 1, 0});
    world.forbid();
    CHECK(world.invoke() == Counts{1, 1, 1});
    CHECK(world.invoke() == Counts{1, 1, 2});
    world.allow();
    CHECK(world.invoke() == Counts{2, 2, 2});
}

TEST_CASE("a role that trusts Bedrock no longer loses the records", "[chain][logging]") {
    LoggedWorld world;
    world.trust(trust_nobody);
    CHECK(world.invoke() == Counts{0, 0, 1});
    world.trust(trust_bedrock);
    CHECK(world.invoke() == Counts{1, 1, 1});
}

TEST_CASE("a role that is deleted loses the records in strict mode and is accepted in lenient mode",
          "[chain][logging]") {
    const auto mode = GENERATE(IamMode::strict, IamMode::lenient);
    WorldOptions options;
    options.iam = mode;
    LoggedWorld world(std::move(options));
    world.forbid();
    world.call("iam", "DeleteRole", {{"RoleName", role}});
    CHECK(world.invoke() == (mode == IamMode::strict ? Counts{0, 0, 1} : Counts{1, 1, 0}));
}

TEST_CASE("a log group that is deleted loses the records", "[chain][logging]") {
    LoggedWorld world;
    world.call("logs", "DeleteLogGroup", {{"logGroupName", "bedrock"}});
    world.call(
        "bedrock-runtime", "Converse",
        {{"modelId", "amazon.nova-lite-v1:0"},
         {"messages", Json::array({{{"role", "user"}, {"content", Json::array({{{"text", "hi"}}})}}})}});
    world.call("logs", "CreateLogGroup", {{"logGroupName", "bedrock"}});
    CHECK(world.invoke() == Counts{1, 1, 1});
}
