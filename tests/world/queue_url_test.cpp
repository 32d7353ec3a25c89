#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;

namespace {

const Headers form = {{"Content-Type", "application/x-www-form-urlencoded"}};

std::string body_received(TestWorld& world, const std::string& queue) {
    const HttpReply reply = world.http("GET", queue + "?Action=ReceiveMessage&Version=2012-11-05");
    const auto from = reply.body.find("<Body>");
    if (reply.status != 200 || from == std::string::npos) return reply.body;
    return reply.body.substr(from + 6, reply.body.find("</Body>") - from - 6);
}

}  // namespace

TEST_CASE("what is sent to a queue's URL is for that queue, by GET and POST", "[world][sqs]") {
    const auto queue =
        GENERATE(values<std::string>({"/000000000000/orders", "/queue/us-east-1/000000000000/orders"}));
    CAPTURE(queue);
    TestWorld world;
    world.call("sqs", "CreateQueue", {{"QueueName", "orders"}});
    const std::string send = "Action=SendMessage&Version=2012-11-05&MessageBody=";
    CHECK(world.http("POST", queue, form, send + "posted").status == 200);
    CHECK(body_received(world, queue) == "posted");
    CHECK(world.http("GET", queue + "?" + send + "got").status == 200);
    CHECK(body_received(world, queue) == "got");
}

TEST_CASE("at the root a QueueUrl is missed, and a path that is no queue's is no address", "[world][sqs]") {
    TestWorld world;
    const std::string purge = "Action=PurgeQueue&Version=2012-11-05";
    const HttpReply root = world.http("POST", "/", form, purge);
    CHECK(root.status == 400);
    CHECK_THAT(root.body, ContainsSubstring("<Code>MissingParameter</Code>"));
    const HttpReply elsewhere = world.http("POST", "/some/where", form, purge);
    CHECK(elsewhere.status == 404);
    CHECK_THAT(elsewhere.body, ContainsSubstring("<Code>InvalidAddress</Code>"));
}
