// An answer's way from a worker to the loop's thread, without sockets.

#include "http/http2_stream.hpp"

#include <algorithm>
#include <thread>

#include "http/http2_exchange.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::http;
using namespace rockwatch::test;

namespace {

/// What an exchange needs of a front that nobody has started.
struct Idle {
    FrontOptions options = test_options();
    FakeHandler handler{echo};
    StopSignal stop;
    TaskQueue tasks;
    ConnectionTable table{stop, tasks};
    Workers workers{{}, table, tasks, stop};
    Shared shared{options, handler, table, workers, stop};
    Http2Mailbox mailbox;
};

std::string take(Http2Stream& stream, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t taken = 0;
    stream.take_output(bytes.data(), size, taken);
    return bytes.substr(0, taken);
}

}  // namespace

TEST_CASE("what has been sent of an answer leaves memory though something of it always waits",
          "[http][http2]") {
    Http2Output output;
    std::string part(1'000, 'x');
    output.add("first");
    std::size_t held_max = 0;
    for (int count = 0; count < 1'000; ++count) {
        output.add(part);
        output.take(part.data(), part.size());
        CHECK(output.waiting() == 5);
        held_max = std::max(held_max, output.held());
    }
    CHECK(held_max <= Http2Output::taken_bytes_max + 2 * part.size());
    output.take(part.data(), part.size());
    CHECK(output.held() == 0);
}

TEST_CASE("an answer is taken as it was written, however often a part of it waits", "[http][http2]") {
    Idle idle;
    const auto stream = std::make_shared<Http2Stream>(1, idle.mailbox, idle.shared);
    std::string written;
    std::string taken;
    for (int count = 0; count < 100'000; ++count) {
        const std::string text = std::to_string(count) + ",";
        written += text;
        REQUIRE(stream->write(text));
        if (count > 0) taken += take(*stream, text.size());  // so one text always waits
    }
    taken += take(*stream, written.size());
    CHECK(taken == written);
}

TEST_CASE("health waits for no client over HTTP/2, however much waits for clients", "[http][http2]") {
    constexpr std::size_t much = 1U << 30U;
    Idle idle;
    idle.mailbox.add_output(much);
    REQUIRE(idle.mailbox.is_crowded());
    const auto stream = std::make_shared<Http2Stream>(1, idle.mailbox, idle.shared);
    Head head{.method = "GET", .target = "/_rockwatch/health"};
    head.headers.add("Host", "localhost");
    Http2Exchange exchange(stream, std::move(head), "127.0.0.1", idle.shared, idle.mailbox);
    REQUIRE(exchange.is_urgent());
    Count ended;
    std::thread reserve([&] {
        exchange.run();
        ended.add();
    });
    CHECK(ended.wait_for(1));
    stream->abandon();
    reserve.join();
    CHECK(take(*stream, 100) == "GET /_rockwatch/health ");
    idle.mailbox.take();
}
