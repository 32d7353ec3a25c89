#include <fmt/format.h>

#include <thread>

#include "h2_client.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

constexpr Milliseconds far{3'600'000};
constexpr std::size_t window = 65'536;

HttpReply stream_of(std::vector<TimedPiece> pieces, Ending ending = Ending::normal) {
    HttpReply reply;
    reply.headers.add("Content-Type", "application/vnd.amazon.eventstream");
    reply.streamed = true;
    reply.pieces = std::move(pieces);
    reply.ending = ending;
    return reply;
}

/// Text of which each part is another, so that nothing can be lost or mixed up unseen.
std::string long_text(std::size_t size) {
    std::string text;
    for (std::size_t number = 0; text.size() < size; ++number) text += std::to_string(number) + ",";
    text.resize(size);
    return text;
}

}  // namespace

TEST_CASE("a stream that is held holds none of its neighbours", "[http][http2]") {
    Count held;
    Count completions;
    TestFront server([&](HttpRequest& request) {
        HttpReply reply = echo(request);
        if (request.target != "/held") return reply;
        reply.due = far;
        reply.on_complete = [&] { completions.add(); };
        held.add();
        return reply;
    });
    H2Client client(server.port());
    const auto stream = client.get("/held");
    REQUIRE(held.wait_for(1));
    for (int number = 0; number < 20; ++number) CHECK(client.wait_for(client.get("/quick")).status == 200);
    CHECK_FALSE(client.reply(stream).is_closed);
    CHECK(completions.number() == 0);
    client.reset(stream);  // and so its work ends
    CHECK(completions.wait_for(1));
    CHECK(client.wait_for(client.get("/after")).status == 200);
}

TEST_CASE("256 requests of one connection are with their handlers at once", "[http][http2]") {
    constexpr int streams = 256;
    Count arrived;
    TestFront server([&](HttpRequest& request) {
        arrived.add();
        arrived.wait_for(streams);
        return echo(request);
    });
    H2Client client(server.port());
    std::vector<std::int32_t> open;
    open.reserve(streams);
    for (int number = 0; number < streams; ++number)
        open.push_back(client.post("/" + std::to_string(number), "body" + std::to_string(number)));
    for (int number = 0; number < streams; ++number) {
        const std::string expected = fmt::format("POST /{0} body{0}", number);
        CHECK(client.wait_for(open[static_cast<std::size_t>(number)]).body == expected);
    }
    CHECK(eventually([&] { return server.front.figures().bodies_bytes == 0; }));
}

TEST_CASE("long bodies pass both ways through windows of 64 KiB", "[http][http2]") {
    TestFront server([](HttpRequest& request) {
        HttpReply reply;
        reply.body = request.read_body();
        return reply;
    });
    H2Client client(server.port());
    const std::string text = long_text(3'000'000);
    const auto first = client.post("/one", text);
    const auto second = client.post("/two", text);
    CHECK(client.wait_for(first).body == text);
    CHECK(client.wait_for(second).body == text);
}

TEST_CASE("a handler that does not read stops its own stream alone", "[http][http2]") {
    Count arrived;
    Count let_go;
    TestFront server([&](HttpRequest& request) {
        if (request.target == "/slow") {
            arrived.add();
            let_go.wait_for(1);
        }
        return HttpReply{.body = std::to_string(request.read_body().size())};
    });
    H2Client client(server.port());
    const std::string text = long_text(1'000'000);
    const auto slow = client.post("/slow", text);
    REQUIRE(arrived.wait_for(1));
    client.wait_until([&] { return client.sent(slow) >= window; });
    CHECK(client.wait_for(client.post("/quick", text)).body == "1000000");
    CHECK(client.sent(slow) == window);
    let_go.add();
    CHECK(client.wait_for(slow).body == "1000000");
}

