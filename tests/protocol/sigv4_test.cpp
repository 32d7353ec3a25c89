#include "protocol/sigv4.hpp"

#include <fmt/format.h>

#include "cases.hpp"
#include "protocol/aws_chunked.hpp"
#include "protocol/uri.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

std::string payload_of(const SentRequest& sent, const sigv4::Claim& claim, bool is_s3) {
    if (const auto* header = sent.http.headers.find("x-amz-content-sha256")) return *header;
    return is_s3 && claim.is_presigned ? "UNSIGNED-PAYLOAD" : sigv4::sha256_hex(sent.body);
}

}  // namespace

TEST_CASE("a request's signature is calculated as AWS and its SDKs do", "[protocol][sigv4]") {
    for (const Json& example : protocol_cases("sigv4/requests")) {
        DYNAMIC_SECTION(example["name"].get<std::string>()) {
            const SentRequest sent(example);
            const auto claim = sigv4::claim_of(sent.http);
            REQUIRE(claim);
            const bool is_s3 = example["pathForm"] == "as sent";
            const std::string canonical = sigv4::canonical_request(
                sent.http, *claim, is_s3 ? sigv4::PathForm::as_sent : sigv4::PathForm::normalised,
                payload_of(sent, *claim, is_s3));
            INFO(canonical);
            CHECK(sigv4::sign(sigv4::signing_key(secret, *claim), sigv4::string_to_sign(*claim, canonical)) ==
                  claim->signature);
        }
    }
}

TEST_CASE("the canonical request of a model's path is the one of the facts", "[protocol][sigv4]") {
    HttpRequest request{.method = "POST",
                        .target = "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse",
                        .headers = {{"Host", "localhost:8080"},
                                    {"Content-Type", "application/json"},
                                    {"X-Amz-Date", "20240102T030405Z"}}};
    const sigv4::Claim claim{.signed_headers = {"content-type", "host", "x-amz-date"}};
    const std::string canonical = sigv4::canonical_request(request, claim, sigv4::PathForm::normalised,
                                                           sigv4::sha256_hex(R"({"messages":[]})"));
    // protocols.md 4.2, A
    CHECK(sigv4::sha256_hex(canonical) == "179b616d3c0d20a80fd2b3c3e8fca9ac42d5aa05b3b50b060d8f04e92b0131ce");
}

TEST_CASE("a path is normalised as it is signed", "[protocol][sigv4]") {
    struct Row {
        std::string path;
        std::string canonical;
    };
    const auto row = GENERATE(values<Row>({{"/", "/"},
                                           {"//", "/"},
                                           {"/a//b", "/a/b"},
                                           {"/a/./b", "/a/b"},
                                           {"/a/../b/", "/b/"},
                                           {"/..", "/"},
                                           {"/a/..", "/"},
                                           {"/a/b/..", "/a/"},
                                           {"/a%3Ab", "/a%253Ab"},
                                           {"/a:b", "/a%3Ab"},
                                           {"/~-_.", "/~-_."}}));
    CAPTURE(row.path);
    const HttpRequest request{.method = "GET", .target = row.path};
    const std::string canonical =
        sigv4::canonical_request(request, sigv4::Claim{}, sigv4::PathForm::normalised, "");
    CHECK(canonical.substr(4, canonical.find('\n', 4) - 4) == row.canonical);
}

TEST_CASE("a query is sorted once its escapes are those of AWS", "[protocol][sigv4]") {
    const HttpRequest request{.method = "GET", .target = "/?b=2&a=%7e&a=1&c&d=x+y&e=%2f&B=3"};
    const std::string canonical =
        sigv4::canonical_request(request, sigv4::Claim{}, sigv4::PathForm::normalised, "");
    // A plus is a blank, as it is for whoever answers.
    CHECK(canonical.substr(6, canonical.find('\n', 6) - 6) == "B=3&a=1&a=~&b=2&c=&d=x%20y&e=%2F");
    CHECK(query_value(request.query(), "d") == "x y");
}

