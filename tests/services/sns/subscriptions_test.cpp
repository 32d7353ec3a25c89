#include <unistd.h>

#include <filesystem>

#include "topic_room.hpp"

using namespace rockwatch;
using namespace rockwatch::sns;
using namespace std::chrono_literals;

namespace {

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a topic is made once by its name, unless something differs", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic("oncall", {{"DisplayName", "On call"}});
    CHECK(topic == "arn:aws:sns:us-east-1:111122223333:oncall");
    CHECK(room.make_topic("oncall", {{"DisplayName", "On call"}}) == topic);
    CHECK(room.make_topic("oncall") == topic);
    CHECK(room.refusal("CreateTopic", {{"Name", "oncall"}, {"Attributes", {{"DisplayName", "Other"}}}}) ==
          "InvalidParameterException: Invalid parameter: Attributes Reason: Topic already exists with "
          "different attributes");
    CHECK(room.refusal("CreateTopic", {{"Name", "oncall"}, {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}}) ==
          "InvalidParameterException: Invalid parameter: Tags Reason: Topic already exists with different "
          "tags");
}

TEST_CASE("CreateTopic refuses names and attributes as SNS does, and what we do not follow", "[sns]") {
    struct Row {
        Json input;
        std::string refusal;
    };
    const std::string invalid = "InvalidParameterException: Invalid parameter: ";
    const auto row = GENERATE_COPY(values<Row>({
        {{{"Name", ""}}, invalid + "Topic Name"},
        {{{"Name", "a b"}}, invalid + "Topic Name"},
        {{{"Name", std::string(257, 'a')}}, invalid + "Topic Name"},
        {{{"Name", "a.fifo"}, {"Attributes", {{"FifoTopic", "true"}}}},
         invalid + "Topic Name Reason: FIFO topics are not supported by Rockwatch yet"},
        {{{"Name", "a"}, {"Attributes", {{"FifoTopic", "true"}}}},
         invalid + "Attributes Reason: FifoTopic: FIFO topics are not supported by Rockwatch yet"},
        {{{"Name", "a"}, {"Attributes", {{"FifoTopic", "false"}}}}, ""},
        {{{"Name", "a"}, {"Attributes", {{"Colour", "red"}}}},
         invalid + "Attributes Reason: Unknown attribute Colour"},
        {{{"Name", "a"}, {"Attributes", {{"Policy", "no"}}}},
         invalid + "Attributes Reason: Policy Error: null"},
        {{{"Name", "a"}, {"Attributes", {{"SignatureVersion", "3"}}}},
         invalid + "Attributes Reason: SignatureVersion: Invalid value [3]. Must be 1 or 2."},
        {{{"Name", "a"}, {"Attributes", {{"HTTPSuccessFeedbackRoleArn", "arn"}}}},
         invalid + "Attributes Reason: HTTPSuccessFeedbackRoleArn: delivery status logging is not supported "
                   "by Rockwatch yet"},
        {{{"Name", "a"}, {"Tags", {{{"Key", "k"}, {"Value", "1"}}, {{"Key", "k"}, {"Value", "2"}}}}},
         invalid + "Duplicated keys are not allowed."},
    }));
    TopicRoom room;
    CAPTURE(row.input.dump());
    CHECK(room.refusal("CreateTopic", row.input) == row.refusal);
}