TEST_CASE("a client that does not read stops its own stream alone", "[http][http2]") {
    const std::string text = long_text(1'000'000);
    TestFront server(
        [&](HttpRequest& request) { return HttpReply{.body = request.target == "/long" ? text : "short"}; });
    H2Client client(server.port(), {.reads_bodies = false, .window = 10'000});
    const auto slow = client.get("/long");
    client.wait_until([&] { return client.reply(slow).body.size() >= 10'000; });
    CHECK(client.wait_for(client.get("/short")).body == "short");
    CHECK(client.reply(slow).body.size() == 10'000);
    CHECK_FALSE(client.reply(slow).is_closed);
    std::size_t consumed = 0;
    client.wait_until([&] {
        const std::size_t came = client.reply(slow).body.size();
        client.consume(slow, came - std::exchange(consumed, came));
        return client.reply(slow).is_closed;
    });
    CHECK(client.reply(slow).body == text);
    CHECK(client.reply(slow).is_whole);
}

TEST_CASE("windows that a client takes back in mid-answer are kept to, and given again let the answer go on",
          "[http][http2]") {
    const std::string text = long_text(300'000);
    TestFront server(
        [&](HttpRequest& request) { return HttpReply{.body = request.target == "/long" ? text : "short"}; });
    H2Client client(server.port(), {.reads_bodies = false, .window = 10'000});
    const auto slow = client.get("/long");
    client.wait_until([&] { return client.reply(slow).body.size() >= 10'000; });
    client.set_window(0);  // for this stream it is 10,000 less than nothing
    const auto other = client.get("/other");
    client.wait_until([&] { return client.reply(other).status == 200; });
    CHECK(client.wait_for(client.request(h2_request("HEAD", "/head"))).is_whole);
    CHECK(client.reply(slow).body.size() == 10'000);
    CHECK(client.reply(other).body.empty());

    client.set_window(400'000);
    CHECK(client.wait_for(other).body == "short");
    CHECK(client.wait_for(slow).body == text);
    CHECK(client.reply(slow).is_whole);
}

TEST_CASE("a client that never reads is dropped after its time, and the call is over", "[http][http2]") {
    Count completions;
    auto options = test_options();
    options.write_stall = Milliseconds(40);
    TestFront server(
        [&](HttpRequest&) {
            std::vector<TimedPiece> pieces(10, {Milliseconds(0), std::string(100'000, 'x')});
            HttpReply reply = stream_of(std::move(pieces));
            reply.on_complete = [&] { completions.add(); };
            return reply;
        },
        options);
    H2Client client(server.port(), {.reads_bodies = false, .window = 0});
    const H2Reply& reply = client.wait_for(client.get("/"));
    CHECK_FALSE(reply.is_whole);
    CHECK(reply.error_code == NGHTTP2_CANCEL);
    CHECK(completions.wait_for(1));
}

TEST_CASE("an answer that comes late is not taken for one that nobody reads", "[http][http2]") {
    auto options = test_options();
    options.write_stall = Milliseconds(10);
    TestFront server([](HttpRequest&) { return HttpReply{.body = "late", .due = Milliseconds(30)}; },
                     options);
    H2Client client(server.port());
    std::vector<std::int32_t> open;
    open.reserve(200);
    for (int number = 0; number < 200; ++number) open.push_back(client.get("/"));
    for (const auto stream : open) CHECK(client.wait_for(stream).body == "late");
}

TEST_CASE("event streams are sent piece by piece, each at its time, and take turns", "[http][http2]") {
    Count completions;
    TestFront server([&](HttpRequest& request) {
        const std::string name = request.target.substr(1);
        HttpReply reply = stream_of({{Milliseconds(0), name + "1"},
                                     {Milliseconds(0), ""},
                                     {Milliseconds(20), name + "2"},
                                     {Milliseconds(40), name + "3"}});
        reply.due = Milliseconds(10);
        reply.on_complete = [&] { completions.add(); };
        return reply;
    });
    H2Client client(server.port());
    const auto began = std::chrono::steady_clock::now();
    const auto first = client.post("/a", "{}");
    const auto second = client.post("/b", "{}");
    const H2Reply a = client.wait_for(first);
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(40));
    const H2Reply b = client.wait_for(second);
    CHECK(a.body == "a1a2a3");
    CHECK(b.body == "b1b2b3");
    CHECK(a.is_whole);
    CHECK(a.header("content-type") == "application/vnd.amazon.eventstream");
    CHECK(a.header("content-length").empty());
    CHECK(completions.number() == 2);
}

TEST_CASE("a piece is sent when it is due though the next is far away, and a second stream ends meanwhile",
          "[http][http2]") {
    TestFront server([](HttpRequest& request) {
        if (request.target == "/slow") return stream_of({{Milliseconds(0), "now"}, {far, "never"}});
        return stream_of({{Milliseconds(0), "one"}, {Milliseconds(5), "two"}});
    });
    H2Client client(server.port());
    const auto slow = client.get("/slow");
    client.wait_until([&] { return client.reply(slow).body == "now"; });
    CHECK(client.wait_for(client.get("/quick")).body == "onetwo");
    CHECK_FALSE(client.reply(slow).is_closed);
}

TEST_CASE("a reset of the only stream is one of the connection, as over HTTP/1", "[http][http2]") {
    Count completions;
    TestFront server([&](HttpRequest& request) {
        HttpReply reply;
        if (request.target.starts_with("/stream")) reply = stream_of({{Milliseconds(0), "hello"}});
        if (request.target.ends_with("reset")) reply.ending = Ending::reset;
        reply.on_complete = [&] { completions.add(); };
        return reply;
    });
    H2Client client(server.port());
    CHECK(client.wait_for(client.get("/plain")).status == 200);  // what has been answered does not count
    const auto stream = client.get(GENERATE("/plain/reset", "/stream/reset"));
    client.wait_for_end();
    CHECK(client.was_reset());
    CHECK_FALSE(client.reply(stream).is_closed);  // else clients read a RST_STREAM, and believe it
    CHECK(client.goaways().empty());
    CHECK(completions.wait_for(2));
}

TEST_CASE("a reset, a hang and a truncation end their own stream, and are completed", "[http][http2]") {
    Count completions;
    TestFront server([&](HttpRequest& request) {
        HttpReply reply;
        const bool is_stream = request.target.starts_with("/stream");
        if (is_stream) reply = stream_of({{Milliseconds(0), "hello"}});
        if (!is_stream) reply.body = "hello world";
        reply.truncate_after = 5;
        reply.ending = request.target.ends_with("reset")      ? Ending::reset
                       : request.target.ends_with("hang")     ? Ending::hang
                       : request.target.ends_with("truncate") ? Ending::truncate
                                                              : Ending::normal;
        if (request.target == "/other") reply.due = far;
        reply.on_complete = [&] { completions.add(); };
        return reply;
    });
    H2Client client(server.port());
    const auto other = client.get("/other");
    SECTION("reset") {
        const H2Reply& reply = client.wait_for(client.post("/plain/reset", "body"));
        CHECK(reply.status == 0);
        CHECK(reply.error_code == NGHTTP2_INTERNAL_ERROR);
    }
    SECTION("reset of a stream, and truncation of one") {
        const H2Reply& reply = client.wait_for(client.get(GENERATE("/stream/reset", "/stream/truncate")));
        CHECK(reply.body == "hello");
        CHECK_FALSE(reply.is_whole);
        CHECK(reply.error_code == NGHTTP2_INTERNAL_ERROR);
    }
    SECTION("hang") {
        const auto stream = client.get(GENERATE("/plain/hang", "/stream/hang"));
        REQUIRE(completions.wait_for(1));
        client.reset(stream);
    }
    SECTION("truncation") {
        const H2Reply& reply = client.wait_for(client.get("/plain/truncate"));
        CHECK(reply.header("content-length") == "11");
        CHECK(reply.body == "hello");
        CHECK_FALSE(reply.is_whole);
        CHECK(reply.error_code == NGHTTP2_INTERNAL_ERROR);
    }
    CHECK(completions.wait_for(1));
    CHECK(client.wait_for(client.get("/plain/normal")).body == "hello world");
    CHECK_FALSE(client.reply(other).is_closed);
    client.close();
    server.front.stop();
    CHECK(completions.number() == 3);
}

TEST_CASE("a client that leaves ends the work of all its streams", "[http][http2]") {
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
    H2Client client(server.port());
    for (int number = 0; number < 3; ++number) client.get("/");
    REQUIRE(arrivals.wait_for(3));
    client.close();
    CHECK(completions.wait_for(3));
    server.front.stop();
    CHECK(completions.number() == 3);
}

TEST_CASE("a request that is reset before a worker takes it is never seen by a handler", "[http][http2]") {
    Count arrived;
    Count let_go;
    auto options = test_options();
    options.workers_max = 1;
    options.worker_patience = far;
    TestFront server(
        [&](HttpRequest& request) {
            arrived.add();
            if (request.target == "/block") let_go.wait_for(1);
            return echo(request);
        },
        options);
    H2Client client(server.port());
    const auto blocking = client.get("/block");
    REQUIRE(arrived.wait_for(1));
    const auto unwanted = client.get("/unwanted");
    client.reset(unwanted);
    const auto last = client.get("/last");
    // Health is answered though the only worker is busy, and after the reset, since frames keep their order.
    CHECK(client.wait_for(client.get("/_rockwatch/health")).status == 200);
    let_go.add();
    CHECK(client.wait_for(blocking).status == 200);
    CHECK(client.wait_for(last).body == "GET /last ");
    CHECK(arrived.number() == 3);
}

TEST_CASE("a reset ends the reading of its body", "[http][http2]") {
    Count arrived;
    Count broken;
    TestFront server([&](HttpRequest& request) {
        arrived.add();
        try {
            return echo(request);
        } catch (const BodyError&) {
            broken.add();
            throw;
        }
    });
    H2Client client(server.port());
    const auto stream = client.request(h2_request("POST", "/"), "begun", false);
    REQUIRE(arrived.wait_for(1));
    client.reset(stream);
    CHECK(broken.wait_for(1));
}

TEST_CASE("who has its answer before its body is read is told to stop sending", "[http][http2]") {
    auto options = test_options();
    options.linger = Milliseconds(40);
    options.drain_bytes_max = 100'000;
    TestFront server([](HttpRequest&) { return HttpReply{.body = "enough"}; }, options);
    H2Client client(server.port());
    const H2Reply& large = client.wait_for(client.post("/", long_text(1'000'000)));
    CHECK(large.body == "enough");
    CHECK(large.error_code == NGHTTP2_NO_ERROR);
    const H2Reply& endless = client.wait_for(client.request(h2_request("POST", "/"), "begun", false));
    CHECK(endless.body == "enough");
    CHECK(endless.error_code == NGHTTP2_NO_ERROR);
}

TEST_CASE(
    "what comes about is sent on its stream at once, and ends with its source, its client or the server",
    "[http][http2][live]") {
    const auto source = std::make_shared<FakeSource>();
    const auto left = std::make_shared<FakeSource>();
    const auto kept = std::make_shared<FakeSource>();
    TestFront server([&](HttpRequest& request) {
        return live_reply(request.target == "/source" ? source : request.target == "/left" ? left : kept);
    });
    H2Client client(server.port());
    const auto first = client.get("/source");
    source->put("one");
    client.wait_until([&] { return client.reply(first).body == "one"; });
    source->put("two");
    client.wait_until([&] { return client.reply(first).body == "onetwo"; });
    source->end();
    CHECK(client.wait_for(first).is_whole);

    const auto second = client.get("/left");
    left->put("one");
    client.wait_until([&] { return client.reply(second).body == "one"; });
    client.reset(second);
    CHECK(eventually([&] { return !left->is_heard(); }));

    const auto third = client.get("/kept");
    kept->put("one");
    client.wait_until([&] { return client.reply(third).body == "one"; });
    std::thread stopper([&] { server.front.stop(); });
    CHECK(client.wait_for(third).is_whole);
    stopper.join();
}
