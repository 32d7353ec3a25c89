#include <unistd.h>

#include <filesystem>

#include "queue_room.hpp"

using namespace rockwatch;
using namespace rockwatch::sqs;
using namespace std::chrono_literals;

TEST_CASE("a queue's URL has the host that the caller used", "[sqs]") {
    QueueRoom room;
    room.caller.base_url = "http://emulator:9999";
    CHECK(room.make_queue("orders") == "http://emulator:9999/111122223333/orders");
    CHECK(room.call("GetQueueUrl", {{"QueueName", "orders"}}).at("QueueUrl") ==
          "http://emulator:9999/111122223333/orders");
    CHECK(room.refusal("GetQueueUrl", {{"QueueName", "none"}}) ==
          "QueueDoesNotExist: The specified queue does not exist.");
}

TEST_CASE("a queue is found by its URL's last two parts, whatever the host", "[sqs]") {
    QueueRoom room;
    room.make_queue("orders");
    const auto url = GENERATE(values<std::string>({
        "http://localhost:4566/111122223333/orders",
        "https://sqs.us-east-1.amazonaws.com/111122223333/orders",
        "https://queue.amazonaws.com/111122223333/orders",
        "https://us-east-1.queue.amazonaws.com/111122223333/orders",
        "http://localhost:4566/queue/us-east-1/111122223333/orders",
    }));
    CAPTURE(url);
    CHECK(room.refusal("SendMessage", {{"QueueUrl", url}, {"MessageBody", "x"}}) == "");
}

TEST_CASE("a URL of no queue is refused by what is wrong with it", "[sqs]") {
    QueueRoom room;
    room.make_queue("orders");
    struct Row {
        std::string url;
        std::string refusal;
    };
    const auto row = GENERATE(values<Row>({
        {"http://localhost:4566/111122223333/none", "QueueDoesNotExist: The specified queue does not exist."},
        {"http://localhost:4566/999999999999/orders",
         "QueueDoesNotExist: The specified queue does not exist."},
        {"http://localhost:4566/queue/eu-west-1/111122223333/orders",
         "QueueDoesNotExist: The specified queue does not exist."},
        {"orders", "InvalidAddress: The address orders is not valid for this endpoint."},
        {"http://localhost:4566/orders",
         "InvalidAddress: The address http://localhost:4566/orders is not valid for this endpoint."},
        {"", "InvalidAddress: The address  is not valid for this endpoint."},
    }));
    CAPTURE(row.url);
    CHECK(room.refusal("PurgeQueue", {{"QueueUrl", row.url}}) == row.refusal);
}

TEST_CASE("making a queue again gives the same queue, unless an attribute differs", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders", {{"VisibilityTimeout", "60"}});
    CHECK(room.make_queue("orders") == url);
    CHECK(room.make_queue("orders", {{"VisibilityTimeout", "60"}, {"DelaySeconds", "0"}}) == url);
    CHECK(room.refusal("CreateQueue",
                       {{"QueueName", "orders"}, {"Attributes", {{"VisibilityTimeout", "61"}}}}) ==
          "QueueNameExists: A queue already exists with the same name and a different value for attribute "
          "VisibilityTimeout");
}