TEST_CASE("a parameter is found by its name, however that is escaped", "[protocol][uri]") {
    const std::string_view query = "Action=A&Actio%6E=B&%41ctionX&a+b=1&Version%3D=2";
    CHECK(query_value(query, "Action") == "A");
    CHECK(query_value(query.substr(query.find('&') + 1), "Action") == "B");
    CHECK(query_value(query, "ActionX") == "");
    CHECK(query_value(query, "a b") == "1");
    CHECK(query_value(query, "Version=") == "2");
    CHECK_FALSE(query_value(query, "Version"));
    CHECK_FALSE(query_value(query, "Actio"));
}

TEST_CASE("a scope names its region", "[protocol][sigv4]") {
    const HttpRequest request{.method = "GET",
                              .target = "/",
                              .headers = {{"X-Amz-Date", "20240102T030405Z"},
                                          {"Authorization",
                                           "AWS4-HMAC-SHA256 Credential=AKID/20240102//logs/aws4_request, "
                                           "SignedHeaders=host, Signature=00"}}};
    CHECK_THROWS_AS(sigv4::claim_of(request), sigv4::Malformed);
}

TEST_CASE("the chunks and the trailers of an upload are signed one after the other", "[protocol][sigv4]") {
    // protocols.md 4.4
    const sigv4::Claim claim{.access_key = "AKIDEXAMPLE",
                             .date = "20240102",
                             .region = "us-east-1",
                             .service = "s3",
                             .time = "20240102T030405Z"};
    const std::string key = sigv4::signing_key(secret, claim);
    CHECK(to_hex(key) == "b7b446eee194560712bc41ee1f9640e6971cde2ec5d36f72cad283f8aa519d00");
    const std::string seed = "5ca4cbef867dc1b6881addbacac9d1bf1cdb10b4e8fb94ab7c670dde495e87c0";
    const std::string first = sigv4::sign_chunk(key, claim, seed, "hello ");
    const std::string second = sigv4::sign_chunk(key, claim, first, "world");
    const std::string last = sigv4::sign_chunk(key, claim, second, "");
    CHECK(first == "beb7d44980b0abc2821e540ca9d5d7c2589451770ab130c639a0609f28b74656");
    CHECK(second == "dd4865eba7518ce25b0dc8423cff5d017943c545af39fc728d771b0d5c8374fc");
    CHECK(last == "776a60dd9d515baaf4617e4a1d6d0984069981037b5fd960e3de7527e9480fd7");
    CHECK(sigv4::sign_trailers(key, claim, last, "x-amz-checksum-crc32:DUoRhQ==\n") ==
          "5e343df99feb573f2be8ba6496bb2f0e676a82281c4261769aa1496d89d7a906");
}

TEST_CASE("an upload in signed chunks says what each of them was signed with", "[protocol][sigv4]") {
    const std::string a(64, 'a');
    const std::string b(64, 'b');
    const std::string c(64, 'c');
    HttpRequest request{.headers = {{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"},
                                    {"x-amz-decoded-content-length", "5"},
                                    {"x-amz-trailer", "x-amz-checksum-crc32"}}};
    ChunkSignatures signatures;
    const std::string body =
        take_aws_chunks(request,
                        fmt::format("5;chunk-signature={}\r\nhello\r\n0;chunk-signature={}\r\n"
                                    "X-Amz-Checksum-Crc32: NhCmhg==\r\nx-amz-trailer-signature:{}\r\n\r\n",
                                    a, b, c),
                        &signatures);
    CHECK(body == "hello");
    REQUIRE(signatures.chunks.size() == 2);
    CHECK(signatures.chunks[0].size == 5);
    CHECK(signatures.chunks[0].signature == a);
    CHECK(signatures.chunks[1].from == 5);
    CHECK(signatures.chunks[1].signature == b);
    CHECK(signatures.trailer_lines == "x-amz-checksum-crc32:NhCmhg==\n");
    CHECK(signatures.trailer_signature == c);
}