TEST_CASE("a topic shows its attributes, counts and policies as texts", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    room.subscribe(topic, "http", "http://webhook/");
    room.call("Unsubscribe", {{"SubscriptionArn", room.subscribe(topic, "sms", "+15551234567")}});
    const Json attributes = room.call("GetTopicAttributes", {{"TopicArn", topic}}).at("Attributes");
    CHECK(attributes.at("TopicArn") == topic);
    CHECK(attributes.at("Owner") == "111122223333");
    CHECK(attributes.at("DisplayName") == "");
    CHECK(attributes.at("SubscriptionsConfirmed") == "1");
    CHECK(attributes.at("SubscriptionsPending") == "1");
    CHECK(attributes.at("SubscriptionsDeleted") == "1");
    CHECK(Json::parse(attributes.at("Policy").get<std::string>()).at("Statement").at(0).at("Condition") ==
          Json{{"StringEquals", {{"AWS:SourceOwner", "111122223333"}}}});
    CHECK(Json::parse(attributes.at("EffectiveDeliveryPolicy").get<std::string>())
              .at("http")
              .at("defaultHealthyRetryPolicy")
              .at("numRetries") == 3);
    CHECK_FALSE(attributes.contains("DeliveryPolicy"));
    room.call("SetTopicAttributes",
              {{"TopicArn", topic}, {"AttributeName", "DisplayName"}, {"AttributeValue", "On call"}});
    CHECK(room.call("GetTopicAttributes", {{"TopicArn", topic}}).at("Attributes").at("DisplayName") ==
          "On call");
    CHECK(room.refusal("SetTopicAttributes",
                       {{"TopicArn", topic}, {"AttributeName", "Colour"}, {"AttributeValue", "red"}}) ==
          "InvalidParameterException: Invalid parameter: AttributeName");
}

TEST_CASE("topics are listed a hundred at a time and deleted with their subscriptions", "[sns]") {
    TopicRoom room;
    for (int i = 0; i < 101; ++i) room.make_topic("t" + std::to_string(1000 + i));
    const Json page = room.call("ListTopics", Json::object());
    CHECK(page.at("Topics").size() == 100);
    const Json rest = room.call("ListTopics", {{"NextToken", page.at("NextToken")}});
    CHECK(rest == Json{{"Topics", {{{"TopicArn", "arn:aws:sns:us-east-1:111122223333:t1100"}}}}});

    const std::string topic = "arn:aws:sns:us-east-1:111122223333:t1100";
    room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    room.call("DeleteTopic", {{"TopicArn", topic}});
    CHECK(room.refusal("DeleteTopic", {{"TopicArn", topic}}) == "");
    CHECK(room.refusal("GetTopicAttributes", {{"TopicArn", topic}}) ==
          "NotFoundException: Topic does not exist");
    CHECK(room.call("ListSubscriptions", Json::object()).at("Subscriptions").empty());
}

TEST_CASE("a topic's tags are added, replaced, taken away and read", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.call("TagResource", {{"ResourceArn", topic}, {"Tags", {{{"Key", "team"}, {"Value", "a"}}}}});
    room.call("TagResource",
              {{"ResourceArn", topic},
               {"Tags", {{{"Key", "team"}, {"Value", "b"}}, {{"Key", "env"}, {"Value", "test"}}}}});
    room.call("UntagResource", {{"ResourceArn", topic}, {"TagKeys", {"env"}}});
    CHECK(room.call("ListTagsForResource", {{"ResourceArn", topic}}) ==
          Json{{"Tags", {{{"Key", "team"}, {"Value", "b"}}}}});
    CHECK(room.refusal("ListTagsForResource", {{"ResourceArn", topic + "x"}}) ==
          "ResourceNotFoundException: Resource does not exist");
}

