// The thread that is kept for health, and what must not hold it.

#include <pthread.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <sstream>

#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

constexpr Milliseconds far{3'600'000};
constexpr Milliseconds tiny{30};
constexpr std::size_t more_than_sockets_hold = 32U << 20U;

/// Hears the log while it lives.
struct Ear {
    Ear() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::move(sink)));
    }
    ~Ear() { spdlog::set_default_logger(before); }
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;

    std::size_t count(std::string_view words) const {
        const std::string heard = text.str();
        std::size_t number = 0;
        for (auto at = heard.find(words); at != std::string::npos; at = heard.find(words, at + 1)) ++number;
        return number;
    }

    const std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
    std::ostringstream text;
};

/// A front whose one worker is held.
struct Crowded {
    explicit Crowded(FakeHandler::Answer answer) : server(std::move(answer), options()) {
        holder.emplace(server.port());
        holder->request("POST", "/hold");
    }

    static FrontOptions options() {
        auto options = test_options();
        options.workers_max = 1;
        options.worker_patience = far;
        options.write_stall = far;
        options.body_grace = far;
        return options;
    }

    TestFront server;
    std::optional<RawClient> holder;
};

}  // namespace

TEST_CASE("when the system gives no more threads it is as if every worker were busy, and that is said once",
          "[http][limits]") {
    constexpr int given = 3;  // the one that is kept for health, and two workers
    const Ear ear;
    {
        Count held;
        std::atomic<int> asked{0};
        std::atomic<bool> is_refused{true};
        auto options = test_options();
        options.worker_patience = tiny;
        options.create_worker = [&](auto* thread, const auto* attributes, auto run, void* of) {
            return ++asked > given && is_refused ? EAGAIN : pthread_create(thread, attributes, run, of);
        };
        TestFront server(holding(held), options);
        RawClient first(server.port());
        RawClient second(server.port());
        first.request("POST", "/hold");
        second.request("POST", "/hold");
        REQUIRE(held.wait_for(2));

        RawClient health(server.port());
        health.request("GET", "/_rockwatch/health");
        CHECK(health.read_reply().status == 200);
        RawClient third(server.port());
        third.request("POST", "/other", "body");
        const RawReply refused = third.read_reply();
        CHECK(refused.status == 503);
        CHECK(refused.header("Retry-After") == "1");
        CHECK_THAT(refused.body, ContainsSubstring("the system gives no more threads"));

        is_refused = false;
        CHECK(eventually([&] {
            RawClient later(server.port());
            later.request("GET", "/later");
            return later.read_reply().status == 200;
        }));
    }
    CHECK(ear.count("the system gives no more threads") == 1);
}

TEST_CASE("a client that asks for health and does not read is cut off, not waited for", "[http][limits]") {
    Count held;
    Count asked;
    Crowded crowded([&](HttpRequest& request) {
        HttpReply reply = holding(held)(request);
        if (request.target != "/_rockwatch/health?long") return reply;
        reply.body.assign(more_than_sockets_hold, 'x');
        reply.on_complete = [&] { asked.add(); };
        return reply;
    });
    REQUIRE(held.wait_for(1));
    RawClient deaf(crowded.server.port());
    deaf.request("GET", "/_rockwatch/health?long");
    REQUIRE(asked.wait_for(1));
    RawClient other(crowded.server.port());
    other.request("GET", "/_rockwatch/health");
    CHECK(other.read_reply().status == 200);
    CHECK_FALSE(deaf.read_reply().is_whole);
    CHECK(asked.number() == 1);
}

TEST_CASE("a client that asks for health and keeps a body back is not waited for", "[http][limits]") {
    Count held;
    Crowded crowded(holding(held));
    REQUIRE(held.wait_for(1));
    RawClient slow(crowded.server.port());
    slow.send("GET /_rockwatch/health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n");
    CHECK(slow.read_reply().status == 400);
    RawClient other(crowded.server.port());
    other.request("GET", "/_rockwatch/health");
    CHECK(other.read_reply().status == 200);
}
