#include "h2_client.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

constexpr const char* sonic = "/model/amazon.nova-sonic-v1:0/invoke-with-bidirectional-stream";

/// A world behind a front.
struct Served {
    TestWorld world;
    TestFront server{[this](HttpRequest& request) { return world.world.gateway().answer(request); }};

    Json call() { return world.world.journal().list({}).at("calls").at(0); }
};

/// What a client hears that has said its head alone.
const H2Reply& answer_to_head(H2Client& client, const H2Fields& more = {}) {
    const auto stream = client.request(h2_request("POST", sonic, more), "", false);
    client.wait_until([&] { return client.reply(stream).is_whole; });
    return client.reply(stream);
}

}  // namespace

TEST_CASE("who would send events to an operation that we do not have hears so before it ends",
          "[http][http2][events]") {
    Served served;
    H2Client client(served.server.port());
    const H2Reply& reply = answer_to_head(client);
    CHECK(reply.status == 501);
    CHECK(reply.is_whole);
    CHECK_THAT(reply.header("x-amzn-errortype"), StartsWith("NotImplemented"));
    CHECK_THAT(reply.body, ContainsSubstring("bedrock-runtime InvokeModelWithBidirectionalStream"));
    const Json call = served.call();
    CHECK(call.at("operation") == "InvokeModelWithBidirectionalStream");
    CHECK(call.at("status") == 501);
    CHECK(call.at("error").at("code") == "NotImplemented");
    CHECK(call.at("request").is_null());
}

TEST_CASE("over HTTP/1.1, too, and the connection ends since the rest of the body may never come",
          "[http][events]") {
    Served served;
    RawClient client(served.server.port());
    client.send("POST " + std::string(sonic) +
                " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n");
    const RawReply reply = client.read_reply();
    CHECK(reply.status == 501);
    CHECK(reply.is_whole);
    CHECK(reply.header("Connection") == "close");
    CHECK(served.call().at("error").at("code") == "NotImplemented");
}

TEST_CASE("nobody is told to go on with events that nobody will read", "[http][http2][events]") {
    Served served;
    H2Client client(served.server.port());
    const H2Reply& reply = answer_to_head(client, {{"expect", "100-continue"}});
    CHECK(reply.status == 501);
    CHECK(reply.informational == 0);
}
