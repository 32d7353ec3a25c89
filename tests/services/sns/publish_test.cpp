#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "core/text.hpp"
#include "topic_room.hpp"

using namespace rockwatch;
using namespace rockwatch::sns;
using namespace std::chrono_literals;

namespace {

using Keys = std::vector<std::string>;

Json text_attribute(const std::string& value) { return {{"DataType", "String"}, {"StringValue", value}}; }

/// As a validator does it: the certificate's key against the text and the signature.
bool verifies(const std::string& certificate_pem, const std::string& text,
              const std::string& signature_base64, const EVP_MD* digest) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
        BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())), BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), X509_free);
    std::string signature;
    if (!certificate || !base64_decode(signature_base64, signature)) return false;
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, X509_get0_pubkey(certificate.get()));
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

}  // namespace

TEST_CASE("a webhook gets the notification in AWS's form, headers and order of keys", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const std::string subscription = room.subscribe(topic, "http", "http://localhost:9000/hook");
    room.advance(0ms);
    const std::string id =
        room.publish(topic, "hi", {{"Subject", "Hello"}, {"MessageAttributes", {{"a", text_attribute("v")}}}})
            .at("MessageId");
    room.advance(0ms);

    REQUIRE(room.sender.posts().size() == 2);
    const auto post = room.sender.posts()[1];
    CHECK(post.url == "http://localhost:9000/hook");
    CHECK(post.headers.get("x-amz-sns-message-type") == "Notification");
    CHECK(post.headers.get("x-amz-sns-message-id") == id);
    CHECK(post.headers.get("x-amz-sns-topic-arn") == topic);
    CHECK(post.headers.get("x-amz-sns-subscription-arn") == subscription);
    CHECK(post.headers.get("Content-Type") == "text/plain; charset=UTF-8");
    CHECK(post.headers.get("User-Agent") == "Amazon Simple Notification Service Agent");
    CHECK(post.headers.find("x-amz-sns-rawdelivery") == nullptr);
    CHECK(keys_in_order(post.body) == Keys{"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp",
                                           "SignatureVersion", "Signature", "SigningCertURL",
                                           "UnsubscribeURL", "MessageAttributes"});
    const Json body = Json::parse(post.body);
    CHECK(body.at("Type") == "Notification");
    CHECK(body.at("MessageId") == id);
    CHECK(body.at("Subject") == "Hello");
    CHECK(body.at("Message") == "hi");
    CHECK(body.at("Timestamp") == "2026-01-01T00:00:00.000Z");
    CHECK(body.at("UnsubscribeURL") ==
          "http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=" + subscription);
    CHECK(body.at("MessageAttributes") == Json{{"a", {{"Type", "String"}, {"Value", "v"}}}});
}

TEST_CASE("without subject and attributes their keys are absent", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    room.publish(topic, "hi");
    CHECK(keys_in_order(room.queues.sent.at(0).body) == Keys{"Type", "MessageId", "TopicArn", "Message",
                                                             "Timestamp", "SignatureVersion", "Signature",
                                                             "SigningCertURL", "UnsubscribeURL"});
}

