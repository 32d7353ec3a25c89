// Clients that do not read, do not send, or do not stop: nothing of theirs stays.

#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

constexpr Milliseconds tiny{30};
constexpr std::size_t more_than_sockets_hold = 32U << 20U;

FrontOptions hasty() {
    auto options = test_options();
    options.write_stall = tiny;
    options.linger = tiny;
    return options;
}

bool is_empty(const TestFront& server) { return server.front.figures().connections == 0; }

bool holds_no_body(const TestFront& server) { return server.front.figures().bodies_bytes == 0; }

}  // namespace

TEST_CASE("a client that does not read its answer is cut off, and the answer is completed once",
          "[http][limits]") {
    Count completions;
    const bool is_stream = GENERATE(false, true);
    TestFront server(
        [&](HttpRequest&) {
            HttpReply reply;
            const std::string bytes(more_than_sockets_hold, 'x');
            reply.streamed = is_stream;
            if (is_stream) reply.pieces = {{Milliseconds(0), bytes}, {Milliseconds(0), "end"}};
            if (!is_stream) reply.body = bytes;
            reply.on_complete = [&] { completions.add(); };
            return reply;
        },
        hasty());
    RawClient client(server.port());
    client.request("GET", "/");
    CHECK(completions.wait_for(1));
    CHECK(eventually([&] { return is_empty(server); }));
    CHECK_FALSE(client.read_reply().is_whole);
    server.front.stop();
    CHECK(completions.number() == 1);
}

TEST_CASE("a client that does not read a live answer is cut off, and its source is heard no longer",
          "[http][limits][live]") {
    Count completions;
    const auto source = std::make_shared<FakeSource>();
    TestFront server(
        [&](HttpRequest&) {
            HttpReply reply = live_reply(source);
            reply.on_complete = [&] { completions.add(); };
            return reply;
        },
        hasty());
    RawClient client(server.port());
    client.request("GET", "/");
    REQUIRE(eventually([&] { return source->is_heard(); }));
    source->put(std::string(more_than_sockets_hold, 'x'));
    CHECK(completions.wait_for(1));
    CHECK(eventually([&] { return is_empty(server); }));
    CHECK_FALSE(source->is_heard());
    CHECK_FALSE(client.read_reply().is_whole);
    server.front.stop();
    CHECK(completions.number() == 1);
}

TEST_CASE("a client that reads slowly, but reads, gets its whole answer", "[http][limits]") {
    auto options = test_options();
    options.linger = tiny;
    TestFront server([](HttpRequest&) { return HttpReply{.body = std::string(more_than_sockets_hold, 'x')}; },
                     options);
    RawClient client(server.port());
    client.request("GET", "/");
    CHECK_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    std::size_t bytes = 0;
    constexpr std::size_t sip = 10'000;
    while (bytes < more_than_sockets_hold) {
        const std::size_t size = client.read(std::min(sip, more_than_sockets_hold - bytes)).size();
        REQUIRE(size > 0);
        bytes += size;
    }
    CHECK(bytes == more_than_sockets_hold);
}

TEST_CASE("a body that is given up is no longer counted", "[http][limits]") {
    auto options = hasty();
    options.body.body_bytes_max = 1000;
    SECTION("too long") {
        TestFront server(echo, options);
        RawClient client(server.port());
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.send("384\r\n" + std::string(900, 'x') + "\r\n");
        REQUIRE(eventually([&] { return !holds_no_body(server); }));
        client.send("384\r\n" + std::string(900, 'x') + "\r\n");
        CHECK(client.read_reply().status == 413);
        CHECK(eventually([&] { return holds_no_body(server); }));
    }
    SECTION("too slow") {
        options.body_grace = tiny;
        options.body_window = tiny;
        TestFront server(echo, options);
        RawClient client(server.port());
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc");
        CHECK(client.read_reply().status == 408);
        CHECK(eventually([&] { return holds_no_body(server); }));
    }
    SECTION("of a client that leaves") {
        TestFront server(echo, options);
        RawClient client(server.port());
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc");
        REQUIRE(eventually([&] { return !holds_no_body(server); }));
        client.close();
        CHECK(eventually([&] { return holds_no_body(server) && is_empty(server); }));
    }
}

TEST_CASE("a client that goes on sending after 413 is gone when it has had its time", "[http][limits]") {
    auto options = hasty();
    options.body.body_bytes_max = 1000;
    TestFront server(echo, options);
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
    CHECK(client.read_reply().status == 413);
    const std::string more(64'000, 'x');
    CHECK(eventually([&] {
        client.send(more);
        return is_empty(server);
    }));
}
