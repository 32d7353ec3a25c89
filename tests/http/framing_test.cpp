#include "case_bytes.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::test;

namespace {

/// What an attacker hides behind a request, hoping that two readers disagree about where that one ends.
const std::string marker = "GET /marker HTTP/1.1\r\nHost: localhost\r\n\r\n";

FrontOptions small_limits() {
    FrontOptions options = test_options();
    options.body.body_bytes_max = 1000;
    options.drain_bytes_max = 500;
    return options;
}

/// A listening front whose handler echoes, counts the marker and has a few other answers.
struct Exchange {
    Exchange() : server([this](HttpRequest& request) { return answer(request); }, small_limits()) {}

    HttpReply answer(HttpRequest& request) {
        if (request.target == "/marker") markers.add();
        if (request.target == "/missing") return {.status = 404, .body = "missing"};
        if (request.target == "/empty") return {.status = 204};
        if (request.target == "/unread") return {.body = "unread"};
        return echo(request);
    }

    Count markers;
    TestFront server;
};

void check_answer(const Json& expected, const RawReply& reply, bool is_last_of_closed) {
    INFO(reply.head << reply.body);
    CHECK(reply.is_whole);
    CHECK(reply.status == expected.at("status"));
    CHECK((reply.header("Connection") == "close") == is_last_of_closed);
    if (expected.contains("body")) CHECK(reply.body == expected.at("body").get<std::string>());
    if (expected.contains("length"))
        CHECK(reply.header("Content-Length") == std::to_string(expected.at("length").get<int>()));
    if (reply.status >= 400 && !expected.contains("body") && !expected.contains("head")) {
        const auto told = parse_json(reply.body);
        REQUIRE(told);
        const bool is_control = expected.contains("control");
        const Json& error = is_control ? told->at("error") : *told;
        if (is_control) CHECK(error.at("code") == expected.at("control"));
        CHECK_FALSE(error.at("message").get<std::string>().empty());
    }
}

/// Sends the case's bytes, so many at a time, and holds what comes back against the case.
void run(const Json& example, std::size_t step) {
    Exchange exchange;
    const bool is_closed = example.at("connection") == "closed";
    const bool has_marker = example.value("marker", true);
    const std::string bytes = bytes_of(example.at("bytes")) + (has_marker ? marker : "");
    RawClient client(exchange.server.port());
    for (std::size_t at = 0; at < bytes.size(); at += step)
        client.send(std::string_view(bytes).substr(at, step));
    if (example.value("ends", false)) client.end_output();

    const Json& answers = example.at("answers");
    for (std::size_t index = 0; index < answers.size(); ++index) {
        CAPTURE(index);
        const bool is_last = is_closed && index + 1 == answers.size();
        const RawReply reply = client.read_reply(answers[index].value("head", false));
        check_answer(answers[index], reply, is_last);
    }
    if (!is_closed && has_marker) CHECK(client.read_reply().body == "GET /marker ");
    client.end_output();
    CHECK(client.read_to_end().empty());
    CHECK_FALSE(client.was_reset());
    CHECK(exchange.markers.number() == (is_closed ? 0 : 1));
}

}  // namespace

TEST_CASE("an exchange has the answers of its case, and what follows runs only where that is safe",
          "[http][framing]") {
    static const Json cases = http_cases("framing.json");  // each section comes here again
    for (const Json& example : cases) {
        DYNAMIC_SECTION(example.at("name").get<std::string>() << ", sent whole") {
            run(example, std::string::npos / 2);
        }
        if (example.value("atOnce", false)) continue;
        DYNAMIC_SECTION(example.at("name").get<std::string>() << ", sent byte by byte") {
            // Of long texts a few bytes at a time, so that there are as many steps as bytes in a short one.
            run(example, 1 + bytes_of(example.at("bytes")).size() / 2000);
        }
    }
}

TEST_CASE("a head that is refused closes the connection, and what follows it never runs", "[http][framing]") {
    Exchange exchange;
    for (const Json& example : http_cases("heads.json")) {
        if (!example.contains("status")) continue;
        CAPTURE(example.at("name").get<std::string>());
        RawClient client(exchange.server.port());
        client.send(bytes_of(example.at("bytes")) + marker);
        check_answer(example, client.read_reply(), true);
        client.end_output();
        CHECK(client.read_to_end().empty());
    }
    CHECK(exchange.markers.number() == 0);
}