TEST_CASE("the signature of a notification is true, in both versions", "[sns]") {
    const std::string version = GENERATE("1", "2");
    TopicRoom room;
    const std::string topic = room.make_topic("oncall", {{"SignatureVersion", version}});
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    room.publish(topic, "hi", {{"Subject", "Hello"}});
    const Json body = Json::parse(room.queues.sent.at(0).body);
    CHECK(body.at("SignatureVersion") == version);
    CHECK(body.at("SigningCertURL") == "http://127.0.0.1:4566/SimpleNotificationService-rockwatch.pem");
    std::string text;
    for (const char* key : {"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}) {
        text += std::string(key) + "\n" + body.at(key).get<std::string>() + "\n";
    }
    const auto& certificate = room.service.signing_certificate();
    const EVP_MD* digest = version == "1" ? EVP_sha1() : EVP_sha256();
    CHECK(verifies(certificate, text, body.at("Signature"), digest));
    CHECK_FALSE(verifies(certificate, text + "x", body.at("Signature"), digest));
}

TEST_CASE("the same calls give the same bytes, the signature included", "[sns]") {
    std::vector<std::string> bodies;
    for (int i = 0; i < 2; ++i) {
        TopicRoom room;
        const std::string topic = room.make_topic();
        room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
        room.publish(topic, "hi");
        bodies.push_back(room.queues.sent.at(0).body);
    }
    CHECK(bodies[0] == bodies[1]);
}

TEST_CASE("a queue has the message when Publish returns, and the deliveries say so", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    room.publish(topic, "hi", {{"MessageAttributes", {{"a", text_attribute("v")}}}});
    REQUIRE(room.queues.sent.size() == 1);
    CHECK(room.queues.sent[0].arn == "arn:aws:sqs:us-east-1:111122223333:q");
    CHECK(Json::parse(room.queues.sent[0].body).at("Message") == "hi");
    CHECK(room.queues.sent[0].attributes == Json::object());
    const Json delivery = room.deliveries_list().at(0);
    CHECK(delivery.at("source") == "sns");
    CHECK(delivery.at("target") == "arn:aws:sqs:us-east-1:111122223333:q");
    CHECK(delivery.at("topic") == topic);
    CHECK(delivery.at("status") == "delivered");
    CHECK(delivery.at("payload").at("Message") == "hi");
}

TEST_CASE("raw delivery sends the message alone; attributes go to queues, not to webhooks", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const Json raw{{"RawMessageDelivery", "True"}};
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q", raw);
    room.subscribe(topic, "http", "http://localhost:9000/hook", raw);
    room.advance(0ms);
    room.publish(topic, "hi", {{"MessageAttributes", {{"a", text_attribute("v")}}}});
    room.advance(0ms);
    CHECK(room.queues.sent.at(0).body == "hi");
    CHECK(room.queues.sent.at(0).attributes == Json{{"a", text_attribute("v")}});
    CHECK(room.sender.posts().at(1).body == "hi");
    CHECK(room.sender.posts().at(1).headers.get("x-amz-sns-rawdelivery") == "true");

    Json eleven = Json::object();
    for (int i = 0; i < 11; ++i) eleven["a" + std::to_string(i)] = text_attribute("v");
    room.publish(topic, "too many", {{"MessageAttributes", eleven}});
    CHECK(room.queues.sent.size() == 1);
    CHECK(room.deliveries_list({.status = "failed"}).at(0).at("error") ==
          "a raw message with more than 10 attributes cannot go to SQS");
}

TEST_CASE("a topic without subscribers keeps its message for the test to look at", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.publish(topic, "hi", {{"Subject", "Hello"}});
    const Json found = room.deliveries_list();
    REQUIRE(found.size() == 1);
    CHECK(found[0].at("status") == "captured");
    CHECK(found[0].at("target") == topic);
    CHECK(found[0].at("payload").at("Message") == "hi");
    CHECK(found[0].at("payload").at("Subject") == "Hello");
}

TEST_CASE("what nobody can deliver here is captured", "[sns]") {
    struct Row {
        std::string protocol;
        std::string endpoint;
    };
    const auto row =
        GENERATE(values<Row>({{"email", "a@example.com"},
                              {"email-json", "a@example.com"},
                              {"sms", "+15551234567"},
                              {"lambda", "arn:aws:lambda:us-east-1:111122223333:function:f"},
                              {"firehose", "arn:aws:firehose:us-east-1:111122223333:deliverystream/s"},
                              {"application", "arn:aws:sns:us-east-1:111122223333:endpoint/GCM/app/1"}}));
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, row.protocol, row.endpoint);
    room.publish(topic, "hi");
    room.advance(1h);
    const Json found = room.deliveries_list();
    CHECK(found.back().at("status") == "captured");
    CHECK(found.back().at("target") == row.endpoint);
    CHECK(found.back().at("payload").dump().find("hi") != std::string::npos);
    CHECK(room.sender.posts().empty());
}