TEST_CASE("Subscribe refuses endpoints that do not fit their protocol", "[sns]") {
    struct Row {
        std::string protocol;
        std::string endpoint;
        std::string refusal;
    };
    const std::string invalid = "InvalidParameterException: Invalid parameter: ";
    const auto row = GENERATE_COPY(values<Row>({
        {"pigeon", "x", invalid + "Amazon SNS does not support this protocol string: pigeon"},
        {"http", "https://localhost/", invalid + "Endpoint must match the specified protocol"},
        {"https", "http://localhost/", invalid + "Endpoint must match the specified protocol"},
        {"http", "http://user@localhost/",
         invalid + "Endpoint Reason: a URL with a user name is not supported"},
        {"http", "", invalid + "Endpoint"},
        {"sqs", "http://localhost/q", invalid + "SQS endpoint ARN"},
        {"sqs", "arn:aws:sqs:us-east-1:111122223333:q.fifo",
         invalid + "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard "
                   "SNS topics"},
        {"sms", "555", invalid + "Invalid SMS endpoint: 555"},
        {"email", "nobody", invalid + "Email address"},
        {"lambda", "f", invalid + "Lambda endpoint ARN"},
    }));
    TopicRoom room;
    const std::string topic = room.make_topic();
    CAPTURE(row.protocol, row.endpoint);
    CHECK(room.refusal("Subscribe",
                       {{"TopicArn", topic}, {"Protocol", row.protocol}, {"Endpoint", row.endpoint}}) ==
          row.refusal);
    CHECK(room.refusal("Subscribe", {{"TopicArn", topic + "x"}, {"Protocol", "sqs"}, {"Endpoint", "x"}}) ==
          "NotFoundException: Topic does not exist");
}

TEST_CASE("subscription attributes are checked where they are set", "[sns]") {
    struct Row {
        std::string name;
        std::string value;
        std::string fault;
    };
    const auto row = GENERATE(values<Row>({
        {"Colour", "red", "AttributeName"},
        {"FilterPolicy", "{", "FilterPolicy: failed to parse JSON."},
        {"FilterPolicy", R"({"a":[]})", "FilterPolicy: Empty arrays are not allowed"},
        {"FilterPolicy", R"({"a":{"b":["c"]}})",
         "FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy"},
        {"FilterPolicyScope", "Body",
         "FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes"},
        {"RawMessageDelivery", "yes", "RawMessageDelivery: Invalid value [yes]. Must be true or false."},
        {"RawMessageDelivery", "true", "Delivery protocol [sms] does not support raw message delivery."},
        {"RedrivePolicy", "{", "RedrivePolicy: failed to parse JSON."},
        {"RedrivePolicy", "{}", "RedrivePolicy: deadLetterTargetArn is an invalid arn"},
        {"ReplayPolicy", "{}", "ReplayPolicy: FIFO topics are not supported by Rockwatch yet"},
    }));
    TopicRoom room;
    const std::string topic = room.make_topic();
    CAPTURE(row.name, row.value);
    CHECK(room.refusal("Subscribe", {{"TopicArn", topic},
                                     {"Protocol", "sms"},
                                     {"Endpoint", "+15551234567"},
                                     {"Attributes", {{row.name, row.value}}}}) ==
          "InvalidParameterException: Invalid parameter: Attributes Reason: " + row.fault);
    const std::string subscription = room.subscribe(topic, "sms", "+15551234567");
    CHECK(room.refusal("SetSubscriptionAttributes", {{"SubscriptionArn", subscription},
                                                     {"AttributeName", row.name},
                                                     {"AttributeValue", row.value}}) ==
          "InvalidParameterException: Invalid parameter: " + row.fault);
}

TEST_CASE("a webhook on this machine is subscribed at once, and told so", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const std::string subscription = room.subscribe(topic, "http", "http://127.0.0.1:9000/hook");
    CHECK(subscription.starts_with(topic + ":"));
    room.advance(0ms);
    REQUIRE(room.sender.posts().size() == 1);
    const auto post = room.sender.posts()[0];
    CHECK(post.headers.get("x-amz-sns-message-type") == "SubscriptionConfirmation");
    CHECK(post.headers.find("x-amz-sns-subscription-arn") == nullptr);
    CHECK(keys_in_order(post.body) == Keys{"Type", "MessageId", "Token", "TopicArn", "Message",
                                           "SubscribeURL", "Timestamp", "SignatureVersion", "Signature",
                                           "SigningCertURL"});
    const Json body = Json::parse(post.body);
    CHECK(body.at("Message") ==
          "You have chosen to subscribe to the topic " + topic +
              ".\nTo confirm the subscription, visit the SubscribeURL included in this message.");
    CHECK(body.at("SubscribeURL") == "http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=" + topic +
                                         "&Token=" + body.at("Token").get<std::string>());
}

