#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

constexpr Milliseconds far{3'600'000};

HttpReply stream_of(std::vector<TimedPiece> pieces, Ending ending = Ending::normal) {
    HttpReply reply;
    reply.headers.add("Content-Type", "application/vnd.amazon.eventstream");
    reply.streamed = true;
    reply.pieces = std::move(pieces);
    reply.ending = ending;
    return reply;
}

}  // namespace

TEST_CASE("a stream is sent chunk by chunk, each at its time and not before", "[http][front]") {
    Count completions;
    TestFront server([&](HttpRequest& request) {
        HttpReply reply = stream_of({{Milliseconds(0), "one"},
                                     {Milliseconds(0), ""},
                                     {Milliseconds(20), "two"},
                                     {Milliseconds(40), "three"}});
        reply.due = Milliseconds(10);
        reply.on_complete = [&] { completions.add(); };
        CHECK(request.received <= monotonic());
        return reply;
    });
    RawClient client(server.port());
    const auto began = std::chrono::steady_clock::now();
    client.request("POST", "/");
    const RawReply reply = client.read_reply();
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(40));
    CHECK(reply.is_whole);
    CHECK(reply.chunks == std::vector<std::string>{"one", "two", "three"});
    CHECK(reply.header("Content-Type") == "application/vnd.amazon.eventstream");
    CHECK(reply.header("Content-Length").empty());
    CHECK(completions.number() == 1);
    client.request("POST", "/");
    CHECK(client.read_reply().is_whole);  // on the same connection
    RawClient old(server.port());
    old.send("POST / HTTP/1.0\r\n\r\n");
    CHECK(old.read_reply().body == "onetwothree");
}

TEST_CASE("a piece goes out when it is due though the next is far away", "[http][front]") {
    TestFront server([](HttpRequest&) { return stream_of({{Milliseconds(0), "now"}, {far, "never"}}); });
    RawClient client(server.port());
    client.request("POST", "/");
    CHECK_THAT(client.read_until("3\r\nnow\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("a reset, a hang and a truncation look like that to the client, and are completed",
          "[http][front]") {
    Count completions;
    TestFront server([&](HttpRequest& request) {
        HttpReply reply;
        const bool is_stream = request.target.starts_with("/stream");
        if (is_stream) reply = stream_of({{Milliseconds(0), "piece"}});
        if (!is_stream) reply.body = "hello world";
        reply.truncate_after = 5;
        reply.ending = request.target.ends_with("reset")  ? Ending::reset
                       : request.target.ends_with("hang") ? Ending::hang
                                                          : Ending::truncate;
        reply.on_complete = [&] { completions.add(); };
        return reply;
    });
    SECTION("reset") {
        RawClient client(server.port());
        client.request("POST", "/plain/reset", "body");
        CHECK(client.read_to_end().empty());
        CHECK(client.was_reset());
    }
    SECTION("reset of a stream") {
        RawClient client(server.port());
        client.request("POST", "/stream/reset");
        const std::string all = client.read_to_end();
        CHECK(client.was_reset());
        CHECK_FALSE(all.ends_with("0\r\n\r\n"));
    }
    SECTION("hang") {
        RawClient client(server.port());
        client.request("POST", GENERATE("/plain/hang", "/stream/hang"));
        REQUIRE(completions.wait_for(1));
        client.close();
        CHECK(server.front.stop());
    }
    SECTION("truncation") {
        RawClient client(server.port());
        client.request("POST", "/plain/truncate");
        const RawReply reply = client.read_reply();
        CHECK(reply.header("Content-Length") == "11");
        CHECK(reply.body == "hello");
        CHECK_FALSE(reply.is_whole);
        CHECK_FALSE(client.was_reset());
    }
    SECTION("truncation of a stream") {
        RawClient client(server.port());
        client.request("POST", "/stream/truncate");
        const RawReply reply = client.read_reply();
        CHECK(reply.chunks == std::vector<std::string>{"piece"});
        CHECK_FALSE(reply.is_whole);
        CHECK_FALSE(client.was_reset());
    }
    CHECK(completions.wait_for(1));
    server.front.stop();
    CHECK(completions.number() == 1);
}

TEST_CASE("an answer whose client has gone while it was held is completed and dropped", "[http][front]") {
    Count arrivals;
    Count completions;
    const bool is_stream = GENERATE(false, true);
    TestFront server([&](HttpRequest&) {
        HttpReply reply =
            is_stream ? stream_of({{Milliseconds(0), "one"}, {far, "two"}}) : HttpReply{.due = far};
        reply.on_complete = [&] { completions.add(); };
        arrivals.add();
        return reply;
    });
    RawClient client(server.port());
    client.request("POST", "/");
    REQUIRE(arrivals.wait_for(1));
    client.close();
    CHECK(completions.wait_for(1));
    server.front.stop();
    CHECK(completions.number() == 1);
}

TEST_CASE("what comes about is sent at once, until the source ends", "[http][front][live]") {
    const auto source = std::make_shared<FakeSource>();
    TestFront server([&](HttpRequest&) { return live_reply(source); });
    RawClient client(server.port());
    client.request("GET", "/");
    source->put("one");
    CHECK_THAT(client.read_until("3\r\none\r\n"), ContainsSubstring("Content-Type: text/event-stream\r\n"));
    source->put("two");
    CHECK(client.read_until("3\r\ntwo\r\n") == "3\r\ntwo\r\n");
    source->end();
    CHECK(client.read_until("0\r\n\r\n") == "0\r\n\r\n");
    CHECK(eventually([&] { return !source->is_heard(); }));
    client.request("GET", "/");  // on the same connection
    CHECK(client.read_reply().body.empty());
}

TEST_CASE("a live answer frees its worker when the client leaves, and ends when the server stops",
          "[http][front][live]") {
    const auto left = std::make_shared<FakeSource>();
    const auto kept = std::make_shared<FakeSource>();
    Count completions;
    TestFront server([&](HttpRequest& request) {
        HttpReply reply = live_reply(request.target == "/left" ? left : kept);
        reply.on_complete = [&] { completions.add(); };
        return reply;
    });
    RawClient leaver(server.port());
    leaver.request("GET", "/left");
    left->put("one");
    leaver.read_until("one\r\n");
    leaver.close();
    CHECK(completions.wait_for(1));
    CHECK_FALSE(left->is_heard());

    RawClient client(server.port());
    client.request("GET", "/kept");
    kept->put("one");
    client.read_until("one\r\n");
    CHECK(server.front.stop());
    CHECK(client.read_to_end() == "0\r\n\r\n");
    CHECK(completions.wait_for(2));
}
