#include <chrono>

#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;
using namespace std::chrono_literals;

namespace {

constexpr const char* model = "amazon.titan-text-express-v1";

Json logging_to(const std::string& group) {
    return {{"loggingConfig",
             {{"cloudWatchConfig",
               {{"logGroupName", group}, {"roleArn", "arn:aws:iam::000000000000:role/BedrockLogging"}}}}}};
}

Json converse(const std::string& text) {
    return {{"modelId", model},
            {"messages", Json::array({{{"role", "user"}, {"content", Json::array({{{"text", text}}})}}})},
            {"inferenceConfig", {{"maxTokens", 64}}}};
}

Json latency_alarm(const std::string& topic) {
    return {{"AlarmName", "slow-model"},
            {"Namespace", "AWS/Bedrock"},
            {"MetricName", "InvocationLatency"},
            {"Dimensions", Json::array({{{"Name", "ModelId"}, {"Value", model}}})},
            {"Statistic", "Average"},
            {"Period", 300},
            {"EvaluationPeriods", 3},
            {"Threshold", 3000.0},
            {"ComparisonOperator", "GreaterThanThreshold"},
            {"AlarmActions", Json::array({topic})},
            {"OKActions", Json::array({topic})}};
}

/// One call each minute.
void converse_for(TestWorld& world, int minutes) {
    for (int minute = 0; minute < minutes; ++minute) {
        world.call("bedrock-runtime", "Converse", converse("Hello"));
        world.advance(1min);
    }
}

}  // namespace

TEST_CASE("a logged invocation leaves its record in the group's stream, behind the probe", "[chain]") {
    TestWorld world;
    CHECK_THROWS_WITH(
        world.call("bedrock", "PutModelInvocationLoggingConfiguration", logging_to("bedrock")),
        ContainsSubstring(
            "Failed to validate permissions for log group: bedrock, with role: "
            "arn:aws:iam::000000000000:role/BedrockLogging. Verify the IAM role permissions are "
            "correct.") &&
            ContainsSubstring("The specified log group does not exist."));
    world.call("logs", "CreateLogGroup", {{"logGroupName", "bedrock"}});
    world.call("bedrock", "PutModelInvocationLoggingConfiguration", logging_to("bedrock"));
    world.world.rules().add({{"id", "slow"}, {"match", Json::object()}, {"latency", 4038}});
    const Json answer = world.call("bedrock-runtime", "Converse", converse("What is CloudWatch?"));
    CHECK(answer.at("metrics").at("latencyMs") == 4038);

    const Json events = world
                            .call("logs", "GetLogEvents",
                                  {{"logGroupName", "bedrock"},
                                   {"logStreamName", "aws/bedrock/modelinvocations"},
                                   {"startFromHead", true}})
                            .at("events");
    REQUIRE(events.size() == 2);
    CHECK(events[0].at("message") == "Permissions are correctly set for Amazon Bedrock logs.");
    const Json record = Json::parse(events[1].at("message").get<std::string>());
    CHECK(record.at("modelId") == model);
    CHECK(record.at("operation") == "Converse");
    CHECK(record.at("input").at("inputBodyJson").at("messages")[0].at("content")[0].at("text") ==
          "What is CloudWatch?");
    CHECK(record.at("input").at("inputBodyJson").at("inferenceConfig").at("maxTokens") == 64);
    Json logged_answer = answer;
    logged_answer.at("usage").erase("serverToolUsage");  // on the wire alone
    CHECK(record.at("output").at("outputBodyJson") == logged_answer);
    CHECK(record.at("input").at("inputTokenCount") == answer.at("usage").at("inputTokens"));
    CHECK(record.at("identity").at("arn") == "arn:aws:iam::000000000000:root");
}

