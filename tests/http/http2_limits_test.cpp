#include "h2_client.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

constexpr Milliseconds far{3'600'000};
constexpr Milliseconds tiny{40};

using Codes = std::vector<std::uint32_t>;

std::string repeated(const std::string& bytes, int times) {
    std::string all;
    for (int count = 0; count < times; ++count) all += bytes;
    return all;
}

/// So many requests, each with what `make` makes of its stream's number.
template <class Make>
std::string streams(std::uint32_t number, Make make) {
    std::string all;
    for (std::uint32_t stream = 1; stream < 2 * number; stream += 2) all += make(stream);
    return all;
}

std::string number_of(std::uint32_t code) { return std::string(3, '\0') + static_cast<char>(code); }

/// A head whose second field stands in the table of HPACK, and is meant `times` more times by a byte each.
std::string bomb(int times) {
    const std::string value(3'900, 'x');
    std::string block = h2_block(h2_request("GET", "/marker"));
    block += std::string("\x40\x01x\x7f", 4);
    block += static_cast<char>((value.size() - 127) % 128 + 128);
    block += static_cast<char>((value.size() - 127) / 128);
    block += value + repeated("\xbe", times);
    return h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, block);
}

}  // namespace

TEST_CASE("whoever floods is told to calm down and cut off, and nobody else notices", "[http][http2]") {
    struct Row {
        const char* what;
        std::string bytes;
    };
    const H2Fields good = h2_request("GET", "/flood");
    const H2Fields bad = h2_request("GET", "/flood", {{"X-Upper", "1"}});
    const std::string open_head = h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, h2_block(good));
    const std::string setting("\0\4\0\1\0\0", 6);
    const Row rows[] = {
        {"rapid reset", streams(2'000,
                                [&](std::uint32_t stream) {
                                    return h2_headers(stream, good) +
                                           h2_frame(NGHTTP2_RST_STREAM, 0, stream, number_of(NGHTTP2_CANCEL));
                                })},
        {"resets that it makes us send",
         streams(2'000, [&](std::uint32_t stream) { return h2_headers(stream, bad); })},
        {"CONTINUATION", open_head + repeated(h2_frame(NGHTTP2_CONTINUATION, 0, 1, {}), 10'000)},
        {"CONTINUATION with fields",
         open_head + repeated(h2_frame(NGHTTP2_CONTINUATION, 0, 1, h2_block({{"x-one", "1"}})), 1'000)},
        // Of a head that is given up only the library counts them.
        {"CONTINUATION of a malformed head",
         h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, h2_block(bad)) +
             repeated(h2_frame(NGHTTP2_CONTINUATION, 0, 1, {}), 10'000)},
        {"SETTINGS", repeated(h2_frame(NGHTTP2_SETTINGS, 0, 0, setting), 2'000)},
        {"PING", repeated(h2_frame(NGHTTP2_PING, 0, 0, "12345678"), 2'000)},
        {"PING's answers", repeated(h2_frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, "12345678"), 2'000)},
        {"PRIORITY", repeated(h2_frame(NGHTTP2_PRIORITY, 0, 1, std::string("\0\0\0\3\7", 5)), 5'000)},
        {"empty DATA", h2_headers(1, h2_request("POST", "/flood"), false) +
                           repeated(h2_frame(NGHTTP2_DATA, 0, 1, {}), 5'000)},
        {"a bomb of HPACK", bomb(200)},
        {"a trailer without end", h2_headers(1, h2_request("POST", "/flood"), false) +
                                      h2_headers(1, {{"x-trailer", std::string(9'000, 'x')}})},
    };
    Count broken;
    TestFront server([&](HttpRequest& request) {
        if (request.target == "/flood" && request.method == "POST") {
            try {
                return echo(request);
            } catch (const BodyError&) {
                broken.add();
                throw;
            }
        }
        return echo(request);
    });
    H2Client other(server.port());
    for (const auto& row : rows) {
        INFO(row.what);
        RawClient client(server.port());
        client.send(h2_hello() + row.bytes);
        CHECK(other.wait_for(other.get("/other")).body == "GET /other ");
        const Codes codes = h2_codes(client.read_to_end(), NGHTTP2_GOAWAY);
        REQUIRE_FALSE(codes.empty());
        CHECK(codes.back() == NGHTTP2_ENHANCE_YOUR_CALM);
    }
    CHECK(other.goaways().empty());
}

TEST_CASE("what a lively client sends is no flood", "[http][http2]") {
    TestFront server(echo);
    RawClient client(server.port());
    const std::string lively = repeated(h2_frame(NGHTTP2_PING, 0, 0, "12345678"), 50) +
                               repeated(h2_frame(NGHTTP2_PRIORITY, 0, 1, std::string("\0\0\0\3\7", 5)), 100) +
                               streams(500, [&](std::uint32_t stream) {
                                   return h2_headers(stream, h2_request("GET", "/some")) +
                                          h2_frame(NGHTTP2_RST_STREAM, 0, stream, number_of(NGHTTP2_CANCEL));
                               });
    client.send(h2_hello() + lively + h2_headers(2'001, h2_request("GET", "/last")));
    const std::string seen = client.read_until("GET /last ");
    CHECK_THAT(seen, Catch::Matchers::EndsWith("GET /last "));
    CHECK(h2_codes(seen, NGHTTP2_GOAWAY).empty());
}

TEST_CASE("a head of more than 64 KiB gets 431, however few bytes it is on the wire", "[http][http2]") {
    Count calls;
    TestFront server([&](HttpRequest& request) {
        if (request.target == "/marker") calls.add();
        return echo(request);
    });
    RawClient client(server.port());
    client.send(h2_hello() + bomb(20) + h2_headers(3, h2_request("GET", "/good")));
    const std::string seen = client.read_until("GET /good ");
    CHECK_THAT(seen, ContainsSubstring("longer than 65536 bytes"));
    CHECK(calls.number() == 0);
}

TEST_CASE("what is no HTTP/2 behind the preface ends the connection with the code of its fault",
          "[http][http2]") {
    struct Row {
        std::string bytes;
        std::uint32_t code;
    };
    const Row rows[] = {
        {h2_frame(NGHTTP2_PING, 0, 0, "12345678"), NGHTTP2_PROTOCOL_ERROR},  // SETTINGS comes first
        {h2_frame(NGHTTP2_SETTINGS, 0, 0, "123"), NGHTTP2_FRAME_SIZE_ERROR},
        {h2_frame(NGHTTP2_SETTINGS, 0, 0, {}) + h2_headers(2, h2_request("GET", "/")),
         NGHTTP2_PROTOCOL_ERROR},
        {h2_frame(NGHTTP2_SETTINGS, 0, 0, {}) + h2_frame(NGHTTP2_DATA, 0, 1, "data"), NGHTTP2_PROTOCOL_ERROR},
        {h2_frame(NGHTTP2_SETTINGS, 0, 0, {}) +
             h2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, "\xff\xff\xff\xff\xff\xff"),
         NGHTTP2_COMPRESSION_ERROR},
        {h2_frame(NGHTTP2_SETTINGS, 0, 0, {}) + h2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, number_of(0)),
         NGHTTP2_PROTOCOL_ERROR},
        {h2_frame(NGHTTP2_SETTINGS, 0, 0, {}) + std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
         NGHTTP2_FRAME_SIZE_ERROR},
    };
    TestFront server(echo);
    for (const auto& row : rows) {
        RawClient client(server.port());
        client.send(NGHTTP2_CLIENT_MAGIC + row.bytes);
        CHECK(h2_codes(client.read_to_end(), NGHTTP2_GOAWAY) == Codes{row.code});
    }
}

TEST_CASE("a head that does not end in time ends its connection, and so does a missing SETTINGS",
          "[http][http2]") {
    auto options = test_options();
    options.head_deadline = tiny;
    TestFront server(echo, options);
    RawClient head(server.port());
    head.send(h2_hello() + h2_frame(NGHTTP2_HEADERS, 0, 1, h2_block(h2_request("GET", "/"))));
    CHECK(h2_codes(head.read_to_end(), NGHTTP2_GOAWAY) == Codes{NGHTTP2_ENHANCE_YOUR_CALM});
    RawClient half(server.port());
    half.send(h2_hello() + h2_headers(1, h2_request("GET", "/")).substr(0, 20));
    CHECK(h2_codes(half.read_to_end(), NGHTTP2_GOAWAY) == Codes{NGHTTP2_ENHANCE_YOUR_CALM});
    RawClient silent(server.port());
    silent.send(NGHTTP2_CLIENT_MAGIC);
    CHECK(h2_codes(silent.read_to_end(), NGHTTP2_GOAWAY) == Codes{NGHTTP2_SETTINGS_TIMEOUT});
    RawClient dribbler(server.port());
    dribbler.send(std::string(NGHTTP2_CLIENT_MAGIC).substr(0, 10));
    CHECK(dribbler.read_reply().status == 408);  // nobody knows yet what it speaks
}

TEST_CASE("a malformed head is no head that does not end", "[http][http2]") {
    auto options = test_options();
    options.head_deadline = options.keep_alive = tiny;  // whichever is said first would be the head's
    TestFront server(echo, options);
    const auto bytes = GENERATE(h2_headers(1, h2_request("GET", "/", {{"X-One", "1"}})),
                                h2_headers(1, h2_request("GET", "/", {{"connection", "close"}})),
                                h2_headers(1, {{":method", "GET"}, {":scheme", "http"}}));
    RawClient client(server.port());
    client.send(h2_hello() + bytes);
    const std::string said = client.read_to_end();
    CHECK(h2_codes(said, NGHTTP2_RST_STREAM) == Codes{NGHTTP2_PROTOCOL_ERROR});
    CHECK(h2_codes(said, NGHTTP2_GOAWAY) == Codes{NGHTTP2_NO_ERROR});
}

TEST_CASE("a malformed request ends no other call of its connection", "[http][http2]") {
    Count let_go;
    auto options = test_options();
    options.head_deadline = options.keep_alive = tiny;
    TestFront server(
        [&](HttpRequest& request) {
            if (request.target == "/held") let_go.wait_for(1);
            return echo(request);
        },
        options);
    RawClient client(server.port());
    client.send(h2_hello() + h2_headers(1, h2_request("GET", "/held")) +
                h2_headers(3, h2_request("GET", "/", {{"connection", "keep-alive"}})));
    std::string said =
        client.read_until(h2_frame(NGHTTP2_RST_STREAM, 0, 3, number_of(NGHTTP2_PROTOCOL_ERROR)));
    H2Client(server.port()).wait_for_end();  // a later one has had its time: that head would have had its own
    let_go.add();
    said += client.read_until("GET /held ");
    CHECK_THAT(said, Catch::Matchers::EndsWith("GET /held "));
    CHECK(h2_codes(said, NGHTTP2_RST_STREAM) == Codes{NGHTTP2_PROTOCOL_ERROR});
    CHECK(h2_codes(said, NGHTTP2_GOAWAY).empty());
}

TEST_CASE("a body over HTTP/2 keeps to the limits of size, rate and memory", "[http][http2]") {
    auto options = test_options();
    options.body.body_bytes_max = 100'000;
    options.bodies_bytes_max = 50'000;
    options.body_grace = Milliseconds(0);
    options.body_window = tiny;
    options.linger = tiny;
    TestFront server(echo, options);
    H2Client client(server.port());
    CHECK(client.wait_for(client.post("/", std::string(200'000, 'x'))).status == 413);
    const auto unannounced = client.request(h2_request("POST", "/"), std::string(40'000, 'x'), false);
    CHECK(client.wait_for(unannounced).status == 408);
    const H2Reply crowded = client.wait_for(client.post("/", std::string(60'000, 'x')));
    CHECK(crowded.status == 503);
    CHECK(crowded.header("retry-after") == "1");
    CHECK(eventually([&] { return server.front.figures().bodies_bytes == 0; }));
    CHECK(client.wait_for(client.post("/", std::string(10'000, 'x'))).status == 200);
}

TEST_CASE("when every worker is busy HTTP/2 gets health at once and 503 after a while", "[http][http2]") {
    Count held;
    auto options = test_options();
    options.workers_max = 2;
    options.worker_patience = tiny;
    TestFront server(
        [&](HttpRequest& request) {
            HttpReply reply = echo(request);
            if (request.target != "/hold") return reply;
            reply.due = far;
            held.add();
            return reply;
        },
        options);
    H2Client client(server.port());
    const auto first = client.get("/hold");
    const auto second = client.get("/hold");
    REQUIRE(held.wait_for(2));
    CHECK(client.wait_for(client.get("/_rockwatch/health")).status == 200);
    const H2Reply busy = client.wait_for(client.post("/", "body"));
    CHECK(busy.status == 503);
    CHECK(busy.header("retry-after") == "1");
    CHECK_THAT(busy.body, ContainsSubstring("--workers-max"));
    H2Client late(server.port());  // its connection needs no worker either
    CHECK(late.wait_for(late.get("/_rockwatch/health")).status == 200);
    client.reset(first);
    client.reset(second);
    CHECK(client.wait_for(client.get("/free")).status == 200);
}

TEST_CASE("connections of HTTP/2 count among all", "[http][http2]") {
    auto options = test_options();
    options.connections_max = 2;
    TestFront server(echo, options);
    H2Client first(server.port());
    CHECK(first.wait_for(first.get("/")).status == 200);
    {
        H2Client second(server.port());
        CHECK(second.wait_for(second.get("/")).status == 200);
        RawClient third(server.port());
        CHECK(third.read_reply().status == 503);
    }
    CHECK(eventually([&] { return server.front.figures().connections == 1; }));
}
