#include <thread>

#include "core/json.hpp"
#include "h2_client.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;
using namespace std::string_literals;

namespace {

constexpr Milliseconds far{3'600'000};
constexpr Milliseconds tiny{40};

/// Everything a handler sees of a request, so that two wires can be compared.
HttpReply describe(HttpRequest& request) {
    Json fields = Json::array();
    for (const auto& [name, value] : request.headers) fields.push_back(name + ": " + value);
    HttpReply reply;
    reply.headers.add("Content-Type", "application/json");
    reply.body = Json{{"method", request.method},
                      {"target", request.target},
                      {"host", std::string(request.headers.get("Host"))},
                      {"fields", fields},
                      {"remote", request.remote_address},
                      {"body", request.read_body()}}
                     .dump();
    return reply;
}

}  // namespace

TEST_CASE("a client of HTTP/2 with prior knowledge is answered on the port of HTTP/1", "[http][http2]") {
    TestFront server(describe);
    H2Client client(server.port());
    const H2Reply& reply =
        client.wait_for(client.post("/model/a%3Ab/converse?x=1", "hello", {{"x-amz-meta", "One  Two"}}));
    CHECK(reply.status == 200);
    CHECK(reply.is_whole);
    CHECK(reply.header("content-type") == "application/json");
    CHECK(reply.header("content-length") == std::to_string(reply.body.size()));
    CHECK_THAT(reply.header("date"), Catch::Matchers::EndsWith(" GMT"));
    const Json seen = Json::parse(reply.body);
    CHECK(seen["method"] == "POST");
    CHECK(seen["target"] == "/model/a%3Ab/converse?x=1");
    CHECK(seen["body"] == "hello");
    CHECK(seen["remote"] == "127.0.0.1");
    CHECK(seen["fields"] == Json{"Host: localhost", "x-amz-meta: One  Two", "content-length: 5"});
    CHECK(client.wait_for(client.get("/again")).status == 200);  // on the same connection
    CHECK(server.front.figures().requests == 2);
    CHECK(server.front.figures().accepted == 1);
}

TEST_CASE("a body may come without its length, and the fields behind it are left out", "[http][http2]") {
    TestFront server(describe);
    H2Client client(server.port());
    const auto stream = client.request(h2_request("PUT", "/"), "one ", false);
    client.send_body(stream, "two ", false);
    client.send_body(stream, "three", true);
    CHECK(Json::parse(client.wait_for(stream).body)["body"] == "one two three");

    RawClient raw(server.port());
    raw.send(h2_hello() + h2_headers(1, h2_request("POST", "/last"), false) +
             h2_frame(NGHTTP2_DATA, 0, 1, "body") + h2_headers(1, {{"x-checksum", "abc"}}));
    const Json seen = Json::parse(h2_data(raw.read_until("\"target\":\"/last\"}")));  // its last member
    CHECK(seen["body"] == "body");
    CHECK(seen["fields"] == Json::array({"Host: localhost"}));
}

TEST_CASE("crumbs of cookies are one header, and the authority is the host whatever its case",
          "[http][http2]") {
    TestFront server(describe);
    H2Client client(server.port());
    const auto stream =
        client.request(h2_request("GET", "/", {{"cookie", "a=1"}, {"host", "LOCALHOST"}, {"cookie", "b=2"}}));
    const Json seen = Json::parse(client.wait_for(stream).body);
    CHECK(seen["fields"] == Json{"Host: localhost", "cookie: a=1; b=2"});
    const auto without =
        client.request({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "127.0.0.1:4566"}});
    CHECK(Json::parse(client.wait_for(without).body)["host"] == "127.0.0.1:4566");
}

TEST_CASE("the preface and all frames may come byte by byte", "[http][http2]") {
    TestFront server(echo);
    RawClient client(server.port());
    const std::string all = h2_hello() + h2_headers(1, h2_request("POST", "/bytes"), false) +
                            h2_frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "body");
    for (const char byte : all) client.send({&byte, 1});
    CHECK_THAT(client.read_until("POST /bytes body"), Catch::Matchers::EndsWith("POST /bytes body"));
}