TEST_CASE("a latency spike raises the alarm, reaches queue and webhook, and passes again", "[chain]") {
    TestWorld world;
    const std::string topic = world.call("sns", "CreateTopic", {{"Name", "oncall"}}).at("TopicArn");
    const Json queue = world.call("sqs", "CreateQueue", {{"QueueName", "oncall"}});
    world.call("sns", "Subscribe",
               {{"TopicArn", topic},
                {"Protocol", "sqs"},
                {"Endpoint", "arn:aws:sqs:us-east-1:000000000000:oncall"}});
    world.call("sns", "Subscribe",
               {{"TopicArn", topic}, {"Protocol", "http"}, {"Endpoint", "http://127.0.0.1:9/hook"}});
    world.call("cloudwatch", "PutMetricAlarm", latency_alarm(topic));

    converse_for(world, 16);
    CHECK(world.alarm_state("slow-model") == "OK");

    world.world.rules().add({{"id", "spike"}, {"match", {{"modelId", "amazon.titan-*"}}}, {"latency", 8000}});
    converse_for(world, 16);
    CHECK(world.alarm_state("slow-model") == "ALARM");

    world.world.rules().remove("spike");
    converse_for(world, 16);
    CHECK(world.alarm_state("slow-model") == "OK");

    std::vector<std::string> queued;
    for (int receive = 0; receive < 10; ++receive) {
        const Json received = world.call("sqs", "ReceiveMessage",
                                         {{"QueueUrl", queue.at("QueueUrl")}, {"MaxNumberOfMessages", 10}});
        if (!received.contains("Messages")) break;
        for (const Json& message : received.at("Messages")) {
            const Json envelope = Json::parse(message.at("Body").get<std::string>());
            queued.push_back(Json::parse(envelope.at("Message").get<std::string>()).at("NewStateValue"));
        }
    }
    CHECK(queued == std::vector<std::string>{"OK", "ALARM", "OK"});

    std::vector<std::string> hooked;
    for (const auto& post : world.sender.sent) {
        const Json envelope = Json::parse(post.body);
        if (envelope.at("Type") != "Notification") continue;
        hooked.push_back(Json::parse(envelope.at("Message").get<std::string>()).at("NewStateValue"));
    }
    CHECK(hooked == std::vector<std::string>{"OK", "ALARM", "OK"});
}

TEST_CASE("an advance counts what it sent to queues and webhooks, and what nobody takes",
          "[chain][deliveries]") {
    TestWorld world;
    const std::string topic = world.call("sns", "CreateTopic", {{"Name", "oncall"}}).at("TopicArn");
    const std::string silent = world.call("sns", "CreateTopic", {{"Name", "silent"}}).at("TopicArn");
    const std::string missing = "arn:aws:sns:us-east-1:000000000000:missing";
    world.call("sqs", "CreateQueue", {{"QueueName", "q"}});
    world.call(
        "sns", "Subscribe",
        {{"TopicArn", topic}, {"Protocol", "sqs"}, {"Endpoint", "arn:aws:sqs:us-east-1:000000000000:q"}});
    world.call("sns", "Subscribe",
               {{"TopicArn", topic}, {"Protocol", "http"}, {"Endpoint", "http://127.0.0.1:9/hook"}});
    world.advance(1s);  // the webhook's own message
    Json alarm = latency_alarm(topic);
    alarm["TreatMissingData"] = "notBreaching";
    alarm["OKActions"] = {topic, silent, missing};
    world.call("cloudwatch", "PutMetricAlarm", alarm);
    CHECK(world.advance(1min).deliveries == 4);
    CHECK(world.advance(1min).deliveries == 0);

    const Json kept = world.world.outbox().list(*world.world.storage().read(), {.target = "*:missing"});
    REQUIRE(kept.at("deliveries").size() == 1);
    CHECK(kept.at("deliveries")[0].at("status") == "captured");
    CHECK(kept.at("deliveries")[0].at("error") == "Topic does not exist");
}

