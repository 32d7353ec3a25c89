#include <future>

#include "queue_room.hpp"
#include "services/sqs/message.hpp"

using namespace rockwatch;
using namespace rockwatch::sqs;
using namespace std::chrono_literals;

namespace {

Json text_attribute(const std::string& value, const std::string& type = "String") {
    return {{"DataType", type}, {"StringValue", value}};
}

Json binary_attribute(std::vector<std::uint8_t> bytes) {
    return {{"DataType", "Binary"}, {"BinaryValue", Json::binary(std::move(bytes))}};
}

}  // namespace

TEST_CASE("the digest of attributes is the one that SDKs compare", "[sqs]") {
    CHECK(md5_of_attributes({{"a", text_attribute("v")}}) == "a18cbb58171ebf4ce88d9fb787f9210b");
    CHECK(md5_of_attributes({{"n", text_attribute("1", "Number")},
                             {"b", binary_attribute({0, 1})},
                             {"a", text_attribute("v")}}) == "06f164134b4649a85eb16bb161ec842e");
    CHECK_FALSE(md5_of_attributes(Json::object()));
    CHECK(md5_hex("hello") == "5d41402abc4b2a76b9719d911017c592");
}

TEST_CASE("a message comes back with what was sent and what was asked for", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    const Json sent = room.call(
        "SendMessage", {{"QueueUrl", url},
                        {"MessageBody", "hello"},
                        {"MessageGroupId", "tenant-1"},
                        {"MessageAttributes", {{"a", text_attribute("v")}, {"x.b", text_attribute("w")}}},
                        {"MessageSystemAttributes", {{"AWSTraceHeader", text_attribute("Root=1")}}}});
    CHECK(sent.at("MD5OfMessageBody") == "5d41402abc4b2a76b9719d911017c592");
    CHECK(sent.at("MD5OfMessageAttributes") ==
          *md5_of_attributes({{"a", text_attribute("v")}, {"x.b", text_attribute("w")}}));
    CHECK(sent.at("MD5OfMessageSystemAttributes") ==
          *md5_of_attributes({{"AWSTraceHeader", text_attribute("Root=1")}}));
    room.pass(250ms);

    const Json message =
        room.receive(url, {{"AttributeNames", {"All"}}, {"MessageAttributeNames", {"a"}}}).at(0);
    CHECK(message.at("MessageId") == sent.at("MessageId"));
    CHECK(message.at("Body") == "hello");
    CHECK(message.at("MD5OfBody") == "5d41402abc4b2a76b9719d911017c592");
    CHECK(message.at("Attributes") == Json{{"SenderId", "111122223333"},
                                           {"SentTimestamp", "1767225600000"},
                                           {"ApproximateReceiveCount", "1"},
                                           {"ApproximateFirstReceiveTimestamp", "1767225600250"},
                                           {"MessageGroupId", "tenant-1"},
                                           {"AWSTraceHeader", "Root=1"}});
    CHECK(message.at("MessageAttributes") == Json{{"a", text_attribute("v")}});
    CHECK(message.at("MD5OfMessageAttributes") == "a18cbb58171ebf4ce88d9fb787f9210b");
}

TEST_CASE("a receiver gets the attributes whose names it asks for", "[sqs]") {
    using Names = std::vector<std::string>;
    struct Row {
        Names asked;
        Names got;
    };
    const auto row = GENERATE(
        values<Row>({Row{Names{}, Names{}}, Row{Names{"a"}, Names{"a"}},
                     Row{Names{"All"}, Names{"a", "x.b", "x.c"}}, Row{Names{".*"}, Names{"a", "x.b", "x.c"}},
                     Row{Names{"x.*"}, Names{"x.b", "x.c"}}, Row{Names{"none"}, Names{}}}));
    const Json all{{"a", 1}, {"x.b", 2}, {"x.c", 3}};
    std::vector<std::string> got;
    const Json asked = asked_attributes(all, row.asked);
    for (const auto& [name, value] : asked.items()) got.push_back(name);
    CHECK(got == row.got);
}

