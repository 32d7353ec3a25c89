#include <sys/resource.h>
#include <unistd.h>

#include <list>
#include <thread>

#include "core/json.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

constexpr Milliseconds far{3'600'000};
constexpr Milliseconds tiny{30};

/// A handler that waits itself, as no one can see from outside, until it is let go.
struct Blocking {
    Count arrived;
    Count let_go;

    FakeHandler::Answer answer() {
        return [this](HttpRequest& request) {
            if (request.path() == "/block") {
                arrived.add();
                let_go.wait_for(1);
            }
            return echo(request);
        };
    }
};

}  // namespace

TEST_CASE("beyond the most connections a new one gets 503 and is told when to come back", "[http][limits]") {
    auto options = test_options();
    options.connections_max = 2;
    TestFront server(echo, options);
    RawClient first(server.port());
    RawClient second(server.port());
    first.request("GET", "/");
    second.request("GET", "/");
    CHECK(first.read_reply().status == 200);
    CHECK(second.read_reply().status == 200);
    RawClient third(server.port());
    third.request("GET", "/");
    const RawReply refused = third.read_reply();
    CHECK(refused.status == 503);
    CHECK(refused.header("Retry-After") == "1");
    CHECK(refused.header("Connection") == "close");
    CHECK(third.read_to_end().empty());
    first.request("GET", "/");
    CHECK(first.read_reply().status == 200);
    CHECK(server.front.figures().refused == 1);
}

TEST_CASE("a head that dribbles in is cut off at its deadline, however often a byte comes",
          "[http][limits]") {
    auto options = test_options();
    options.head_deadline = tiny;
    TestFront server(echo, options);
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
    std::atomic<bool> is_over{false};
    std::thread dribbler([&] {
        while (!is_over) client.send("X");
    });
    const RawReply reply = client.read_reply();
    is_over = true;
    dribbler.join();
    CHECK((reply.status == 408 ||
           reply.status == 431));  // 431 when the bytes came so fast that they were too many
    client.read_to_end();

    RawClient waiting(server.port());
    waiting.send("GET / HT");
    CHECK(waiting.read_reply().status == 408);
    CHECK(waiting.read_to_end().empty());
    RawClient ours(server.port());
    ours.send("GET /_rockwatch/clock HTTP/1.1\r\nHost");
    const RawReply late = ours.read_reply();
    CHECK(late.status == 408);
    CHECK_THAT(late.body, StartsWith(R"({"error":{"code":"InvalidRequest",)"));
    RawClient silent(server.port());
    CHECK(silent.read_to_end().empty());
}

TEST_CASE("dribblers hold no worker", "[http][limits]") {
    auto options = test_options();
    options.workers_max = 2;
    TestFront server(echo, options);
    std::list<RawClient> dribblers;
    for (int count = 0; count < 50; ++count)
        dribblers.emplace_back(server.port()).send("POST / HTTP/1.1\r\nHost: lo");
    RawClient client(server.port());
    client.request("GET", "/");
    CHECK(client.read_reply().status == 200);
    for (auto& dribbler : dribblers) {
        dribbler.send("calhost\r\n\r\n");
        CHECK(dribbler.read_reply().status == 200);
    }
    CHECK(server.front.figures().workers <= 2);
}

TEST_CASE("an idle connection is closed after the keep-alive time, and the hint says so", "[http][limits]") {
    auto options = test_options();
    options.keep_alive = tiny;
    TestFront server(echo, options);
    RawClient client(server.port());
    client.request("GET", "/");
    CHECK(client.read_reply().header("Keep-Alive") == "timeout=0");
    CHECK(client.read_to_end().empty());
    CHECK_FALSE(client.was_reset());
}

TEST_CASE("a body that comes too slowly gets 408", "[http][limits]") {
    auto options = test_options();
    options.body_grace = tiny;
    options.body_window = tiny;
    TestFront server(echo, options);
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc");
    const RawReply reply = client.read_reply();
    CHECK(reply.status == 408);
    CHECK(reply.header("Connection") == "close");
}

TEST_CASE("a body over --max-body gets 413 before it is sent", "[http][limits]") {
    auto options = test_options();
    options.body.body_bytes_max = 1000;
    TestFront server(echo, options);
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
    const RawReply reply = client.read_reply();
    CHECK(reply.status == 413);
    CHECK(client.read_to_end().empty());
}