TEST_CASE("an alarm's actions beside topics are captured, or posted where their ARN leads",
          "[chain][deliveries]") {
    const std::string function = "arn:aws:lambda:us-east-1:000000000000:function:";
    const std::string policy = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:p";
    WorldOptions options;
    options.destinations = {{.arn = "arn:aws:lambda:*:function:page", .url = "http://127.0.0.1:9/page"}};
    TestWorld world("2026-01-01T00:00:00Z", std::move(options));
    Json alarm = latency_alarm(policy);
    alarm["TreatMissingData"] = "notBreaching";
    alarm["OKActions"] = {function + "page", function + "log", policy};
    world.call("cloudwatch", "PutMetricAlarm", alarm);
    CHECK(world.advance(1min).deliveries == 3);

    REQUIRE(world.sender.sent.size() == 1);
    CHECK(world.sender.sent[0].url == "http://127.0.0.1:9/page");
    CHECK(world.sender.sent[0].headers.get("Content-Type") == "application/json");
    CHECK(Json::parse(world.sender.sent[0].body).at("alarmData").at("state").at("value") == "OK");
    const Json found = world.world.outbox().list(*world.world.storage().read(), {.source = "alarm"});
    std::vector<std::string> told;
    for (const Json& delivery : found.at("deliveries")) {
        told.push_back(delivery.at("protocol").get<std::string>() + " " +
                       delivery.at("status").get<std::string>());
    }
    CHECK(told == std::vector<std::string>{"lambda delivered", "lambda captured", "autoscaling captured"});
    CHECK(found.at("deliveries")[2].at("payload").at("AlarmName") == "slow-model");
}

TEST_CASE("invocations move the AWS/Bedrock metrics by model and across all models", "[chain]") {
    TestWorld world("2026-01-01T00:00:30Z");
    world.world.rules().add(
        {{"latency", 250},
         {"respond", {{"text", "Hi"}, {"usage", {{"inputTokens", 3}, {"outputTokens", 2}}}}}});
    world.call("bedrock-runtime", "Converse", converse("Hello"));
    world.call("bedrock-runtime", "Converse", converse("Hello again"));
    world.advance(1min);

    const auto sum = [&](const char* metric, const Json& dimensions) {
        const Json points = world
                                .call("cloudwatch", "GetMetricStatistics",
                                      {{"Namespace", "AWS/Bedrock"},
                                       {"MetricName", metric},
                                       {"Dimensions", dimensions},
                                       {"StartTime", 1'767'225'600'000},
                                       {"EndTime", 1'767'225'900'000},
                                       {"Period", 300},
                                       {"Statistics", Json::array({"Sum"})}})
                                .at("Datapoints");
        REQUIRE(points.size() == 1);
        return points[0].at("Sum").get<double>();
    };
    const Json by_model = Json::array({{{"Name", "ModelId"}, {"Value", model}}});
    for (const Json& dimensions : {by_model, Json::array()}) {
        CHECK(sum("Invocations", dimensions) == 2);
        CHECK(sum("InvocationLatency", dimensions) == 500);
        CHECK(sum("InputTokenCount", dimensions) == 6);
        CHECK(sum("OutputTokenCount", dimensions) == 4);
    }
}

TEST_CASE("the same seed and the same calls give the same answers, byte for byte", "[chain][determinism]") {
    const auto run = [] {
        TestWorld world;
        std::string told;
        for (const char* prompt : {"one", "two", "three"}) {
            told += world.call("bedrock-runtime", "Converse", converse(prompt)).dump();
            told += world.call("bedrock-runtime", "ConverseStream", converse(prompt)).dump();
        }
        world.call("sqs", "CreateQueue", {{"QueueName", "q"}});
        told += world
                    .call("sqs", "SendMessage",
                          {{"QueueUrl", "http://127.0.0.1:4566/000000000000/q"}, {"MessageBody", "x"}})
                    .dump();
        return told + world.world.journal().list({}).dump();
    };
    CHECK(run() == run());
}