TEST_CASE("a webhook elsewhere is pending until it confirms with its token", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    CHECK(room.subscribe(topic, "http", "http://webhook:9000/") == "pending confirmation");
    const std::string arn = room.call("Subscribe", {{"TopicArn", topic},
                                                    {"Protocol", "http"},
                                                    {"Endpoint", "http://webhook:9000/"},
                                                    {"ReturnSubscriptionArn", true}})
                                .at("SubscriptionArn");
    CHECK(arn.starts_with(topic + ":"));
    CHECK(room.call("ListSubscriptionsByTopic", {{"TopicArn", topic}})
              .at("Subscriptions")
              .at(0)
              .at("SubscriptionArn") == "PendingConfirmation");
    room.advance(0ms);
    REQUIRE(room.sender.posts().size() == 1);
    const std::string token = Json::parse(room.sender.posts()[0].body).at("Token");

    room.publish(topic, "too early");
    CHECK(room.deliveries_list().back().at("status") == "captured");
    CHECK(room.refusal("ConfirmSubscription", {{"TopicArn", topic}, {"Token", "other"}}) ==
          "InvalidParameterException: Invalid parameter: Token");

    room.caller.access_key.clear();  // the link, followed by hand, from anywhere
    room.caller.region = "eu-west-1";
    CHECK(room.call("ConfirmSubscription", {{"TopicArn", topic}, {"Token", token}}).at("SubscriptionArn") ==
          arn);
    CHECK(room.call("ConfirmSubscription", {{"TopicArn", topic}, {"Token", token}}).at("SubscriptionArn") ==
          arn);
    const Json attributes =
        room.call("GetSubscriptionAttributes", {{"SubscriptionArn", arn}}).at("Attributes");
    CHECK(attributes.at("PendingConfirmation") == "false");
    CHECK(attributes.at("ConfirmationWasAuthenticated") == "false");
}

TEST_CASE("a token expires after three days", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "http", "http://webhook:9000/");
    const std::string token = room.deliveries_list().at(0).at("payload").at("Token");
    room.clock.advance_to(room.clock.now() + 72h);
    CHECK(room.refusal("ConfirmSubscription", {{"TopicArn", topic}, {"Token", token}}) ==
          "InvalidParameterException: Invalid parameter: Token Reason: the token has expired");
}

TEST_CASE("subscribing an endpoint again gives the same subscription", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const std::string queue = "arn:aws:sqs:us-east-1:111122223333:q";
    const std::string subscription = room.subscribe(topic, "sqs", queue, {{"RawMessageDelivery", "true"}});
    CHECK(room.subscribe(topic, "sqs", queue) == subscription);
    CHECK(room.refusal("Subscribe", {{"TopicArn", topic},
                                     {"Protocol", "sqs"},
                                     {"Endpoint", queue},
                                     {"Attributes", {{"RawMessageDelivery", "false"}}}}) ==
          "InvalidParameterException: Invalid parameter: Attributes Reason: Subscription already exists with "
          "different attributes");
}

TEST_CASE("a subscription shows its attributes", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const std::string subscription = room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q");
    room.call("SetSubscriptionAttributes", {{"SubscriptionArn", subscription},
                                            {"AttributeName", "FilterPolicy"},
                                            {"AttributeValue", R"({"a":["b"]})"}});
    CHECK(room.call("GetSubscriptionAttributes", {{"SubscriptionArn", subscription}}).at("Attributes") ==
          Json{{"SubscriptionArn", subscription},
               {"TopicArn", topic},
               {"Owner", "111122223333"},
               {"Protocol", "sqs"},
               {"Endpoint", "arn:aws:sqs:us-east-1:111122223333:q"},
               {"PendingConfirmation", "false"},
               {"ConfirmationWasAuthenticated", "true"},
               {"SubscriptionPrincipal", "arn:aws:iam::111122223333:root"},
               {"RawMessageDelivery", "false"},
               {"FilterPolicy", R"({"a":["b"]})"},
               {"FilterPolicyScope", "MessageAttributes"}});
    CHECK(room.refusal("GetSubscriptionAttributes", {{"SubscriptionArn", subscription + "x"}}) ==
          "NotFoundException: Subscription does not exist");
}

