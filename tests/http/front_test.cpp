#include "http/front.hpp"

#include <zlib.h>

#include <thread>

#include "core/json.hpp"
#include "core/text_time.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

std::string gzip(const std::string& text) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) ==
            Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string message_of(const RawReply& reply) {
    const auto json = parse_json(reply.body);
    return json && json->is_object() ? text_or_empty(*json, "message") : "";
}

}  // namespace

TEST_CASE(
    "a plain answer carries its length, the real date and the keep-alive hint, and the connection stays",
    "[http][front]") {
    TestFront server(echo);
    RawClient client(server.port());
    for (int round = 0; round < 3; ++round) {
        client.request("POST", "/model/a%3Ab/converse?x=%2F", "hello");
        const RawReply reply = client.read_reply();
        CHECK(reply.status == 200);
        CHECK(reply.body == "POST /model/a%3Ab/converse?x=%2F hello");
        CHECK(reply.header("Content-Length") == std::to_string(reply.body.size()));
        CHECK(reply.header("Content-Type") == "text/plain");
        CHECK(reply.header("Keep-Alive") == "timeout=75");
        CHECK(reply.header("Connection").empty());
        CHECK(parse_http_date(reply.header("Date")));
    }
    CHECK(server.front.figures().accepted == 1);
    CHECK(server.front.figures().requests == 3);
}

TEST_CASE("the handler sees headers, target and address as they are", "[http][front]") {
    std::string seen;
    std::string address;
    TestFront server([&](HttpRequest& request) {
        for (const auto& [name, value] : request.headers) seen += name + "=" + value + "\n";
        address = request.remote_address;
        return HttpReply{};
    });
    RawClient client(server.port());
    client.send(
        "GET /a?b HTTP/1.1\r\nHost: localhost\r\nX-B: 1\r\nREMOTE_ADDR: 6.6.6.6\r\nX-A: a%20b%0d%0a\r\nx-b: "
        "2\r\n\r\n");
    CHECK(client.read_reply().status == 200);
    CHECK(seen == "Host=localhost\nX-B=1\nREMOTE_ADDR=6.6.6.6\nX-A=a%20b%0d%0a\nx-b=2\n");
    CHECK(address == "127.0.0.1");
}

