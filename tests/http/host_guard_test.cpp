#include "http/host_guard.hpp"

#include "support/catch.hpp"

using rockwatch::HttpReply;
using rockwatch::HttpRequest;
using namespace rockwatch::http;
using Ruling = HostGuard::Ruling;

namespace {

HostGuard guard() {
    return HostGuard({.host_names = {"Rockwatch.Example.COM", "*.apps.example.net"},
                      .cors_origins = {"http://localhost:3000/"}});
}

HttpRequest request(std::string target, rockwatch::Headers headers, std::string method = "POST") {
    HttpRequest request{
        .method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
    if (request.headers.find("Host") == nullptr) request.headers.add("Host", "localhost:4566");
    return request;
}

}  // namespace

TEST_CASE("a Host is let in when nobody else can own it, or when it was configured", "[http][guard]") {
    struct Row {
        std::string host;
        bool is_accepted;
    };
    const auto row = GENERATE(values<Row>({
        {"localhost", true},
        {"localhost:4566", true},
        {"LocalHost:4566", true},
        {"localhost.", true},
        {"localhost.:4566", true},
        {"localhost:", true},
        {"127.0.0.1", true},
        {"127.0.0.1:4566", true},
        {"0.0.0.0:4566", true},
        {"10.1.2.3", true},
        {"192.168.1.2:80", true},
        {"[::1]", true},
        {"[::1]:4566", true},
        {"[fe80::1%25eth0]:4566", true},
        {"[fe80::1%eth0]", true},
        {"[fe80::1%/@evil.example]", false},
        {std::string("127.0.0.1\0.evil.example", 23), false},
        {std::string("[::1\0.evil.example]", 19), false},
        {"[::ffff:127.0.0.1]", true},
        {"rockwatch", true},
        {"rockwatch:4566", true},
        {"my_service-1:4566", true},
        {"bucket.localhost:4566", true},
        {"bucket.s3.localhost", true},
        {"emulator.local", true},
        {"host.docker.internal:4566", true},
        {"rockwatch.test", true},
        {"rockwatch.default.svc", true},
        {"rockwatch.default.svc.cluster.local:80", true},
        {"nas.home.arpa", true},
        {"bucket.127.0.0.1:4566", true},
        {"my.bucket.127.0.0.1", true},
        {"rockwatch.example.com", true},
        {"ROCKWATCH.EXAMPLE.COM:8080", true},
        {"rockwatch.example.com.", true},
        {"bucket.rockwatch.example.com", true},
        {"x.apps.example.net", true},
        {"x.y.apps.example.net:1", true},
        {"apps.example.net", false},
        {"evil.com", false},
        {"evil.com:4566", false},
        {"example.com", false},
        {"evilrockwatch.example.com", false},
        {"evil-apps.example.net", false},
        {"rockwatch.example.com.evil.com", false},
        {"localhost.evil.com", false},
        {"127.0.0.1.evil.com", false},
        {"127.0.0.1.nip.io", false},
        {"local.evil", false},
        {"evil.localhostx", false},
        {"bedrock-runtime.us-east-1.amazonaws.com", false},
        {"localhost..", false},
        {"a..local", false},
        {".local", false},
        {"localhost:99999999", false},
        {"localhost:4566:1", false},
        {"localhost:http", false},
        {"user@localhost", false},
        {"localhost,evil.com", false},
        {"local host", false},
        {"[::1", false},
        {"[::1]x", false},
        {"[evil.com]", false},
        {"::1", false},
        {"[]", false},
        {"127.1", false},
        {"0x7f.1", false},
        {"256.1.1.1", false},
        {"bucket.256.0.0.1", false},
        {"%6cocalhost", false},
        {"localh\xc3\xb6st", false},
        {"", false},
        {":4566", false},
        {".", false},
    }));
    CAPTURE(row.host);
    CHECK(guard().accepts_host(row.host) == row.is_accepted);
    const auto verdict = guard().judge(request("/", {{"Host", row.host}}));
    CHECK((verdict.ruling == Ruling::pass) == row.is_accepted);
    if (!row.is_accepted) CHECK_THAT(verdict.reason, ContainsSubstring("--host-name"));
}

TEST_CASE("very long hosts are refused", "[http][guard]") {
    CHECK(guard().accepts_host(std::string(63, 'a') + ".local"));
    CHECK_FALSE(guard().accepts_host(std::string(64, 'a') + ".local"));
    std::string name;
    for (int label = 0; label < 130; ++label) name += "a.";
    CHECK_FALSE(guard().accepts_host(name + "local"));
}

TEST_CASE("a request of HTTP/1.0 without a Host comes from no browser", "[http][guard]") {
    CHECK(guard().judge({.method = "GET", .target = "/"}).ruling == Ruling::pass);
}

TEST_CASE("a page of another origin is refused on every path and with every method", "[http][guard]") {
    const std::string target =
        GENERATE("/", "/model/m/converse", "/_rockwatch/reset", "/bucket/key", "/?Action=DeleteAlarms");
    const std::string method = GENERATE("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");
    const std::string origin = GENERATE(
        "http://evil.com", "https://localhost:4566", "http://localhost:1", "null", "", "file://",
        "http://localhost:4566.evil.com", "http://localhost:3001", "chrome-extension://abc",
        "http://localhost:4566/", "http://localhost:3000 http://evil.com", "http://192.168.0.1:4566");
    CAPTURE(target, method, origin);
    const auto verdict = guard().judge(
        request(target, {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}}, method));
    CHECK(verdict.ruling == Ruling::refuse);
    CHECK_THAT(verdict.reason, ContainsSubstring("--cors-origin"));
    CHECK(verdict.cors_origin.empty());
}