TEST_CASE("a function is called with AWS's event", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const std::string subscription =
        room.subscribe(topic, "lambda", "arn:aws:lambda:us-east-1:111122223333:function:f");
    room.publish(topic, "hi");
    const Json record = room.deliveries_list().at(0).at("payload").at("Records").at(0);
    CHECK(record.at("EventSource") == "aws:sns");
    CHECK(record.at("EventSubscriptionArn") == subscription);
    CHECK(record.at("Sns").at("Message") == "hi");
    CHECK(record.at("Sns").at("Subject") == nullptr);
    CHECK(record.at("Sns").contains("SigningCertUrl"));
    CHECK(record.at("Sns").at("MessageAttributes") == Json::object());
}

TEST_CASE("each protocol gets its own text of MessageStructure json", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    room.subscribe(topic, "sms", "+15551234567");
    room.publish(topic, R"({"default":"d","sqs":"for queues","other":1})", {{"MessageStructure", "json"}});
    CHECK(Json::parse(room.queues.sent.at(0).body).at("Message") == "for queues");
    CHECK(room.deliveries_list().at(1).at("payload") == "d");
}

TEST_CASE("a filter policy decides who hears, by attributes or by body", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:by-attribute",
                   {{"FilterPolicy", R"({"a":["v"]})"}});
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:by-body",
                   {{"FilterPolicy", R"({"state":["ALARM"]})"}, {"FilterPolicyScope", "MessageBody"}});
    room.publish(topic, "hi", {{"MessageAttributes", {{"a", text_attribute("v")}}}});
    room.publish(topic, R"({"state":"ALARM"})");
    room.publish(topic, "nobody");
    REQUIRE(room.queues.sent.size() == 2);
    CHECK(room.queues.sent[0].arn.ends_with("by-attribute"));
    CHECK(room.queues.sent[1].arn.ends_with("by-body"));
    CHECK(room.deliveries_list().size() == 2);
}

TEST_CASE("what cannot be delivered goes to the subscription's dead-letter queue with the reason", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const Json redrive{
        {"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:dead"})"}};
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:none", redrive);
    room.publish(topic, "hi");
    REQUIRE(room.queues.sent.size() == 1);
    CHECK(room.queues.sent[0].arn == "arn:aws:sqs:us-east-1:111122223333:dead");
    CHECK(Json::parse(room.queues.sent[0].body).at("Message") == "hi");
    CHECK(room.queues.sent[0].attributes.at("ErrorMessage").at("StringValue") == "the queue does not exist");
    CHECK(room.deliveries_list({.status = "failed"}).at(0).at("error") == "the queue does not exist");
    CHECK(room.deliveries_list({.target = "*:dead"}).at(0).at("status") == "delivered");
}

