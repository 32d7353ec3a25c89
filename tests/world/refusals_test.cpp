#include "protocol/cbor.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;

namespace {

/// A body that could not be had.
class BrokenBody : public BodyStream {
public:
    explicit BrokenBody(int status) : status_(status) {}
    std::size_t read(char* /*buffer*/, std::size_t /*size*/) override {
        throw BodyError(status_, "The body <could> not be had.");
    }

private:
    int status_;
};

/// A body that tells whether it was to keep its coding.
class CodedBody : public TextBody {
public:
    using TextBody::TextBody;
    void keep_coding() override { keeps_coding = true; }
    bool keeps_coding = false;
};

/// One way of calling, and the code it reads for each trouble.
struct Way {
    std::string name;
    HttpRequest request;
    std::string content_type;
    std::vector<std::string> codes;  ///< for 400, 408, 413, 415, 503
};

Headers signed_for(const std::string& service) {
    return {{"Host", "127.0.0.1:4566"},
            {"Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/" + service +
                                  "/aws4_request, SignedHeaders=host, Signature=0"}};
}

HttpRequest request_of(std::string method, std::string target, Headers headers, Headers more = {}) {
    for (const auto& [name, value] : more) headers.add(name, value);
    return {.method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
}

const std::vector<std::string> json_codes = {"SerializationException", "RequestTimeoutException",
                                             "RequestEntityTooLargeException",
                                             "UnsupportedMediaTypeException", "ServiceUnavailableException"};

std::vector<Way> ways() {
    return {
        {"JSON",
         request_of("POST", "/", signed_for("logs"),
                    {{"X-Amz-Target", "Logs_20140328.PutLogEvents"},
                     {"Content-Type", "application/x-amz-json-1.1"}}),
         "application/x-amz-json-1.1", json_codes},
        {"REST JSON", request_of("POST", "/model/amazon.nova-lite-v1:0/converse", signed_for("bedrock")),
         "application/json", json_codes},
        {"CBOR",
         request_of("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData",
                    signed_for("monitoring"), {{"Smithy-Protocol", "rpc-v2-cbor"}}),
         "application/cbor", json_codes},
        {"query",
         request_of("POST", "/", signed_for("sns"), {{"Content-Type", "application/x-www-form-urlencoded"}}),
         "text/xml",
         {"MalformedInput", "RequestTimeout", "RequestEntityTooLarge", "UnsupportedMediaType",
          "ServiceUnavailable"}},
        {"REST XML",
         request_of("PUT", "/bucket/key", signed_for("s3")),
         "application/xml",
         {"IncompleteBody", "RequestTimeout", "EntityTooLarge", "InvalidRequest", "SlowDown"}},
    };
}

std::string code_of(const HttpReply& reply) {
    const std::string_view type = reply.headers.get("Content-Type");
    if (type.ends_with("xml")) {
        const auto begin = reply.body.find("<Code>") + 6;
        return reply.body.substr(begin, reply.body.find("</Code>") - begin);
    }
    if (type == "application/cbor") {
        const std::string shape = parse_cbor(reply.body)->at("__type");
        return shape.substr(shape.find('#') + 1);
    }
    const std::string_view shape = reply.headers.get("x-amzn-ErrorType");
    return std::string(shape.substr(0, shape.find(':')));
}

/// A form that nobody has signed: only its body would have said for whom it is.
Way unsigned_form() {
    return {"unsigned form",
            request_of("POST", "/",
                       {{"Host", "127.0.0.1:4566"}, {"Content-Type", "application/x-www-form-urlencoded"}}),
            "application/json", json_codes};
}

constexpr int statuses[] = {400, 408, 413, 415, 503};

}  // namespace

TEST_CASE("a body that could not be had is answered in the protocol of whoever sent it", "[gateway][http]") {
    TestWorld world;
    std::vector<Way> all = ways();
    all.push_back(unsigned_form());
    for (Way& way : all) {
        for (std::size_t index = 0; index < std::size(statuses); ++index) {
            CAPTURE(way.name, statuses[index]);
            BrokenBody body(statuses[index]);
            way.request.body = &body;
            const HttpReply reply = world.world.gateway().answer(way.request);
            CHECK(reply.status == statuses[index]);
            CHECK(reply.headers.get("Content-Type") == way.content_type);
            CHECK(code_of(reply) == way.codes[index]);
            CHECK(reply.headers.get("Retry-After") == (statuses[index] == 503 ? "1" : ""));
            CHECK_THAT(reply.body, ContainsSubstring("not be had"));
        }
    }
    const Json noted = world.world.journal().list({}).at("calls").back();
    CHECK(noted.at("error").at("code") == "ServiceUnavailableException");
    CHECK(noted.at("error").at("message") == "The body <could> not be had.");
}

TEST_CASE("PutMetricData takes a body of 1 MB, in every protocol", "[gateway][cloudwatch]") {
    struct Row {
        std::string name;
        std::string target;
        Headers headers;
        std::string code;
    };
    const auto row = GENERATE(values<Row>({
        {"JSON",
         "/",
         {{"X-Amz-Target", "GraniteServiceVersion20100801.PutMetricData"},
          {"Content-Type", "application/x-amz-json-1.0"}},
         "RequestEntityTooLargeException"},
        {"CBOR",
         "/service/GraniteServiceVersion20100801/operation/PutMetricData",
         {{"Smithy-Protocol", "rpc-v2-cbor"}},
         "RequestEntityTooLargeException"},
        {"query", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "RequestEntityTooLarge"},
    }));
    CAPTURE(row.name);
    TestWorld world;
    Headers headers = signed_for("monitoring");
    for (const auto& [name, value] : row.headers) headers.add(name, value);
    const auto answer = [&](std::size_t bytes) {
        std::string body = "Action=PutMetricData&Version=2010-08-01&Namespace=";
        body.resize(bytes, 'x');
        return world.http("POST", row.target, headers, body);
    };
    const HttpReply refused = answer((1U << 20U) + 1);
    CHECK(refused.status == 413);
    CHECK(code_of(refused) == row.code);
    CHECK_THAT(refused.body, ContainsSubstring("Request size 1048577 exceeded 1048576 bytes"));
    CHECK(answer(1U << 20U).status == 400);  // it is read, and is no metric data
    Headers other = signed_for("monitoring");
    other.add("X-Amz-Target", "GraniteServiceVersion20100801.PutDashboard");
    other.add("Content-Type", "application/x-amz-json-1.0");
    CHECK(world.http("POST", "/", other, std::string(2U << 20U, 'x')).status == 400);
}

TEST_CASE("PutMetricAlarm takes a body of 120 KB", "[gateway][cloudwatch]") {
    TestWorld world;
    Headers headers = signed_for("monitoring");
    headers.add("X-Amz-Target", "GraniteServiceVersion20100801.PutMetricAlarm");
    headers.add("Content-Type", "application/x-amz-json-1.0");
    const HttpReply refused = world.http("POST", "/", headers, std::string(122'881, ' '));
    CHECK(refused.status == 413);
    CHECK(code_of(refused) == "RequestEntityTooLargeException");
    CHECK_THAT(refused.body, ContainsSubstring("Request size 122881 exceeded 122880 bytes"));
    CHECK(world.http("POST", "/", headers, std::string(122'880, ' ')).status == 400);
}

TEST_CASE("whom the front turns away reads it in its own protocol, and nothing is noted", "[gateway][http]") {
    TestWorld world;
    for (const Way& way : ways()) {
        CAPTURE(way.name);
        const auto busy = world.world.gateway().turn_away(way.request, 503, "All <workers> are busy.");
        REQUIRE(busy);
        CHECK(busy->status == 503);
        CHECK(busy->headers.get("Content-Type") == way.content_type);
        CHECK(code_of(*busy) == way.codes.back());
        CHECK(busy->headers.get("Retry-After") == "1");
        const auto foreign = world.world.gateway().turn_away(way.request, 403, "no");
        REQUIRE(foreign);
        CHECK_THAT(code_of(*foreign), StartsWith("AccessDenied"));
    }
    CHECK_FALSE(world.world.gateway().turn_away(request_of("POST", "/", {}), 503, "busy"));
    CHECK(world.world.journal().list({}).at("calls").empty());
}

TEST_CASE("S3 alone gets a body in the coding it was sent in, signed or not", "[gateway][http][s3]") {
    struct Row {
        HttpRequest request;
        bool keeps;
    };
    const Headers gzip = {{"Content-Encoding", "gzip"}};
    const Headers plain = {{"Host", "127.0.0.1:4566"}};
    std::vector<Row> rows = {
        {request_of("PUT", "/bucket/key", signed_for("s3"), gzip), true},
        {request_of("PUT", "/bucket/key", plain, gzip), true},
        {request_of("PUT", "/key", {{"Host", "bucket.s3.localhost:4566"}}, gzip), true},
        {request_of("PUT", "/bucket/key?X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", plain,
                    gzip),
         true},
        {request_of("POST", "/", signed_for("logs"),
                    {{"Content-Encoding", "gzip"}, {"X-Amz-Target", "Logs_20140328.PutLogEvents"}}),
         false},
        {request_of("POST", "/", signed_for("monitoring"), gzip), false},
        {request_of("POST", "/", plain, gzip), false},
        {request_of("POST", "/model/amazon.nova-lite-v1:0/converse", plain, gzip), false},
    };
    TestWorld world;
    for (Row& row : rows) {
        CAPTURE(row.request.method, row.request.target);
        CodedBody body("x");
        row.request.body = &body;
        world.world.gateway().answer(row.request);
        CHECK(body.keeps_coding == row.keeps);
    }
}

TEST_CASE("an upload in aws-chunked form that is broken gets S3's own error", "[gateway][s3]") {
    TestWorld world;
    Headers headers = signed_for("s3");
    headers.add("Content-Encoding", "aws-chunked");
    headers.add("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    headers.add("x-amz-decoded-content-length", "5");
    headers.add("x-amz-trailer", "x-amz-checksum-crc32");
    const HttpReply short_one = world.http("PUT", "/bucket/key", headers, "5\r\nhel");
    CHECK(short_one.status == 400);
    CHECK(code_of(short_one) == "IncompleteBody");
    const HttpReply wrong =
        world.http("PUT", "/bucket/key", headers, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
    CHECK(code_of(wrong) == "BadDigest");
    const HttpReply whole =
        world.http("PUT", "/bucket/key", headers, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
    CHECK(whole.status != 400);
}

TEST_CASE("a form without an Action misses it, one with an Action that nobody knows is invalid",
          "[gateway][query]") {
    TestWorld world;
    Headers headers = signed_for("monitoring");
    headers.add("Content-Type", "application/x-www-form-urlencoded");
    for (const std::string body : {"Version=2010-08-01", "", "Action=&Version=2010-08-01"}) {
        CAPTURE(body);
        const HttpReply missing = world.http("POST", "/", headers, body);
        CHECK(missing.status == 400);
        CHECK(code_of(missing) == "MissingAction");
        CHECK_THAT(missing.body, ContainsSubstring("<Type>Sender</Type>"));
        CHECK_THAT(missing.body, ContainsSubstring("The request must contain the parameter Action."));
    }
    CHECK(code_of(world.http("GET", "/000000000000/queue")) == "MissingAction");
    const HttpReply unknown = world.http("POST", "/", headers, "Action=PutMetrics&Version=2010-08-01");
    CHECK(unknown.status == 400);
    CHECK(code_of(unknown) == "InvalidAction");
    CHECK_THAT(unknown.body, ContainsSubstring("PutMetrics"));
    const HttpReply endless = world.http("POST", "/", headers, "Action=" + std::string(1U << 20U, 'x'));
    CHECK(code_of(endless) == "InvalidAction");
    CHECK(endless.body.size() < 2000);
}