TEST_CASE("heads that have only begun share a budget, and who goes over it gets 503", "[http][limits]") {
    auto options = test_options();
    options.heads_bytes_max = 100;
    TestFront server(echo, options);
    const auto heads_bytes = [&] { return server.front.figures().heads_bytes; };
    const std::string begun = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + std::string(40, 'x');
    RawClient first(server.port());
    first.send(begun);
    REQUIRE(eventually([&] { return heads_bytes() == begun.size(); }));
    RawClient second(server.port());
    second.send(begun);
    const RawReply refused = second.read_reply();
    CHECK(refused.status == 503);
    CHECK(refused.header("Retry-After") == "1");
    CHECK(second.read_to_end().empty());

    first.send("\r\n\r\n");
    CHECK(first.read_reply().status == 200);
    CHECK(heads_bytes() == 0);
    RawClient third(server.port());
    third.send(begun);
    REQUIRE(eventually([&] { return heads_bytes() == begun.size(); }));
    third.close();
    CHECK(eventually([&] { return heads_bytes() == 0; }));
}

TEST_CASE("bodies over the common budget get 503", "[http][limits]") {
    auto options = test_options();
    options.bodies_bytes_max = 10;
    TestFront server(echo, options);
    RawClient client(server.port());
    client.request("POST", "/", std::string(11, 'x'));
    const RawReply reply = client.read_reply();
    CHECK(reply.status == 503);
    CHECK(reply.header("Retry-After") == "1");
}

TEST_CASE("hundreds of held calls stand beside one another, and others are answered meanwhile",
          "[http][limits]") {
    constexpr int calls = 300;
    Count held;
    TestFront server(holding(held));
    std::list<RawClient> clients;
    for (int count = 0; count < calls; ++count)
        clients.emplace_back(server.port()).request("POST", "/hold", "x");
    REQUIRE(held.wait_for(calls));
    RawClient other(server.port());
    other.request("GET", "/other");
    CHECK(other.read_reply().status == 200);
    CHECK(server.front.figures().workers > calls);
    CHECK(server.front.stop());
    for (auto& client : clients) CHECK(client.read_reply().status == 200);
}

TEST_CASE("handlers that block unseen get company", "[http][limits]") {
    constexpr int calls = 100;
    Blocking blocking;
    TestFront server(blocking.answer());
    std::list<RawClient> clients;
    for (int count = 0; count < calls; ++count) clients.emplace_back(server.port()).request("POST", "/block");
    CHECK(blocking.arrived.wait_for(calls));
    blocking.let_go.add();
    for (auto& client : clients) CHECK(client.read_reply().status == 200);
}

TEST_CASE("when every worker is busy health is answered, and others get 503 after a while",
          "[http][limits]") {
    Count held;
    auto options = test_options();
    options.workers_max = 2;
    options.worker_patience = tiny;
    TestFront server(holding(held), options);
    RawClient first(server.port());
    RawClient second(server.port());
    first.request("POST", "/hold");
    second.request("POST", "/hold");
    REQUIRE(held.wait_for(2));

    RawClient health(server.port());
    for (int round = 0; round < 3; ++round) {
        health.request("GET", "/_rockwatch/health?x=1");
        CHECK(health.read_reply().body == "GET /_rockwatch/health?x=1 ");
    }
    RawClient third(server.port());
    third.request("POST", "/other", "body");
    const RawReply refused = third.read_reply();
    CHECK(refused.status == 503);
    CHECK(refused.header("Retry-After") == "1");
    CHECK_THAT(refused.body, ContainsSubstring("--workers-max"));
    CHECK(third.read_to_end().empty());
    // A call behind a health check must not get the thread that is kept for health.
    RawClient sly(server.port());
    sly.send(
        "GET /_rockwatch/health HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /hold HTTP/1.1\r\nHost: "
        "localhost\r\n\r\n");
    CHECK(sly.read_reply().status == 503);
    CHECK(held.number() == 2);
}

TEST_CASE("whom the front turns away hears it in the handler's words", "[http][limits]") {
    Count held;
    auto options = test_options();
    options.workers_max = 1;
    options.worker_patience = tiny;
    TestFront server(holding(held), options);
    server.handler.on_turn_away = [](const HttpRequest& request, int status, std::string_view message) {
        HttpReply reply{.status = status};
        reply.headers.add("Content-Type", "text/xml");
        reply.body = "<" + request.target + ">" + std::string(message);
        return reply;
    };
    RawClient foreign(server.port());
    foreign.send("POST /foreign HTTP/1.1\r\nHost: evil.example.com\r\n\r\n");
    const RawReply forbidden = foreign.read_reply();
    CHECK(forbidden.status == 403);
    CHECK(forbidden.header("Content-Type") == "text/xml");
    CHECK_THAT(forbidden.body, StartsWith("</foreign>") && ContainsSubstring("--host-name"));

    RawClient first(server.port());
    first.request("POST", "/hold");
    REQUIRE(held.wait_for(1));
    RawClient second(server.port());
    second.request("POST", "/second", "body");
    const RawReply busy = second.read_reply();
    CHECK(busy.status == 503);
    CHECK(busy.header("Connection") == "close");
    CHECK_THAT(busy.body, StartsWith("</second>") && ContainsSubstring("--workers-max"));
    // Half a head is nobody's yet: it hears what every SDK takes for a busy server.
    RawClient third(server.port());
    third.send("POST /third HTTP/1.1\r\nHost: loc");
    const RawReply unknown = third.read_reply();
    CHECK(unknown.status == 503);
    CHECK(unknown.header("Retry-After") == "1");
    CHECK_THAT(unknown.body, StartsWith("<html>"));
    RawClient ours(server.port());
    ours.send("POST /_rockwatch/rules HTTP/1.1\r\nHost: loc");
    const RawReply told = ours.read_reply();
    CHECK(told.status == 503);
    CHECK_THAT(told.body, StartsWith(R"({"error":{"code":"Busy",)"));
}