TEST_CASE("Publish refuses what SNS refuses", "[sns]") {
    struct Row {
        Json input;
        std::string refusal;
    };
    const auto with_attribute = [](const std::string& name, const Json& attribute) {
        return Json{{"Message", "x"}, {"MessageAttributes", {{name, attribute}}}};
    };
    const std::string invalid = "InvalidParameterException: Invalid parameter: ";
    const std::string value = "InvalidParameterValueException: ";
    const auto row = GENERATE_COPY(values<Row>({
        {{{"Message", ""}}, invalid + "Empty message"},
        {{{"Message", std::string(262'145, 'x')}}, invalid + "Message too long"},
        {{{"Message", std::string(262'144, 'x')}}, ""},
        {{{"Message", "x"}, {"Subject", ""}}, invalid + "Subject"},
        {{{"Message", "x"}, {"Subject", "a\nb"}}, invalid + "Subject"},
        {{{"Message", "x"}, {"Subject", std::string(101, 's')}}, invalid + "Subject"},
        {{{"Message", "x"}, {"Subject", std::string(100, 's')}}, ""},
        {{{"Message", "x"}, {"MessageStructure", "json"}},
         invalid + "Message Structure - JSON message body failed to parse"},
        {{{"Message", "{\"sqs\":\"x\"}"}, {"MessageStructure", "json"}},
         invalid + "Message Structure - No default entry in JSON message body"},
        {{{"Message", "{\"default\":1}"}, {"MessageStructure", "json"}},
         invalid + "Message Structure - No default entry in JSON message body"},
        {{{"Message", "x"}, {"MessageDeduplicationId", "d"}},
         invalid + "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
                   "that is not valid for this topic type"},
        {with_attribute("a", text_attribute("")),
         value + "The message attribute 'a' must contain non-empty message attribute value for message "
                 "attribute type 'String'."},
        {with_attribute("a", {{"DataType", "Text"}, {"StringValue", "v"}}),
         value + "The message attribute 'a' has an invalid message attribute type, the set of supported type "
                 "prefixes is Binary, Number, and String."},
        {with_attribute("a", {{"DataType", "Binary"}, {"StringValue", "v"}}),
         value + "The message attribute 'a' with type 'Binary' must use field 'Binary'."},
        {with_attribute(".a", text_attribute("v")),
         value + "Invalid message attribute name starting with character '.' was found."},
        {with_attribute("a b", text_attribute("v")),
         value + "Invalid non-alphanumeric character '#x20' was found in the message attribute name. Can "
                 "only include alphanumeric characters, hyphens, underscores, or dots."},
        {with_attribute("a..b", text_attribute("v")),
         value + "Message attribute name can not have successive '.' character."},
    }));
    TopicRoom room;
    Json input = row.input;
    input["TopicArn"] = room.make_topic();
    CHECK(room.refusal("Publish", input) == row.refusal);
}

TEST_CASE("Publish tells a wrong target from a missing one", "[sns]") {
    struct Row {
        Json input;
        std::string refusal;
    };
    const auto row = GENERATE(values<Row>({
        {{{"TopicArn", "arn:aws:sns:us-east-1:111122223333:none"}},
         "NotFoundException: Topic does not exist"},
        {{{"TopicArn", "arn:aws:sns:eu-west-1:111122223333:oncall"}},
         "InvalidParameterException: Invalid parameter: TopicArn"},
        {{{"TopicArn", "oncall"}},
         "InvalidParameterException: Invalid parameter: TopicArn Reason: An ARN must have at least 6 "
         "elements, not 1"},
        {{{"TargetArn", "arn:aws:sns:us-east-1:111122223333:endpoint/GCM/app/1"}},
         "InvalidParameterException: Invalid parameter: TargetArn Reason: No endpoint found for the target "
         "arn specified"},
        {{{"TargetArn", "arn:aws:sns:us-east-1:111122223333:oncall"}}, ""},
        {Json::object(),
         "InvalidParameterException: Invalid parameter: TopicArn or TargetArn Reason: no value for required "
         "parameter"},
        {{{"PhoneNumber", "123"}},
         "InvalidParameterException: Invalid parameter: PhoneNumber Reason: 123 is not valid to publish to"},
        {{{"PhoneNumber", "+15551234567"}}, ""},
    }));
    TopicRoom room;
    room.make_topic();
    Json input = row.input;
    input["Message"] = "x";
    CHECK(room.refusal("Publish", input) == row.refusal);
}

TEST_CASE("a batch publishes each of its messages, or is refused for its form", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    const auto batch = [&](const Json& entries) {
        return Json{{"TopicArn", topic}, {"PublishBatchRequestEntries", entries}};
    };
    const Json output =
        room.call("PublishBatch", batch({{{"Id", "a"}, {"Message", "1"}}, {{"Id", "b"}, {"Message", "2"}}}));
    CHECK(output.at("Successful").size() == 2);
    CHECK(output.at("Failed").empty());
    CHECK(room.queues.sent.size() == 2);

    Json eleven = Json::array();
    for (int i = 0; i < 11; ++i) eleven.push_back({{"Id", std::to_string(i)}, {"Message", "x"}});
    CHECK(room.refusal("PublishBatch", batch(Json::array())) ==
          "EmptyBatchRequestException: The batch request doesn't contain any entries.");
    CHECK(room.refusal("PublishBatch", batch(eleven)) ==
          "TooManyEntriesInBatchRequestException: The batch request contains more entries than permissible.");
    CHECK(room.refusal("PublishBatch",
                       batch({{{"Id", "a"}, {"Message", "1"}}, {{"Id", "a"}, {"Message", "2"}}})) ==
          "BatchEntryIdsNotDistinctException: Two or more batch entries in the request have the same Id.");
    CHECK(room.refusal("PublishBatch", batch(Json::array({{{"Id", "a.b"}, {"Message", "1"}}}))) ==
          "InvalidBatchEntryIdException: The Id of a batch entry in the batch request contains an "
          "impermissible character: a.b");
    CHECK(
        room.refusal("PublishBatch", batch({{{"Id", "a"}, {"Message", std::string(200'000, 'x')}},
                                            {{"Id", "b"}, {"Message", std::string(100'000, 'x')}}})) ==
        "BatchRequestTooLongException: The length of all the messages put together is more than the limit.");
}

TEST_CASE("an alarm publishes by the same road, and hears why not", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "http", "http://localhost:9000/hook");
    const Owner owner{"111122223333", "us-east-1"};
    const auto publish = [&](const std::string& arn) {
        const Notification alarm{.topic_arn = arn,
                                 .subject = "ALARM: \"slow\"",
                                 .message = R"({"AlarmName":"slow"})",
                                 .source = "alarm"};
        return room.storage.write([&](Database& database) {
            return room.service.publish(database, owner, alarm, room.clock.now());
        });
    };
    CHECK_FALSE(publish(topic));
    room.advance(0ms);
    const Json delivery = room.deliveries_list({.source = "alarm"}).at(0);
    CHECK(delivery.at("status") == "delivered");
    CHECK(delivery.at("payload").at("Message") == R"({"AlarmName":"slow"})");
}

TEST_CASE("what an alarm tells a topic that does not exist is captured, with the reason", "[sns]") {
    TopicRoom room;
    struct Row {
        std::string arn;
        std::string error;
    };
    const auto row =
        GENERATE(values<Row>({{"arn:aws:sns:us-east-1:111122223333:none", "Topic does not exist"},
                              {"arn:aws:sns:eu-west-1:111122223333:oncall", "Invalid parameter: TopicArn"}}));
    const Notification alarm{.topic_arn = row.arn, .message = R"({"AlarmName":"slow"})", .source = "alarm"};
    const auto error = room.storage.write([&](Database& database) {
        return room.service.publish(database, {"111122223333", "us-east-1"}, alarm, room.clock.now());
    });
    CHECK(error == row.error);
    const Json delivery = room.deliveries_list({.target = row.arn, .status = "captured"}).at(0);
    CHECK(delivery.at("source") == "alarm");
    CHECK(delivery.at("error") == row.error);
    CHECK(delivery.at("payload").at("Message") == R"({"AlarmName":"slow"})");
}

TEST_CASE("a loop of deliveries is carried on by the caller's hops", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "http", "http://localhost:9000/hook");
    room.advance(0ms);
    room.caller.hops = 8;
    room.publish(topic, "hi");
    room.advance(0ms);
    CHECK(room.sender.posts().size() == 1);
    CHECK_THAT(room.deliveries_list({.status = "failed"}).at(0).at("error").get<std::string>(),
               StartsWith("delivery loop"));
}
