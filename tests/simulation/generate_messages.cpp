#include <fmt/format.h>

#include "generator.hpp"
#include "topics_model.hpp"

namespace rockwatch::simulation {

namespace {

std::string url_of(std::size_t who, const std::string& queue) {
    return fmt::format("http://127.0.0.1:4566/{}/{}", owner_at(who).account, queue);
}

std::string queue_arn(std::size_t who, const std::string& queue) {
    return fmt::format("arn:aws:sqs:{}:{}:{}", owner_at(who).region, owner_at(who).account, queue);
}

/// The same each time, so that making a queue again changes nothing.
Json attributes_of(std::size_t who, const std::string& queue) {
    if (queue == "q0") return {{"VisibilityTimeout", "5"}};
    if (queue == "q1") {
        return {{"VisibilityTimeout", "0"},
                {"RedrivePolicy",
                 to_text(Json{{"deadLetterTargetArn", queue_arn(who, "dead")}, {"maxReceiveCount", 2}})}};
    }
    if (queue == "q2") return {{"DelaySeconds", "10"}, {"MessageRetentionPeriod", "60"}};
    return Json::object();
}

/// Mostly one of the newest.
std::int64_t handle_number(Luck& luck) {
    return luck.percent(70) ? -1 - static_cast<std::int64_t>(luck.below(3))
                            : static_cast<std::int64_t>(luck.below(50));
}

}  // namespace

void CallMaker::create_queue(const std::string& queue) {
    Json attributes = attributes_of(who, queue);
    if (luck.percent(5)) attributes["VisibilityTimeout"] = "77";
    add("sqs", "CreateQueue", {{"QueueName", queue}, {"Attributes", attributes}});
}

void CallMaker::queues() {
    const std::string queue = luck.one_of<std::string>({"q0", "q0", "q0", "q1", "q1", "q2", "dead"});
    const std::uint64_t draw = luck.below(100);
    Json input{{"QueueUrl", url_of(who, queue)}};
    if (draw < 10) {
        create_queue(queue);
    } else if (draw < 35) {
        input["MessageBody"] = luck.name("body ", 1000);
        if (luck.percent(15)) input["DelaySeconds"] = luck.one_of({0, 1, 30, 901});
        add("sqs", "SendMessage", std::move(input));
    } else if (draw < 42) {
        for (std::uint64_t entry = 0; entry <= luck.below(4); ++entry)
            input["Entries"].push_back(
                {{"Id", fmt::format("e{}", entry)}, {"MessageBody", luck.name("b", 99)}});
        add("sqs", "SendMessageBatch", std::move(input));
    } else if (draw < 67) {
        input["MaxNumberOfMessages"] = luck.percent(3) ? 11 : 1 + luck.below(10);
        if (luck.percent(30)) input["VisibilityTimeout"] = luck.one_of({0, 1, 60, 600});
        add("sqs", "ReceiveMessage", input);
        Json newest{{"QueueUrl", input["QueueUrl"]}, {"ReceiptHandle", {{"$handle", -1}}}};
        const bool deletes = luck.percent(50);
        if (!deletes) newest["VisibilityTimeout"] = luck.one_of({0, 20, 300});
        if (deletes || luck.percent(60))
            add("sqs", deletes ? "DeleteMessage" : "ChangeMessageVisibility", std::move(newest));
    } else if (draw < 82) {
        input["ReceiptHandle"] = {{"$handle", handle_number(luck)}};
        add("sqs", "DeleteMessage", std::move(input));
    } else if (draw < 90) {
        input["ReceiptHandle"] = {{"$handle", handle_number(luck)}};
        input["VisibilityTimeout"] = luck.one_of({0, 5, 300});
        add("sqs", "ChangeMessageVisibility", std::move(input));
    } else if (draw < 94) {
        add("sqs", "PurgeQueue", std::move(input));
    } else if (draw < 97) {
        add("sqs", "DeleteQueue", std::move(input));
    } else {
        input["Attributes"] = {{"VisibilityTimeout", luck.one_of({"5", "30", "0"})}};
        add("sqs", "SetQueueAttributes", std::move(input));
    }
}

void CallMaker::subscribe(const std::string& topic) {
    Json input{{"TopicArn", topic_arn(who, topic)}, {"ReturnSubscriptionArn", true}};
    if (luck.percent(50)) {
        input["Protocol"] = "sqs";
        input["Endpoint"] = queue_arn(who, luck.one_of<std::string>({"q0", "q1", "gone"}));
        if (luck.percent(30)) input["Attributes"]["RawMessageDelivery"] = "true";
    } else {
        input["Protocol"] = "http";
        input["Endpoint"] =
            fmt::format("http://127.0.0.1:9/{}/{}/{}", who, topic,
                        luck.one_of<std::string>({"ok", "ok", "e500", "e404", "silent", "refused", "flaky"}));
    }
    if (luck.percent(30))
        input["Attributes"]["FilterPolicy"] = fmt::format(R"({{"kind":["{}"]}})", luck.one_of({"a", "b"}));
    add("sns", "Subscribe", std::move(input));
}

void CallMaker::topics() {
    const std::string topic = luck.percent(75) ? "t0" : "t1";
    const std::uint64_t draw = luck.below(100);
    if (draw < 12) {
        add("sns", "CreateTopic", {{"Name", luck.percent(4) ? "no topic" : topic}});
    } else if (draw < 40) {
        subscribe(topic);
    } else if (draw < 46) {
        add("sns", "Unsubscribe", {{"SubscriptionArn", {{"$subscription", luck.below(20)}}}});
    } else if (draw < 50) {
        add("sns", "DeleteTopic", {{"TopicArn", topic_arn(who, topic)}});
    } else {
        Json input{{"TopicArn", topic_arn(who, topic)}, {"Message", luck.name("news ", 1000)}};
        if (luck.percent(3)) input["Message"] = "";
        if (luck.percent(50)) {
            input["MessageAttributes"]["kind"] = {{"DataType", "String"},
                                                  {"StringValue", luck.one_of({"a", "b", "c"})}};
        }
        add("sns", "Publish", std::move(input));
    }
}

void CallMaker::roles() {
    const std::string role = luck.name("role", 2);
    const std::uint64_t draw = luck.below(100);
    if (draw < 50) {
        add("iam", "CreateRole",
            {{"RoleName", role},
             {"AssumeRolePolicyDocument",
              R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})"}});
    } else if (draw < 75) {
        add("iam", "DeleteRole", {{"RoleName", role}});
    } else {
        add("sts", "AssumeRole",
            {{"RoleArn", fmt::format("arn:aws:iam::{}:role/{}", owner_at(who).account, role)},
             {"RoleSessionName", "session"}});
    }
}

}  // namespace rockwatch::simulation