TEST_CASE("SendMessage refuses bodies and attributes as SQS does", "[sqs]") {
    struct Row {
        Json input;
        std::string refusal;
    };
    const auto with_attribute = [](const std::string& name, const Json& attribute) {
        return Json{{"MessageBody", "x"}, {"MessageAttributes", {{name, attribute}}}};
    };
    Json eleven = Json::object();
    for (int i = 0; i < 11; ++i) eleven["a" + std::to_string(i)] = text_attribute("v");
    const std::string invalid = "InvalidParameterValue: ";
    const auto row = GENERATE_COPY(values<Row>({
        {{{"MessageBody", ""}}, "MissingParameter: The request must contain the parameter MessageBody."},
        {{{"MessageBody", "a\x01"}},
         "InvalidMessageContents: Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
         "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"},
        {{{"MessageBody", "a\xef\xbf\xbf"}},
         "InvalidMessageContents: Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
         "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"},
        {{{"MessageBody", "\t\r\n\xf0\x9f\x98\x80"}}, ""},
        {{{"MessageBody", std::string(1'048'577, 'x')}},
         invalid + "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
        {{{"MessageBody", std::string(1'048'576, 'x')}}, ""},
        {{{"MessageBody", "x"}, {"DelaySeconds", 901}},
         invalid + "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and "
                   "<= 900."},
        {{{"MessageBody", "x"}, {"MessageDeduplicationId", "d"}},
         invalid + "Value d for parameter MessageDeduplicationId is invalid. Reason: The request includes a "
                   "parameter that is not valid for this queue type."},
        {{{"MessageBody", "x"}, {"MessageAttributes", eleven}},
         invalid + "Number of message attributes [11] exceeds the allowed maximum [10]."},
        {with_attribute("a", text_attribute("v", "Text")),
         invalid + "The message attribute 'a' has an invalid message attribute type, the set of supported "
                   "type prefixes is Binary, Number, and String."},
        {with_attribute("a", text_attribute("v", "String.label")), ""},
        {with_attribute("a", text_attribute("")),
         invalid + "Message (user) attribute 'a' must contain a non-empty value of type 'String'."},
        {with_attribute("a", text_attribute("x", "Number")),
         invalid + "Can't cast the value of message (user) attribute 'a' to a number."},
        {with_attribute("a", text_attribute("-1.5e3", "Number")), ""},
        {with_attribute("a", {{"DataType", "Binary"}, {"StringValue", "v"}}),
         invalid + "The message attribute 'a' with type 'Binary' must use field 'Binary'."},
        {with_attribute("a", {{"DataType", "String"}, {"StringListValues", {"v"}}}),
         "UnsupportedOperation: Message attribute list values in SendMessage operation are not supported."},
    }));
    QueueRoom room;
    Json input = row.input;
    input["QueueUrl"] = room.make_queue("orders");
    CHECK(room.refusal("SendMessage", input) == row.refusal);
}

TEST_CASE("a received message is hidden for the visibility timeout on the emulator's clock", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    room.send(url, "a");
    const Json first = room.receive(url).at(0);
    room.pass(29'999ms);
    CHECK(room.receive(url).empty());
    room.pass(1ms);
    const Json second =
        room.receive(url, {{"AttributeNames", {"ApproximateReceiveCount"}}, {"VisibilityTimeout", 5}}).at(0);
    CHECK(second.at("Attributes") == Json{{"ApproximateReceiveCount", "2"}});
    CHECK(second.at("ReceiptHandle") != first.at("ReceiptHandle"));
    room.pass(5s);
    CHECK(room.receive(url).size() == 1);
}

TEST_CASE("only the latest receipt deletes a message; an older one succeeds and deletes nothing", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    room.send(url, "a");
    const std::string old = room.receive(url, {{"VisibilityTimeout", 0}}).at(0).at("ReceiptHandle");
    const std::string latest = room.receive(url, {{"VisibilityTimeout", 0}}).at(0).at("ReceiptHandle");
    room.call("DeleteMessage", {{"QueueUrl", url}, {"ReceiptHandle", old}});
    CHECK(room.attribute(url, "ApproximateNumberOfMessages") == "1");
    room.call("DeleteMessage", {{"QueueUrl", url}, {"ReceiptHandle", latest}});
    CHECK(room.attribute(url, "ApproximateNumberOfMessages") == "0");
    CHECK(room.refusal("DeleteMessage", {{"QueueUrl", url}, {"ReceiptHandle", latest}}) == "");
}

TEST_CASE("a receipt of nothing, or of another queue, is refused", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    const std::string other = room.make_queue("other");
    room.send(other, "a");
    const std::string foreign = room.receive(other).at(0).at("ReceiptHandle");
    const std::string handle = GENERATE_COPY(std::string("garbage"), std::string("!"), foreign);
    CHECK(room.refusal("DeleteMessage", {{"QueueUrl", url}, {"ReceiptHandle", handle}}) ==
          "ReceiptHandleIsInvalid: The input receipt handle \"" + handle +
              "\" is not a valid receipt handle.");
}

TEST_CASE("a message's visibility can be changed while it is in flight, and not otherwise", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    room.send(url, "a");
    const std::string handle = room.receive(url).at(0).at("ReceiptHandle");
    const auto change = [&](int seconds) {
        return room.refusal("ChangeMessageVisibility",
                            {{"QueueUrl", url}, {"ReceiptHandle", handle}, {"VisibilityTimeout", seconds}});
    };
    CHECK(change(43'201) ==
          "InvalidParameterValue: Value 43201 for parameter VisibilityTimeout is invalid. Reason: "
          "VisibilityTimeout must "
          "be an integer between 0 and 43200.");
    CHECK(change(600) == "");
    room.pass(599s);
    CHECK(room.receive(url).empty());
    room.pass(1s);
    CHECK(change(5) == "MessageNotInflight: The message referred to is not in flight.");
    room.call("DeleteMessage", {{"QueueUrl", url}, {"ReceiptHandle", handle}});
    CHECK(change(5) == "InvalidParameterValue: Value " + handle +
                           " for parameter ReceiptHandle is invalid. Reason: Message does not exist "
                           "or is not available for visibility timeout change.");
}

TEST_CASE("delays come from the message, else from the queue", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders", {{"DelaySeconds", "10"}});
    room.send(url, "slow");
    room.call("SendMessage", {{"QueueUrl", url}, {"MessageBody", "quick"}, {"DelaySeconds", 0}});
    CHECK(room.receive(url, {{"MaxNumberOfMessages", 10}}).size() == 1);
    room.pass(10s);
    CHECK(room.receive(url).at(0).at("Body") == "slow");
}

TEST_CASE("a message is gone when its retention is over", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders", {{"MessageRetentionPeriod", "60"}});
    room.send(url, "a");
    room.pass(59s);
    CHECK(room.attribute(url, "ApproximateNumberOfMessages") == "1");
    room.pass(1s);
    CHECK(room.attribute(url, "ApproximateNumberOfMessages") == "0");
    CHECK(room.receive(url).empty());
}

TEST_CASE("a message received too often moves to the dead-letter queue and tells where it came from",
          "[sqs]") {
    QueueRoom room;
    const std::string dead = room.make_queue("dead");
    const std::string url = room.make_queue(
        "orders",
        {{"VisibilityTimeout", "0"},
         {"RedrivePolicy",
          R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:dead","maxReceiveCount":"2"})"}});
    const std::string id = room.send(url, "poison");
    CHECK(room.receive(url).size() == 1);
    CHECK(room.receive(url).size() == 1);
    CHECK(room.receive(url).empty());
    const Json letter = room.receive(dead, {{"AttributeNames", {"DeadLetterQueueSourceArn"}}}).at(0);
    CHECK(letter.at("MessageId") == id);
    CHECK(letter.at("Body") == "poison");
    CHECK(letter.at("Attributes") ==
          Json{{"DeadLetterQueueSourceArn", "arn:aws:sqs:us-east-1:111122223333:orders"}});
}

TEST_CASE("ReceiveMessage refuses numbers out of range and unknown names", "[sqs]") {
    struct Row {
        Json input;
        std::string refusal;
    };
    const auto row = GENERATE(values<Row>({
        {{{"MaxNumberOfMessages", 11}},
         "InvalidParameterValue: Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be "
         "between 1 and 10, if provided."},
        {{{"MaxNumberOfMessages", 0}},
         "InvalidParameterValue: Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be "
         "between 1 and 10, if provided."},
        {{{"WaitTimeSeconds", 21}},
         "InvalidParameterValue: Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and "
         "<= 20, if provided."},
        {{{"AttributeNames", {"Colour"}}}, "InvalidAttributeName: Unknown Attribute Colour."},
    }));
    QueueRoom room;
    Json input = row.input;
    input["QueueUrl"] = room.make_queue("orders");
    CHECK(room.refusal("ReceiveMessage", input) == row.refusal);
}

TEST_CASE("ten messages at most come at once, each once, oldest first", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    for (int i = 0; i < 12; ++i) room.send(url, std::to_string(i));
    const Json first = room.receive(url, {{"MaxNumberOfMessages", 10}, {"VisibilityTimeout", 0}});
    REQUIRE(first.size() == 10);
    CHECK(first.at(0).at("Body") == "0");
    CHECK(first.at(9).at("Body") == "9");
}

TEST_CASE("a batch does what it can and tells of each entry", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    const Json sent =
        room.call("SendMessageBatch", {{"QueueUrl", url},
                                       {"Entries",
                                        {{{"Id", "good"}, {"MessageBody", "a"}},
                                         {{"Id", "bad"}, {"MessageBody", "b"}, {"DelaySeconds", 901}}}}});
    REQUIRE(sent.at("Successful").size() == 1);
    CHECK(sent.at("Successful")[0].at("Id") == "good");
    CHECK(sent.at("Successful")[0].at("MD5OfMessageBody") == "0cc175b9c0f1b6a831c399e269772661");
    CHECK(sent.at("Failed") == Json::array({{{"Id", "bad"},
                                             {"SenderFault", true},
                                             {"Code", "InvalidParameterValue"},
                                             {"Message",
                                              "Value 901 for parameter DelaySeconds is invalid. Reason: "
                                              "DelaySeconds must be >= 0 and <= 900."}}}));
    const std::string handle = room.receive(url).at(0).at("ReceiptHandle");
    const Json changed =
        room.call("ChangeMessageVisibilityBatch",
                  {{"QueueUrl", url},
                   {"Entries", {{{"Id", "1"}, {"ReceiptHandle", handle}, {"VisibilityTimeout", 0}}}}});
    CHECK(changed == Json{{"Successful", {{{"Id", "1"}}}}});
    const Json deleted = room.call(
        "DeleteMessageBatch",
        {{"QueueUrl", url},
         {"Entries", {{{"Id", "1"}, {"ReceiptHandle", handle}}, {{"Id", "2"}, {"ReceiptHandle", "?"}}}}});
    CHECK(deleted.at("Successful") == Json{{{"Id", "1"}}});
    CHECK(deleted.at("Failed")[0].at("Code") == "ReceiptHandleIsInvalid");
    CHECK(room.attribute(url, "ApproximateNumberOfMessages") == "0");
}

TEST_CASE("a batch as a whole is refused for its form", "[sqs]") {
    const auto entries = [](int count) {
        Json list = Json::array();
        for (int i = 0; i < count; ++i) list.push_back({{"Id", std::to_string(i)}, {"MessageBody", "x"}});
        return list;
    };
    const Json twice = {{{"Id", "a"}, {"MessageBody", "x"}}, {{"Id", "a"}, {"MessageBody", "x"}}};
    const Json odd_id = Json::array({{{"Id", "a.b"}, {"MessageBody", "x"}}});
    const Json heavy = {{{"Id", "a"}, {"MessageBody", std::string(600'000, 'x')}},
                        {{"Id", "b"}, {"MessageBody", std::string(600'000, 'x')}}};
    struct Row {
        Json entries;
        std::string refusal;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {Json::array(),
         "EmptyBatchRequest: There should be at least one SendMessageBatchRequestEntry in the request."},
        {entries(11),
         "TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have sent 11."},
        {twice, "BatchEntryIdsNotDistinct: Id a repeated."},
        {odd_id,
         "InvalidBatchEntryId: A batch entry id can only contain alphanumeric characters, hyphens and "
         "underscores. It can be at most 80 letters long."},
        {heavy,
         "BatchRequestTooLong: Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 "
         "bytes."},
    }));
    QueueRoom room;
    CHECK(room.refusal("SendMessageBatch",
                       {{"QueueUrl", room.make_queue("orders")}, {"Entries", row.entries}}) == row.refusal);
}

TEST_CASE("SNS puts messages into queues by their ARN", "[sqs]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders");
    const auto send = [&](const std::string& arn) {
        return room.storage.write([&](Database& database) {
            return room.service.send(database, arn, "hi", {{"a", text_attribute("v")}}, room.clock.now());
        });
    };
    CHECK(send("arn:aws:sqs:us-east-1:111122223333:orders"));
    CHECK_FALSE(send("arn:aws:sqs:us-east-1:111122223333:none"));
    CHECK_FALSE(send("orders"));
    const Json message =
        room.receive(url, {{"AttributeNames", {"SenderId"}}, {"MessageAttributeNames", {"All"}}}).at(0);
    CHECK(message.at("Body") == "hi");
    CHECK(message.at("Attributes").at("SenderId") == "AIDAISMY7JYY5F7RTT6AO");
    CHECK(message.at("MessageAttributes") == Json{{"a", text_attribute("v")}});
}

namespace {

/// As the gateway polls; how often it called, too.
Json polled(QueueRoom& room, const Json& input, int& calls) {
    const auto poll = room.service.long_poll("ReceiveMessage", room.caller, input);
    Json output = room.call("ReceiveMessage", input);
    calls = 1;
    while (poll && !poll->satisfied_by(output) && poll->wait()) {
        output = room.call("ReceiveMessage", input);
        ++calls;
    }
    return output;
}

}  // namespace

TEST_CASE("a long poll answers when a message comes, without asking again and again", "[sqs][long-poll]") {
    QueueRoom room(":memory:", true);
    const std::string url = room.make_queue("orders");
    int calls = 0;
    auto waiting = std::async(std::launch::async, [&] {
        return polled(room, {{"QueueUrl", url}, {"WaitTimeSeconds", 20}}, calls);
    });
    room.send(url, "a");
    CHECK(waiting.get().at("Messages").at(0).at("Body") == "a");
    CHECK(calls <= 2);
}

TEST_CASE("a long poll hears of time that passes on the emulator's clock", "[sqs][long-poll]") {
    QueueRoom room(":memory:", true);
    const std::string url = room.make_queue("orders");
    room.call("SendMessage", {{"QueueUrl", url}, {"MessageBody", "a"}, {"DelaySeconds", 900}});
    int calls = 0;
    auto waiting = std::async(std::launch::async, [&] {
        return polled(room, {{"QueueUrl", url}, {"WaitTimeSeconds", 20}}, calls);
    });
    room.pass(15min);
    CHECK(waiting.get().at("Messages").size() == 1);
}

TEST_CASE("a long poll ends when the emulator stops, and with its queue", "[sqs][long-poll]") {
    QueueRoom room(":memory:", true);
    const std::string url = room.make_queue("orders", {{"ReceiveMessageWaitTimeSeconds", "20"}});
    const bool stops = GENERATE(true, false);
    int calls = 0;
    auto waiting = std::async(std::launch::async, [&] { return polled(room, {{"QueueUrl", url}}, calls); });
    if (stops) {
        room.service.stop_waiting();
        CHECK(waiting.get() == Json::object());
    } else {
        room.call("DeleteQueue", {{"QueueUrl", url}});
        CHECK_THROWS_AS(waiting.get(), ServiceError);
    }
}

TEST_CASE("a short poll does not wait", "[sqs][long-poll]") {
    QueueRoom room;
    const std::string url = room.make_queue("orders", {{"ReceiveMessageWaitTimeSeconds", "20"}});
    CHECK(room.service.long_poll("ReceiveMessage", room.caller,
                                 {{"QueueUrl", url}, {"WaitTimeSeconds", 0}}) == nullptr);
    CHECK(room.service.long_poll("SendMessage", room.caller, {{"QueueUrl", url}}) == nullptr);
    CHECK(room.service.long_poll("ReceiveMessage", room.caller, {{"QueueUrl", url}}) != nullptr);
}
