#include "http/http2_head.hpp"

#include "h2_client.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::http;
using namespace rockwatch::test;

namespace {

Http2Head::Result judge(const H2Fields& fields, bool has_body = false, const HeadLimits& limits = {}) {
    Http2Head head(limits);
    for (const auto& [name, value] : fields) REQUIRE(head.take(name, value));
    return head.finish(has_body);
}

}  // namespace

TEST_CASE("the fields of HTTP/2 make the head that HTTP/1 would have sent", "[http][http2]") {
    const auto result =
        judge(h2_request("POST", "/model/a%2Fb?x=%20", {{"content-length", "5"}, {"x-one", "1"}}), true);
    REQUIRE(result.is_good);
    CHECK(result.head.method == "POST");
    CHECK(result.head.target == "/model/a%2Fb?x=%20");
    CHECK(result.head.content_length == 5);
    CHECK(result.head.framing == Framing::stream);
    CHECK(std::vector<Headers::Field>(result.head.headers.begin(), result.head.headers.end()) ==
          std::vector<Headers::Field>{{"Host", "localhost"}, {"content-length", "5"}, {"x-one", "1"}});
    CHECK(judge(h2_request("GET", "/")).head.framing == Framing::none);
    CHECK(judge(h2_request("OPTIONS", "*")).is_good);
}