TEST_CASE("what begins like the preface and goes on otherwise is a bad request", "[http][http2]") {
    TestFront server(echo);
    RawClient client(server.port());
    client.send("PRI * HTTP/2.0\r\n\r\nXX");
    CHECK(client.read_reply().status == 400);
}

TEST_CASE("a connection that has spoken HTTP/1 does not turn to HTTP/2", "[http][http2]") {
    TestFront server(echo);
    RawClient client(server.port());
    client.request("GET", "/one");
    CHECK(client.read_reply().status == 200);
    client.send(h2_hello() + h2_headers(1, h2_request("GET", "/smuggled")));
    CHECK(client.read_reply().status == 400);
    CHECK_FALSE(ContainsSubstring("smuggled").match(client.read_to_end()));
}

TEST_CASE("an offer to upgrade to h2c is passed over", "[http][http2]") {
    TestFront server(echo);
    RawClient client(server.port());
    client.request(
        "GET", "/old", {},
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n");
    const RawReply reply = client.read_reply();
    CHECK_THAT(reply.head, StartsWith("HTTP/1.1 200 OK\r\n"));
    CHECK(reply.body == "GET /old ");
}

TEST_CASE("HEAD and 204 have no body, and an object's length may be told without it", "[http][http2]") {
    TestFront server([](HttpRequest& request) {
        HttpReply reply;
        if (request.target == "/none") reply.status = 204;
        if (request.target == "/object") {
            reply.headers.add("Content-Length", "12345");
        } else {
            reply.body = "content";
        }
        reply.headers.add("X-Bad", "one\r\nX-Injected: two");
        return reply;
    });
    H2Client client(server.port());
    H2Reply reply = client.wait_for(client.request(h2_request("HEAD", "/")));
    CHECK(reply.header("content-length") == "7");
    CHECK(reply.body.empty());
    CHECK(reply.is_whole);
    reply = client.wait_for(client.request(h2_request("HEAD", "/object")));
    CHECK(reply.header("content-length") == "12345");
    reply = client.wait_for(client.get("/none"));
    CHECK(reply.status == 204);
    CHECK(reply.header("content-length").empty());
    CHECK(reply.body.empty());
    reply = client.wait_for(client.get("/"));
    CHECK(reply.body == "content");
    CHECK(reply.header("x-bad").empty());
}

TEST_CASE("a client that expects it is told to continue before its body is read", "[http][http2]") {
    TestFront server(echo);
    H2Client client(server.port());
    const auto stream = client.request(h2_request("POST", "/", {{"expect", "100-continue"}}), "", false);
    client.wait_until([&] { return client.reply(stream).status == 100; });
    client.send_body(stream, "body", true);
    const H2Reply& reply = client.wait_for(stream);
    CHECK(reply.informational == 100);
    CHECK(reply.body == "POST / body");
    const auto other = client.request(h2_request("POST", "/", {{"expect", "miracles"}}), "body");
    CHECK(client.wait_for(other).status == 417);
}

TEST_CASE("Host and Origin are judged as on HTTP/1, with the same words", "[http][http2]") {
    TestFront server(echo);
    H2Client client(server.port());
    RawClient old(server.port());
    const auto stream = client.request(
        {{":method", "POST"}, {":scheme", "http"}, {":authority", "evil.example.com"}, {":path", "/"}},
        "body");
    const H2Reply foreign_host = client.wait_for(stream);
    old.send("POST / HTTP/1.1\r\nHost: evil.example.com\r\n\r\n");
    CHECK(foreign_host.status == 403);
    CHECK(foreign_host.body == old.read_reply().body);
    const H2Reply foreign_origin =
        client.wait_for(client.post("/", "body", {{"origin", "https://evil.example.com"}}));
    CHECK(foreign_origin.status == 403);
    CHECK_THAT(foreign_origin.body, ContainsSubstring("--cors-origin"));
    CHECK(client.wait_for(client.post("/", "body", {{"origin", "http://localhost"}})).status == 200);
}

TEST_CASE("compressed bodies are inflated, and bombs are refused", "[http][http2]") {
    auto options = test_options();
    options.body.inflation_free_bytes = 64;
    options.body.inflation_ratio_max = 4;
    TestFront server(echo, options);
    H2Client client(server.port());
    // By Python: gzip.compress(b"hello gzip", mtime=0) and of five thousand zeros.
    const auto small =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\x48\xaf\xca\x2c\x00\x00"
        "\x19\x6a\xd2\xdf\x0a\x00\x00\x00"s;
    const auto bomb =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\x4a\xeb\x9f\xce"
        "\x14\x7e\x40\x01\x00\x00\x00\x00\x6f\x03\x04\x3d\xfc\xa8\x88\x13\x00\x00"s;
    const H2Fields gzip{{"content-encoding", "gzip"}};
    CHECK(client.wait_for(client.post("/", small, gzip)).body == "POST / hello gzip");
    CHECK(client.wait_for(client.post("/", bomb, gzip)).status == 413);
    CHECK(client.wait_for(client.post("/", small, {{"content-encoding", "br"}})).status == 415);
}

TEST_CASE("a call that waits is told of a stop, may end, and the client hears GOAWAY", "[http][http2]") {
    Count completions;
    Count arrivals;
    TestFront server([&](HttpRequest& request) {
        HttpReply reply;
        if (request.target == "/quick") return reply;
        arrivals.add();
        reply.body = "late";
        reply.due = far;
        reply.on_complete = [&] { completions.add(); };
        return reply;
    });
    H2Client client(server.port());
    H2Client idle(server.port());
    CHECK(idle.wait_for(idle.get("/quick")).is_whole);  // the server knows it by now
    const auto stream = client.get("/held");
    REQUIRE(arrivals.wait_for(1));
    bool has_stopped = false;
    std::thread stopping([&] { has_stopped = server.front.stop(); });
    CHECK(client.wait_for(stream).body == "late");
    client.wait_for_end();
    idle.wait_for_end();
    stopping.join();
    CHECK(has_stopped);
    CHECK(client.goaways() == std::vector<std::uint32_t>{NGHTTP2_NO_ERROR});
    CHECK(idle.goaways() == std::vector<std::uint32_t>{NGHTTP2_NO_ERROR});
    CHECK(completions.number() == 1);
    CHECK(server.front.figures().connections == 0);
}

TEST_CASE("a handler that does not end holds a stop no longer than its deadline", "[http][http2]") {
    Count arrivals;
    Count let_go;
    auto options = test_options();
    options.stop_deadline = tiny;
    TestFront server(
        [&](HttpRequest& request) {
            arrivals.add();
            let_go.wait_for(1);
            return echo(request);
        },
        options);
    H2Client client(server.port());
    client.get("/");
    REQUIRE(arrivals.wait_for(1));
    CHECK_FALSE(server.front.stop());
    client.wait_for_end();
    let_go.add();
}

TEST_CASE("an idle connection counts and holds no worker", "[http][http2]") {
    TestFront server(echo);
    H2Client client(server.port());
    CHECK(client.wait_for(client.get("/")).status == 200);
    CHECK(eventually([&] { return server.front.figures().busy_workers == 0; }));
    CHECK(server.front.figures().connections == 1);
    CHECK_FALSE(client.has_ended());
    CHECK(client.wait_for(client.get("/again")).status == 200);
}

TEST_CASE("an idle connection is closed with GOAWAY after its time", "[http][http2]") {
    auto options = test_options();
    options.keep_alive = tiny;
    TestFront server(echo, options);
    H2Client client(server.port());
    CHECK(client.wait_for(client.get("/")).status == 200);
    client.wait_for_end();
    CHECK(client.goaways() == std::vector<std::uint32_t>{NGHTTP2_NO_ERROR});
    H2Client silent(server.port());
    silent.wait_for_end();
    CHECK(silent.goaways() == std::vector<std::uint32_t>{NGHTTP2_NO_ERROR});
}