TEST_CASE("CreateQueue refuses names and attributes as SQS does", "[sqs]") {
    struct Row {
        std::string name;
        Json attributes;
        std::string refusal;
    };
    const std::string name_rule =
        "InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 "
        "in length";
    const auto row = GENERATE_COPY(values<Row>({
        {"", Json::object(), name_rule},
        {"a b", Json::object(), name_rule},
        {"a/b", Json::object(), name_rule},
        {std::string(81, 'a'), Json::object(), name_rule},
        {"orders.fifo",
         {{"FifoQueue", "true"}},
         "InvalidParameterValue: Value orders.fifo for parameter QueueName is invalid. Reason: FIFO queues "
         "are not supported by "
         "Rockwatch yet."},
        {"q",
         {{"FifoQueue", "true"}},
         "InvalidParameterValue: FifoQueue belongs to FIFO queues, which Rockwatch does not support yet."},
        {"q", {{"Colour", "red"}}, "InvalidAttributeName: Unknown Attribute Colour."},
        {"q", {{"QueueArn", "arn"}}, "InvalidAttributeName: Unknown Attribute QueueArn."},
        {"q",
         {{"VisibilityTimeout", "43201"}},
         "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout."},
        {"q",
         {{"VisibilityTimeout", "-1"}},
         "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout."},
        {"q",
         {{"VisibilityTimeout", "3x"}},
         "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout."},
        {"q",
         {{"DelaySeconds", "901"}},
         "InvalidAttributeValue: Invalid value for the parameter DelaySeconds."},
        {"q",
         {{"MessageRetentionPeriod", "59"}},
         "InvalidAttributeValue: Invalid value for the parameter MessageRetentionPeriod."},
        {"q",
         {{"ReceiveMessageWaitTimeSeconds", "21"}},
         "InvalidAttributeValue: Invalid value for the parameter ReceiveMessageWaitTimeSeconds."},
        {"q",
         {{"MaximumMessageSize", "1048577"}},
         "InvalidAttributeValue: Invalid value for the parameter MaximumMessageSize."},
        {"q", {{"Policy", "{"}}, "InvalidAttributeValue: Invalid value for the parameter Policy."},
        {"q",
         {{"SqsManagedSseEnabled", "yes"}},
         "InvalidAttributeValue: Invalid value for the parameter SqsManagedSseEnabled."},
        {"q",
         {{"RedrivePolicy", "[]"}},
         "InvalidParameterValue: Value [] for parameter RedrivePolicy is invalid. Reason: Redrive policy is "
         "not a valid JSON map."},
        {"q",
         {{"RedrivePolicy", "{\"deadLetterTargetArn\":\"x\"}"}},
         "InvalidParameterValue: Value {\"deadLetterTargetArn\":\"x\"} for parameter RedrivePolicy is "
         "invalid. Reason: Redrive policy "
         "does not contain mandatory attribute: maxReceiveCount."},
        {"q",
         {{"RedrivePolicy",
           R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:none","maxReceiveCount":"5"})"}},
         "InvalidParameterValue: Value "
         "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:111122223333:none\",\"maxReceiveCount\":\"5\"} "
         "for "
         "parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist."},
        {"q",
         {{"RedrivePolicy",
           R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:none","maxReceiveCount":0})"}},
         "InvalidParameterValue: Value "
         "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:111122223333:none\",\"maxReceiveCount\":0} for "
         "parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: 0, valid values are "
         "from 1 to 1000 both inclusive."},
    }));
    QueueRoom room;
    CAPTURE(row.name, row.attributes.dump());
    CHECK(room.refusal("CreateQueue", {{"QueueName", row.name}, {"Attributes", row.attributes}}) ==
          row.refusal);
}