TEST_CASE("a worker that becomes free in time serves who waited", "[http][limits]") {
    Blocking blocking;
    auto options = test_options();
    options.workers_max = 1;
    options.worker_patience = far;
    TestFront server(blocking.answer(), options);
    RawClient first(server.port());
    first.request("POST", "/block");
    REQUIRE(blocking.arrived.wait_for(1));
    RawClient second(server.port());
    second.request("POST", "/other");
    RawClient health(server.port());  // once it is answered, the reserve has seen the other
    health.request("GET", "/_rockwatch/health");
    CHECK(health.read_reply().status == 200);
    blocking.let_go.add();
    CHECK(second.read_reply().status == 200);
    CHECK(first.read_reply().status == 200);
}

TEST_CASE("without descriptors a client hears 503, and the server goes on afterwards", "[http][limits]") {
    TestFront server(echo);
    RawClient early(server.port());
    early.request("GET", "/");
    CHECK(early.read_reply().status == 200);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit low = before;
    low.rlim_cur = 200;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    std::vector<int> taken;
    for (int fd = dup(0); fd >= 0; fd = dup(0)) taken.push_back(fd);
    REQUIRE(taken.size() > 2);
    close(taken.back());  // one for the client's end; none is left for the server's
    taken.pop_back();
    RawClient client(server.port());
    client.request("GET", "/");
    const RawReply refused = client.read_reply();
    for (const int fd : taken) close(fd);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(refused.status == 503);
    CHECK(refused.header("Retry-After") == "1");
    RawClient later(server.port());
    later.request("GET", "/");
    CHECK(later.read_reply().status == 200);
}

TEST_CASE("a stop cuts injected sleeps short, lets the answers out, and refuses new connections",
          "[http][stop]") {
    Count held;
    TestFront server(holding(held));
    RawClient idle(server.port());
    idle.request("GET", "/");
    CHECK(idle.read_reply().status == 200);
    RawClient client(server.port());
    client.request("POST", "/hold", "x");
    REQUIRE(held.wait_for(1));
    CHECK(server.front.stop());
    const RawReply reply = client.read_reply();
    CHECK(reply.status == 200);
    CHECK(reply.body == "POST /hold x");
    CHECK(reply.header("Connection") == "close");
    CHECK(client.read_to_end().empty());
    CHECK(idle.read_to_end().empty());
    CHECK(server.front.figures().connections == 0);
}

TEST_CASE("a stop ends calls that hang", "[http][stop]") {
    Count held;
    TestFront server([&](HttpRequest&) {
        HttpReply reply;
        reply.ending = Ending::hang;
        reply.on_complete = [&] { held.add(); };
        return reply;
    });
    RawClient client(server.port());
    client.request("GET", "/");
    REQUIRE(held.wait_for(1));
    CHECK(server.front.stop());
    CHECK(client.read_to_end().empty());
}

TEST_CASE("a stop cuts off what outlasts its deadline: clients that are slow, and handlers it can't reach",
          "[http][stop]") {
    Blocking blocking;
    auto options = test_options();
    options.stop_deadline = tiny;
    TestFront server(blocking.answer(), options);
    SECTION("a client that never ends its body") {
        RawClient client(server.port());
        client.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
        CHECK(client.read_reply().status == 100);
        CHECK(server.front.stop());
    }
    SECTION("a handler that does not come back") {
        RawClient client(server.port());
        client.request("POST", "/block");
        REQUIRE(blocking.arrived.wait_for(1));
        CHECK_FALSE(server.front.stop());
        CHECK_FALSE(server.front.stop());
        CHECK(client.read_to_end().empty());
        blocking.let_go.add();
    }
}