TEST_CASE("pipelined requests are answered in order", "[http][front]") {
    TestFront server(echo);
    RawClient client(server.port());
    client.send(
        "POST /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\none"
        "POST /2 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
        "GET /3 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nthree"
        "GET /4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        "GET /5 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(client.read_reply().body == "POST /1 one");
    CHECK(client.read_reply().body == "POST /2 two");
    CHECK(client.read_reply().body == "GET /3 three");
    const RawReply last = client.read_reply();
    CHECK(last.body == "GET /4 ");
    CHECK(last.header("Connection") == "close");
    CHECK(client.read_to_end().empty());
}

TEST_CASE("a request that comes byte by byte is answered like any other", "[http][front]") {
    TestFront server(echo);
    RawClient client(server.port());
    for (const char byte : std::string("POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                                       "chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")) {
        client.send(std::string(1, byte));
    }
    CHECK(client.read_reply().body == "POST /x hi");
}

TEST_CASE("HTTP/1.0 is answered and closed, unless it asks to stay", "[http][front]") {
    TestFront server(echo);
    RawClient closing(server.port());
    closing.send("GET /old HTTP/1.0\r\n\r\n");
    const RawReply reply = closing.read_reply();
    CHECK(reply.body == "GET /old ");
    CHECK(reply.header("Connection") == "close");
    CHECK(closing.read_to_end().empty());
    RawClient staying(server.port());
    for (int round = 0; round < 2; ++round) {
        staying.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(staying.read_reply().header("Connection") == "keep-alive");
    }
}

TEST_CASE("HEAD, 204 and 304 have no body, and HEAD tells the length that GET would have", "[http][front]") {
    TestFront server([](HttpRequest& request) {
        HttpReply reply;
        if (request.path() == "/204") reply.status = 204;
        if (request.path() == "/304") reply.status = 304;
        if (request.path() == "/object") reply.headers.add("Content-Length", "12345");
        if (request.path() == "/text") reply.body = "hello";
        if (request.path() == "/204") reply.body = "not for you";
        return reply;
    });
    RawClient client(server.port());
    client.request("GET", "/204");
    const RawReply no_content = client.read_reply();
    CHECK(no_content.status == 204);
    CHECK(no_content.header("Content-Length").empty());
    client.request("GET", "/304");
    CHECK(client.read_reply().status == 304);
    client.request("HEAD", "/text");
    const RawReply text = client.read_reply(true);
    CHECK(text.header("Content-Length") == "5");
    CHECK(text.header("Accept-Ranges").empty());
    client.request("HEAD", "/object");
    CHECK(client.read_reply(true).header("Content-Length") == "12345");
    client.request("GET", "/empty");
    CHECK(client.read_reply().header("Content-Length") == "0");
    client.request("GET", "/text");
    CHECK(client.read_reply().body == "hello");
}

TEST_CASE("ranges, codings and paths that the library would choke on are the handler's alone",
          "[http][front]") {
    TestFront server([](HttpRequest& request) {
        HttpReply reply;
        reply.headers.add("Content-Type", "application/json");
        reply.body = std::string(1000, '{') + std::string(request.headers.get("Range")).substr(0, 12);
        return reply;
    });
    RawClient client(server.port());
    std::string ranges = "Range: bytes=0-1";
    for (int count = 0; count < 4000; ++count) ranges += ",1-2";
    client.request("GET", "/" + std::string(600, 'a'), {}, ranges + "\r\nAccept-Encoding: gzip, br\r\n");
    RawReply reply = client.read_reply();
    CHECK(reply.status == 200);
    CHECK(reply.body.size() == 1012);
    CHECK(reply.header("Content-Encoding").empty());
    client.request("GET", "/" + std::string(15'000, 'b') + "??x?", {}, "Range: nonsense\r\n");
    reply = client.read_reply();
    CHECK(reply.status == 200);
    CHECK(reply.body.size() == 1008);
    std::string long_header(60'000, 'h');
    client.request("POST", "/%0d%0a%00", "x",
                   "X-Long: " + long_header +
                       "\r\nContent-Type: multipart/form-data; boundary=" + std::string(1000, 'b') + "\r\n");
    CHECK(client.read_reply().status == 200);
}

TEST_CASE("headers of an answer can't be split", "[http][front]") {
    TestFront server([](HttpRequest&) {
        HttpReply reply;
        reply.headers.add("X-Bad", "a\r\nX-Injected: 1");
        reply.headers.add("X-Cut", std::string("a\0b", 3));
        reply.headers.add("X-Good", "a b");
        reply.headers.add("Connection", "keep-alive");
        reply.headers.add("Content-Length", "7");
        reply.headers.add("Set-Cookie", "one");
        reply.headers.add("Set-Cookie", "two");
        return reply;
    });
    RawClient client(server.port());
    client.request("GET", "/");
    const RawReply reply = client.read_reply();
    CHECK(reply.header("X-Injected").empty());
    CHECK(reply.header("X-Bad").empty());
    CHECK(reply.header("X-Cut").empty());
    CHECK(reply.header("X-Good") == "a b");
    CHECK(reply.header("Content-Length") == "0");
    CHECK(reply.header("Connection").empty());
    CHECK(reply.header("Set-Cookie") == "one | two");
}

TEST_CASE("gzip bodies are inflated, bombs are refused, and the handler may have a body as it was sent", "[http][front]") {
    TestFront server([](HttpRequest& request) {
        if (request.method == "PUT") request.body->keep_coding();
        return echo(request);
    });
    RawClient client(server.port());
    client.request("POST", "/", gzip("hello"), "Content-Encoding: gzip\r\n");
    CHECK(client.read_reply().body == "POST / hello");
    const std::string packed = gzip("hello");
    client.request("PUT", "/b/k", packed, "Content-Encoding: gzip\r\n");
    CHECK(client.read_reply().body == "PUT /b/k " + packed);
    client.request("PUT", "/b/k", "5;chunk-signature=0\r\nhello\r\n", "Content-Encoding: aws-chunked\r\n");
    CHECK(client.read_reply().body == "PUT /b/k 5;chunk-signature=0\r\nhello\r\n");
    client.request("POST", "/", gzip(std::string(20U << 20U, '\0')), "Content-Encoding: gzip\r\n");
    const RawReply bomb = client.read_reply();
    CHECK(bomb.status == 413);
    CHECK(bomb.header("Connection") == "close");
    CHECK_THAT(message_of(bomb), ContainsSubstring("200 times"));
    RawClient other(server.port());
    other.request("POST", "/", "x", "Content-Encoding: br\r\n");
    CHECK(other.read_reply().status == 415);
}

TEST_CASE("a large body goes through, both ways", "[http][front]") {
    TestFront server([](HttpRequest& request) {
        HttpReply reply;
        reply.body = request.read_body();
        return reply;
    });
    std::string body;
    for (int line = 0; line < 500'000; ++line) body += std::to_string(line) + "\n";
    RawClient client(server.port());
    std::thread sender([&] { client.request("PUT", "/", body); });
    const RawReply reply = client.read_reply();
    sender.join();
    CHECK(reply.body == body);
    CHECK(eventually([&] { return server.front.figures().bodies_bytes == 0; }));
}

TEST_CASE("100 Continue is sent when the body is first read, and not when it is refused", "[http][front]") {
    TestFront server([](HttpRequest& request) {
        return request.path() == "/read" ? echo(request) : HttpReply{.status = 403};
    });
    RawClient client(server.port());
    client.send("PUT /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n");
    CHECK(client.read_reply().status == 100);
    client.send("hello");
    CHECK(client.read_reply().body == "PUT /read hello");
    client.send(
        "PUT /refuse HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    const RawReply refused = client.read_reply();
    CHECK(refused.status == 403);
    CHECK(refused.header("Connection") == "close");
    CHECK(client.read_to_end().empty());
}

TEST_CASE("a body that nobody reads does not become the next request", "[http][front]") {
    TestFront server([](HttpRequest& request) {
        HttpReply reply;
        reply.body = request.target;
        return reply;
    });
    RawClient client(server.port());
    const std::string marker = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.request("POST", "/first", marker);
    CHECK(client.read_reply().body == "/first");
    client.request("GET", "/second", marker);
    CHECK(client.read_reply().body == "/second");
    client.request("POST", "/third", std::string(100'000, 'x') + marker);
    const RawReply third = client.read_reply();
    CHECK(third.body == "/third");
    CHECK(third.header("Connection") == "close");
    CHECK(client.read_to_end().empty());
}

TEST_CASE("after a framing error the connection is closed, and what follows never runs", "[http][front]") {
    Count runs;
    TestFront server([&](HttpRequest& request) {
        if (request.target == "/smuggled") runs.add();
        return echo(request);
    });
    const std::string head = GENERATE(
        as<std::string>{}, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");
    CAPTURE(head);
    RawClient client(server.port());
    client.send(head + "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const RawReply reply = client.read_reply();
    CHECK(reply.status == 400);
    CHECK(reply.header("Connection") == "close");
    CHECK_FALSE(message_of(reply).empty());
    CHECK(client.read_to_end().empty());
    CHECK(runs.number() == 0);
}

TEST_CASE("an exception of the handler is answered with 500 and tells nothing", "[http][front]") {
    TestFront server([](HttpRequest& request) -> HttpReply {
        if (request.path() == "/odd") throw 5;
        throw std::runtime_error("the secret");
    });
    RawClient client(server.port());
    client.request("GET", "/");
    RawReply reply = client.read_reply();
    CHECK(reply.status == 500);
    CHECK_THAT(reply.head + reply.body, !ContainsSubstring("secret"));
    client.request("GET", "/odd");
    CHECK(client.read_reply().status == 500);
    client.request("GET", "/_rockwatch/clock");
    reply = client.read_reply();
    CHECK(parse_json(reply.body)->at("error").at("code") == "InternalError");
}

TEST_CASE("who may call is judged before the handler", "[http][front]") {
    Count calls;
    auto options = test_options();
    options.host_names = {"emulator.example.com"};
    options.cors_origins = {"http://localhost:3000"};
    TestFront server(
        [&](HttpRequest& request) {
            calls.add();
            return echo(request);
        },
        options);
    RawClient rebound(server.port());
    rebound.send("POST / HTTP/1.1\r\nHost: evil.com\r\n\r\n");
    const RawReply refused = rebound.read_reply();
    CHECK(refused.status == 403);
    CHECK(refused.header("Connection") == "close");
    CHECK_THAT(message_of(refused), ContainsSubstring("--host-name"));
    RawClient foreign(server.port());
    foreign.request("POST", "/_rockwatch/reset", "{}", "Origin: http://evil.com\r\n");
    const RawReply control = foreign.read_reply();
    CHECK(control.status == 403);
    CHECK(control.header("Access-Control-Allow-Origin").empty());
    CHECK_THAT(parse_json(control.body)->at("error").at("message").get<std::string>(),
               ContainsSubstring("--cors-origin"));
    CHECK(calls.number() == 0);

    RawClient friendly(server.port());
    friendly.send("GET / HTTP/1.1\r\nHost: emulator.example.com\r\n\r\n");
    CHECK(friendly.read_reply().status == 200);
    friendly.request("GET", "/", {}, "Origin: http://localhost:3000\r\n");
    const RawReply allowed = friendly.read_reply();
    CHECK(allowed.status == 200);
    CHECK(allowed.header("Access-Control-Allow-Origin") == "http://localhost:3000");
    friendly.request("OPTIONS", "/", {},
                     "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\n");
    CHECK(friendly.read_reply().status == 204);
    CHECK(calls.number() == 2);
}

TEST_CASE("what a browser shows as a page is put into a sandbox", "[http][front]") {
    TestFront server(echo);
    RawClient client(server.port());
    client.request("GET", "/bucket/page.html", {}, "Sec-Fetch-Dest: iframe\r\nSec-Fetch-Site: none\r\n");
    const RawReply page = client.read_reply();
    CHECK(page.header("Content-Security-Policy") == "sandbox");
    CHECK(page.header("X-Content-Type-Options") == "nosniff");
    client.request("GET", "/bucket/page.html");
    CHECK(client.read_reply().header("Content-Security-Policy").empty());
}

TEST_CASE("localhost is both loopback addresses, on one port", "[http][front]") {
    auto options = test_options();
    options.host = "localhost";
    TestFront server(echo, options);
    const auto addresses = server.front.addresses();
    REQUIRE_FALSE(addresses.empty());
    CHECK(addresses[0] == "127.0.0.1:" + std::to_string(server.port()));
    if (addresses.size() > 1) CHECK(addresses[1] == "[::1]:" + std::to_string(server.port()));
}

TEST_CASE("a port that is taken is said so", "[http][front]") {
    TestFront first(echo);
    auto options = test_options();
    options.port = first.port();
    FakeHandler handler(echo);
    Front second(options, handler);
    try {
        second.start();
        FAIL("nothing was thrown");
    } catch (const ListenError& error) {
        CHECK(error.is_in_use);
        CHECK_THAT(error.what(), ContainsSubstring("--port"));
    }
}