TEST_CASE("an unsubscribed webhook is told, and its token brings it back", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    const std::string subscription = room.subscribe(topic, "http", "http://localhost:9000/");
    room.call("Unsubscribe", {{"SubscriptionArn", subscription}});
    CHECK(room.call("ListSubscriptions", Json::object()).at("Subscriptions").empty());
    CHECK(room.refusal("Unsubscribe", {{"SubscriptionArn", subscription}}) == "");
    CHECK(room.refusal("Unsubscribe", {{"SubscriptionArn", "x"}}) ==
          "InvalidParameterException: Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 "
          "elements, not 1");
    room.advance(0ms);
    REQUIRE(room.sender.posts().size() == 2);
    const Json body = Json::parse(room.sender.posts()[1].body);
    CHECK(body.at("Type") == "UnsubscribeConfirmation");
    CHECK(room.call("ConfirmSubscription", {{"TopicArn", topic}, {"Token", body.at("Token")}})
              .at("SubscriptionArn") == subscription);
    CHECK(room.call("ListSubscriptions", Json::object()).at("Subscriptions").size() == 1);
}

TEST_CASE("AuthenticateOnUnsubscribe keeps strangers from ending a subscription", "[sns]") {
    TopicRoom room;
    const std::string topic = room.make_topic();
    room.subscribe(topic, "http", "http://webhook:9000/");
    const std::string token = room.deliveries_list().at(0).at("payload").at("Token");
    const std::string subscription =
        room.call("ConfirmSubscription",
                  {{"TopicArn", topic}, {"Token", token}, {"AuthenticateOnUnsubscribe", "true"}})
            .at("SubscriptionArn");
    room.caller.access_key.clear();
    CHECK_THAT(room.refusal("Unsubscribe", {{"SubscriptionArn", subscription}}),
               StartsWith("AuthorizationErrorException"));
    room.caller.access_key = "test";
    CHECK(room.refusal("Unsubscribe", {{"SubscriptionArn", subscription}}) == "");
}

TEST_CASE("topics and subscriptions survive a restart, and a reset forgets them", "[sns]") {
    const auto path =
        std::filesystem::temp_directory_path() / ("rockwatch-sns-" + std::to_string(::getpid()) + ".db");
    const auto clean = [&] {
        for (const char* suffix : {"", "-wal", "-shm", "-lock"})
            std::filesystem::remove(path.string() + suffix);
    };
    clean();
    std::string topic;
    {
        TopicRoom room(path.string());
        topic = room.make_topic("oncall", {{"DisplayName", "On call"}});
        room.subscribe(topic, "sqs", "arn:aws:sqs:us-east-1:111122223333:q",
                       {{"FilterPolicy", R"({"a":["b"]})"}});
    }
    {
        TopicRoom room(path.string());
        CHECK(room.call("GetTopicAttributes", {{"TopicArn", topic}}).at("Attributes").at("DisplayName") ==
              "On call");
        room.publish(topic, "filtered");
        CHECK(room.queues.sent.empty());
        room.publish(topic, "hi",
                     {{"MessageAttributes", {{"a", {{"DataType", "String"}, {"StringValue", "b"}}}}}});
        CHECK(room.queues.sent.size() == 1);
        room.storage.write([&](Database& database) { room.service.reset(database); });
        CHECK(room.call("ListTopics", Json::object()).at("Topics").empty());
        CHECK(room.call("ListSubscriptions", Json::object()).at("Subscriptions").empty());
    }
    clean();
}