TEST_CASE("our own pages may call", "[http][guard]") {
    struct Row {
        std::string host;
        std::string origin;
    };
    const auto row = GENERATE(values<Row>({{"localhost:4566", "http://localhost:4566"},
                                           {"LOCALHOST:4566", "http://localhost:4566"},
                                           {"localhost:4566", "http://127.0.0.1:4566"},
                                           {"127.0.0.1:4566", "http://[::1]:4566"},
                                           {"localhost", "http://localhost"},
                                           {"localhost:80", "http://localhost"},
                                           {"rockwatch:4566", "http://rockwatch:4566"},
                                           {"[::1]:4566", "http://[::1]:4566"}}));
    CAPTURE(row.host, row.origin);
    const auto verdict =
        guard().judge(request("/_rockwatch/reset", {{"Host", row.host}, {"Origin", row.origin}}));
    CHECK(verdict.ruling == Ruling::pass);
    CHECK(verdict.cors_origin.empty());
}

TEST_CASE("two Origins are refused even if each is ours", "[http][guard]") {
    const auto verdict = guard().judge(
        request("/", {{"Origin", "http://localhost:4566"}, {"Origin", "http://localhost:4566"}}));
    CHECK(verdict.ruling == Ruling::refuse);
}

TEST_CASE("without an Origin, Sec-Fetch-Site tells who calls", "[http][guard]") {
    struct Row {
        std::string site;
        Ruling ruling;
    };
    const auto row = GENERATE(values<Row>({{"none", Ruling::pass},
                                           {"same-origin", Ruling::pass},
                                           {"same-site", Ruling::refuse},
                                           {"cross-site", Ruling::refuse},
                                           {"anything", Ruling::refuse}}));
    CAPTURE(row.site);
    CHECK(guard().judge(request("/bucket/key", {{"Sec-Fetch-Site", row.site}}, "GET")).ruling == row.ruling);
}

TEST_CASE("a link from elsewhere may lead to the page about the server, and nowhere else", "[http][guard]") {
    struct Row {
        std::string method;
        std::string target;
        std::string mode;
        std::string destination;
        Ruling ruling;
    };
    const auto row = GENERATE(values<Row>({
        {"GET", "/", "navigate", "document", Ruling::pass},
        {"GET", "/_rockwatch/console/", "navigate", "document", Ruling::pass},
        {"GET", "/_rockwatch/console/alarms", "navigate", "document", Ruling::pass},
        {"GET", "/?Action=DeleteAlarms", "navigate", "document", Ruling::refuse},
        {"GET", "/_rockwatch/calls", "navigate", "document", Ruling::refuse},
        {"GET", "/_rockwatch/consolex", "navigate", "document", Ruling::refuse},
        {"POST", "/", "navigate", "document", Ruling::refuse},
        {"GET", "/", "no-cors", "image", Ruling::refuse},
        {"GET", "/", "navigate", "iframe", Ruling::refuse},
    }));
    CAPTURE(row.method, row.target, row.mode, row.destination);
    const auto asked = request(
        row.target,
        {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", row.mode}, {"Sec-Fetch-Dest", row.destination}},
        row.method);
    CHECK(guard().judge(asked).ruling == row.ruling);
}

TEST_CASE("a configured origin gets CORS answers on AWS paths and none on the control API", "[http][guard]") {
    const rockwatch::Headers headers{{"Origin", "http://localhost:3000"}, {"Sec-Fetch-Site", "same-site"}};
    const auto on_aws = guard().judge(request("/model/m/converse", headers));
    CHECK(on_aws.ruling == Ruling::pass);
    CHECK(on_aws.cors_origin == "http://localhost:3000");
    const auto on_control = guard().judge(request("/_rockwatch/rules", headers));
    CHECK(on_control.ruling == Ruling::pass);
    CHECK(on_control.cors_origin.empty());
}

TEST_CASE("a preflight of a configured origin is answered with what it asks for", "[http][guard]") {
    const auto preflight = request("/model/m/converse",
                                   {{"Origin", "http://localhost:3000"},
                                    {"Access-Control-Request-Method", "POST"},
                                    {"Access-Control-Request-Headers", "authorization,x-amz-date"},
                                    {"Access-Control-Request-Private-Network", "true"}},
                                   "OPTIONS");
    const auto verdict = guard().judge(preflight);
    REQUIRE(verdict.ruling == Ruling::preflight);
    const HttpReply reply = preflight_reply(preflight, verdict.cors_origin);
    CHECK(reply.status == 204);
    CHECK(reply.headers.get("Access-Control-Allow-Origin") == "http://localhost:3000");
    CHECK(reply.headers.get("Access-Control-Allow-Headers") == "authorization,x-amz-date");
    CHECK_THAT(std::string(reply.headers.get("Access-Control-Allow-Methods")), ContainsSubstring("DELETE"));
    CHECK(reply.headers.get("Access-Control-Allow-Private-Network") == "true");
    CHECK(reply.headers.find("Access-Control-Allow-Credentials") == nullptr);

    auto on_control = preflight;
    on_control.target = "/_rockwatch/rules";
    CHECK(guard().judge(on_control).ruling == Ruling::pass);
}