TEST_CASE("attributes are read with their defaults and computed values, as texts", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders", {{"DelaySeconds", "0"}, {"VisibilityTimeout", "60"}});
    room.send(url, "a");
    room.send(url, "b");
    room.call("SendMessage", {{"QueueUrl", url}, {"MessageBody", "c"}, {"DelaySeconds", 10}});
    room.receive(url);
    CHECK(
        room.call("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"All"}}}).at("Attributes") ==
        Json{{"ApproximateNumberOfMessages", "1"},
             {"ApproximateNumberOfMessagesNotVisible", "1"},
             {"ApproximateNumberOfMessagesDelayed", "1"},
             {"CreatedTimestamp", "1767225600"},
             {"LastModifiedTimestamp", "1767225600"},
             {"DelaySeconds", "0"},
             {"MaximumMessageSize", "1048576"},
             {"MessageRetentionPeriod", "345600"},
             {"QueueArn", "arn:aws:sqs:us-east-1:111122223333:orders"},
             {"ReceiveMessageWaitTimeSeconds", "0"},
             {"SqsManagedSseEnabled", "true"},
             {"VisibilityTimeout", "60"}});
    CHECK(room.call("GetQueueAttributes", {{"QueueUrl", url}}) == Json::object());
    CHECK(room.refusal("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"Colour"}}}) ==
          "InvalidAttributeName: Unknown Attribute Colour.");
}

TEST_CASE("attributes change and policies can be taken away", "[sqs]") {
    QueueRoom room;
    const std::string dead = room.make_queue("dead");
    const std::string url = room.make_queue("orders");
    const std::string policy =
        R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:dead","maxReceiveCount":"3"})";
    room.pass(5s);
    room.call("SetQueueAttributes",
              {{"QueueUrl", url}, {"Attributes", {{"RedrivePolicy", policy}, {"VisibilityTimeout", "5"}}}});
    CHECK(room.attribute(url, "RedrivePolicy") == policy);
    CHECK(room.attribute(url, "VisibilityTimeout") == "5");
    CHECK(room.attribute(url, "LastModifiedTimestamp") == "1767225605");
    room.call("SetQueueAttributes", {{"QueueUrl", url}, {"Attributes", {{"RedrivePolicy", ""}}}});
    CHECK(room.call("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"RedrivePolicy"}}}) ==
          Json::object());
}

TEST_CASE("a dead-letter queue may say whose letters it takes", "[sqs]") {
    QueueRoom room;
    const std::string allow = GENERATE(
        std::string(R"({"redrivePermission":"denyAll"})"),
        std::string(
            R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:111122223333:other"]})"));
    room.make_queue("dead", {{"RedriveAllowPolicy", allow}});
    const Json attributes{
        {"RedrivePolicy",
         R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:dead","maxReceiveCount":3})"}};
    CHECK_THAT(room.refusal("CreateQueue", {{"QueueName", "orders"}, {"Attributes", attributes}}),
               StartsWith("InvalidParameterValue: "));
    const bool other_may = allow.find("byQueue") != std::string::npos;
    CHECK(room.refusal("CreateQueue", {{"QueueName", "other"}, {"Attributes", attributes}}).empty() ==
          other_may);
}

TEST_CASE("queues are listed by prefix, and in pages when MaxResults asks for them", "[sqs]") {
    QueueRoom room;
    for (const char* name : {"b2", "a1", "b1", "b3"}) room.make_queue(name);
    CHECK(room.call("ListQueues", Json::object()).at("QueueUrls").size() == 4);
    const Json page = room.call("ListQueues", {{"QueueNamePrefix", "b"}, {"MaxResults", 2}});
    CHECK(page.at("QueueUrls") ==
          Json{"http://localhost:4566/111122223333/b1", "http://localhost:4566/111122223333/b2"});
    const Json rest = room.call(
        "ListQueues", {{"QueueNamePrefix", "b"}, {"MaxResults", 2}, {"NextToken", page.at("NextToken")}});
    CHECK(rest == Json{{"QueueUrls", {"http://localhost:4566/111122223333/b3"}}});
    CHECK(room.call("ListQueues", {{"QueueNamePrefix", "z"}}) == Json::object());
    room.caller.region = "eu-west-1";
    CHECK(room.call("ListQueues", Json::object()) == Json::object());
}

TEST_CASE("tags are added, replaced, taken away and read", "[sqs]") {
    QueueRoom room;
    const std::string url =
        room.call("CreateQueue", {{"QueueName", "orders"}, {"tags", {{"team", "a"}}}}).at("QueueUrl");
    room.call("TagQueue", {{"QueueUrl", url}, {"Tags", {{"team", "b"}, {"env", "test"}}}});
    CHECK(room.call("ListQueueTags", {{"QueueUrl", url}}) ==
          Json{{"Tags", {{"team", "b"}, {"env", "test"}}}});
    room.call("UntagQueue", {{"QueueUrl", url}, {"TagKeys", {"team", "env"}}});
    CHECK(room.call("ListQueueTags", {{"QueueUrl", url}}) == Json::object());
}

TEST_CASE("a queue is purged at most once a minute", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    room.send(url, "a");
    room.call("PurgeQueue", {{"QueueUrl", url}});
    CHECK(room.receive(url).empty());
    room.pass(59s);
    CHECK(room.refusal("PurgeQueue", {{"QueueUrl", url}}) ==
          "PurgeQueueInProgress: Only one PurgeQueue operation on orders is allowed every 60 seconds.");
    room.pass(1s);
    CHECK(room.refusal("PurgeQueue", {{"QueueUrl", url}}) == "");
}

TEST_CASE("a deleted queue takes its messages along", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    room.send(url, "a");
    room.call("DeleteQueue", {{"QueueUrl", url}});
    CHECK(room.refusal("ReceiveMessage", {{"QueueUrl", url}}) ==
          "QueueDoesNotExist: The specified queue does not exist.");
    room.make_queue("orders");
    CHECK(room.receive(url).empty());
}

TEST_CASE("queues, messages and receipts survive a restart", "[sqs]") {
    const auto path =
        std::filesystem::temp_directory_path() / ("rockwatch-sqs-" + std::to_string(::getpid()) + ".db");
    const auto clean = [&] {
        for (const char* suffix : {"", "-wal", "-shm", "-lock"})
            std::filesystem::remove(path.string() + suffix);
    };
    clean();
    std::string url;
    Json held;
    {
        QueueRoom room(path.string());
        url = room.make_queue("orders", {{"VisibilityTimeout", "60"}});
        room.call("SendMessage",
                  {{"QueueUrl", url},
                   {"MessageBody", "a"},
                   {"MessageAttributes",
                    {{"b", {{"DataType", "Binary"}, {"BinaryValue", Json::binary({0, 1, 255})}}}}}});
        held = room.receive(url).at(0);
        room.send(url, "b");
    }
    {
        QueueRoom room(path.string());
        CHECK(room.attribute(url, "VisibilityTimeout") == "60");
        CHECK(room.receive(url).at(0).at("Body") == "b");
        room.call("ChangeMessageVisibility",
                  {{"QueueUrl", url}, {"ReceiptHandle", held.at("ReceiptHandle")}, {"VisibilityTimeout", 0}});
        const Json again = room.receive(url, {{"MessageAttributeNames", {"All"}}});
        CHECK(again.at(0).at("MessageAttributes").at("b").at("BinaryValue") == Json::binary({0, 1, 255}));
        room.storage.write([&](Database& database) { room.service.reset(database); });
        CHECK(room.call("ListQueues", Json::object()) == Json::object());
    }
    clean();
}