TEST_CASE("fields that cannot be a request of HTTP/1 are refused before anybody reads them",
          "[http][http2]") {
    struct Row {
        H2Fields fields;
        int status;
    };
    const auto without = [](std::string_view left_out, const H2Fields& more = {}) {
        H2Fields fields;
        for (const auto& field : h2_request("GET", "/", more)) {
            if (field.first != left_out) fields.push_back(field);
        }
        return fields;
    };
    const Row rows[] = {
        {without(":method"), 400},
        {without(":path"), 400},
        {without(":scheme"), 400},
        {without(":authority"), 400},
        {h2_request("GET", "/", {{":path", "/other"}}), 400},
        {h2_request("GET", "/", {{":protocol", "websocket"}}), 400},
        {h2_request("GET", ""), 400},
        {h2_request("GET", "path"), 400},
        {h2_request("GET", "*"), 400},
        {h2_request("GET", "http://localhost/"), 400},
        {h2_request("GET", "/#fragment"), 400},
        {h2_request("GET", "/a b"), 400},
        {h2_request("GET", "/ HTTP/1.1\r\nx-smuggled: 1"), 400},
        {h2_request("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET", "/"), 400},
        {h2_request("GET ", "/"), 400},
        {h2_request("get", "/"), 400},
        {h2_request("CONNECT", "/"), 400},
        {h2_request("TRACE", "/"), 400},
        {h2_request("PRI", "/"), 400},
        {without(":scheme", {{":scheme", "ftp"}}), 400},
        {without(":authority", {{":authority", "user@localhost"}}), 400},
        {without(":authority", {{":authority", "localhost\r\nx-smuggled: 1"}}), 400},
        {h2_request("GET", "/", {{"host", "elsewhere"}}), 400},
        {h2_request("GET", "/", {{"host", "localhost"}, {"host", "localhost"}}), 400},
        {without(":authority", {{"host", ""}}), 400},
        {h2_request("GET", "/", {{"x-one", "1\r\nx-two: 2"}}), 400},
        {h2_request("GET", "/", {{"x-one", "1\n"}}), 400},
        {h2_request("GET", "/", {{"x-one", std::string(1, '\0')}}), 400},
        {h2_request("GET", "/", {{"x-one: 1\r\nx-two", "2"}}), 400},
        {h2_request("GET", "/", {{"x:one", "1"}}), 400},
        {h2_request("GET", "/", {{"x one", "1"}}), 400},
        {h2_request("GET", "/", {{"", "1"}}), 400},
        {h2_request("GET", "/", {{" x-one", "1"}}), 400},
        {h2_request("GET", "/", {{"transfer-encoding", "chunked"}}), 400},
        {h2_request("GET", "/", {{"content-length", "+5"}}), 400},
        {h2_request("GET", "/", {{"content-length", "5"}, {"content-length", "6"}}), 400},
        {h2_request("GET", "/", {{"cookie", "a\r\nx-two: 2"}}), 400},
        {h2_request("GET", "/", {{"expect", "miracles"}}), 417},
        {h2_request("GET", "/" + std::string(17'000, 'x')), 414},
        {h2_request("GET", "/", {{std::string(300, 'x'), "1"}}), 431},
        {h2_request("GET", "/", H2Fields(130, {"x-one", "1"})), 431},
        {h2_request("GET", "/", {{"x-one", std::string(66'000, 'x')}}), 431},
    };
    for (const auto& row : rows) {
        INFO(row.fields[0].second.substr(0, 40) << " " << row.fields.back().first.substr(0, 40) << " "
                                                << row.fields.back().second.substr(0, 40));
        const auto result = judge(row.fields);
        CHECK_FALSE(result.is_good);
        CHECK(result.fault.status == row.status);
        CHECK_FALSE(result.fault.message.empty());
    }
}

TEST_CASE("a few bytes that decode to many times the limit are an attack", "[http][http2]") {
    Http2Head head({});
    const std::string value(4'000, 'x');
    int taken = 0;
    while (head.take("x-bomb", value)) {
        REQUIRE(++taken < 100);
        CHECK(head.bytes() < 70'000);  // what is over the limit is not kept
    }
}

TEST_CASE("a malformed request is refused in its stream and the connection goes on", "[http][http2]") {
    struct Row {
        const char* what;
        H2Fields fields;
        bool is_whole = true;
        std::string body = {};
    };
    const Row rows[] = {
        {"upper case", h2_request("GET", "/marker", {{"X-One", "1"}})},
        {"connection", h2_request("GET", "/marker", {{"connection", "keep-alive"}})},
        {"transfer-encoding", h2_request("POST", "/marker", {{"transfer-encoding", "chunked"}})},
        {"upgrade", h2_request("GET", "/marker", {{"upgrade", "h2c"}})},
        {"te", h2_request("GET", "/marker", {{"te", "gzip"}})},
        {"pseudo-header behind a field", {{":method", "GET"}, {"x-one", "1"}, {":path", "/marker"}}},
        {"two paths", h2_request("GET", "/marker", {{":path", "/other"}})},
        {"unknown pseudo-header", h2_request("GET", "/marker", {{":status", "200"}})},
        {"no method", {{":scheme", "http"}, {":authority", "localhost"}, {":path", "/marker"}}},
        {"no path", {{":method", "GET"}, {":scheme", "http"}, {":authority", "localhost"}}},
        {"empty path", h2_request("GET", "")},
        {"CR LF in a value", h2_request("GET", "/marker", {{"x-one", "1\r\nx-two: 2"}})},
        {"NUL in a value", h2_request("GET", "/marker", {{"x-one", std::string(1, '\0')}})},
        {"CR LF in a name", h2_request("GET", "/marker", {{"x-one\r\nx-two", "2"}})},
        {"CR LF in the path", h2_request("GET", "/marker HTTP/1.1\r\nx-two: 2")},
        {"CR LF in the method", h2_request("GET /marker HTTP/1.1\r\n\r\nGET", "/marker")},
        {"CR LF in the authority",
         {{":method", "GET"},
          {":scheme", "http"},
          {":authority", "localhost\r\nx: y"},
          {":path", "/marker"}}},
        {"other host", h2_request("GET", "/marker", {{"host", "127.0.0.1"}})},
        {"other scheme",
         {{":method", "GET"}, {":scheme", "ftp"}, {":authority", "localhost"}, {":path", "/marker"}}},
        {"CONNECT", {{":method", "CONNECT"}, {":authority", "localhost"}}},
        {"content-length without a body", h2_request("POST", "/marker", {{"content-length", "4"}})},
        {"content-length of no number", h2_request("POST", "/marker", {{"content-length", "4x"}})},
        {"two content-lengths",
         h2_request("POST", "/marker", {{"content-length", "0"}, {"content-length", "0"}})},
    };
    Count calls;
    TestFront server([&](HttpRequest& request) {
        if (request.target != "/good") calls.add();
        return echo(request);
    });
    for (const auto& row : rows) {
        INFO(row.what);
        RawClient client(server.port());
        client.send(h2_hello() + h2_headers(1, row.fields) + h2_headers(3, h2_request("GET", "/good")));
        const std::string seen = client.read_until("GET /good ");
        CHECK_THAT(seen, Catch::Matchers::EndsWith("GET /good "));
        const bool is_reset =
            h2_codes(seen, NGHTTP2_RST_STREAM) == std::vector<std::uint32_t>{NGHTTP2_PROTOCOL_ERROR};
        const bool is_refused = ContainsSubstring("{\"message\":").match(seen);
        CHECK((is_reset || is_refused));
    }
    CHECK(calls.number() == 0);
}

TEST_CASE("a body that is not as long as it says is reset, and its reader is told", "[http][http2]") {
    Count broken;
    TestFront server([&](HttpRequest& request) {
        try {
            return echo(request);
        } catch (const BodyError&) {
            broken.add();
            throw;
        }
    });
    const std::string body = GENERATE("abc", "abcde");
    RawClient client(server.port());
    client.send(h2_hello() + h2_headers(1, h2_request("POST", "/", {{"content-length", "4"}}), false) +
                h2_frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, body) +
                h2_headers(3, h2_request("GET", "/good")));
    const std::string seen = client.read_until("GET /good ");
    CHECK_THAT(seen, Catch::Matchers::EndsWith("GET /good "));
    CHECK(h2_codes(seen, NGHTTP2_RST_STREAM) == std::vector<std::uint32_t>{NGHTTP2_PROTOCOL_ERROR});
    CHECK_FALSE(ContainsSubstring("POST /").match(seen));
}
