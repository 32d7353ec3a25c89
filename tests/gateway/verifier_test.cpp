#include "gateway/verifier.hpp"

#include <fstream>

#include "core/text.hpp"
#include "core/text_time.hpp"
#include "gateway/auth_errors.hpp"
#include "support/catch.hpp"
#include "support/test_world.hpp"

using namespace rockwatch;

namespace {

const std::string secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

Credentials known() {
    return {.keys = {{.access_key = "AKIDEXAMPLE",
                      .secret_key = secret,
                      .account = "111122223333",
                      .principal_arn = "arn:aws:iam::111122223333:user/ada"},
                     {.access_key = "AKIDSESSION",
                      .secret_key = secret,
                      .session_token = "the token",
                      .account = "111122223333",
                      .principal_arn = "arn:aws:iam::111122223333:root"}},
            .tokens = {{.token = "bedrock-api-key-1",
                        .account = "444455556666",
                        .region = "eu-west-1",
                        .principal_arn = "arn:aws:iam::444455556666:root"}}};
}

constexpr std::string_view signed_at = "2024-01-02T03:04:05Z";

WorldOptions verifying(std::string_view now = signed_at) {
    WorldOptions options;
    options.credentials = known();
    options.wall = [instant = parse_iso(now).value()] { return instant; };
    return options;
}

/// Signs all the headers of a request that has its X-Amz-Date of 20240102T030405Z.
void sign(HttpRequest& request, const std::string& access_key, const std::string& service,
          const std::string& payload) {
    sigv4::Claim claim{.access_key = access_key,
                       .date = "20240102",
                       .region = "us-east-1",
                       .service = service,
                       .time = "20240102T030405Z"};
    for (const auto& [name, value] : request.headers) claim.signed_headers.push_back(lower_case(name));
    std::sort(claim.signed_headers.begin(), claim.signed_headers.end());
    const auto form = service == "s3" ? sigv4::PathForm::as_sent : sigv4::PathForm::normalised;
    const std::string text =
        sigv4::string_to_sign(claim, sigv4::canonical_request(request, claim, form, payload));
    request.headers.add("Authorization",
                        "AWS4-HMAC-SHA256 Credential=" + access_key + "/" + claim.scope() +
                            ", SignedHeaders=" + join(claim.signed_headers, ";") +
                            ", Signature=" + sigv4::sign(sigv4::signing_key(secret, claim), text));
}

/// A request to Logs, signed by whoever knows the secret.
Headers signed_request(const std::string& access_key, const std::string& token = {},
                       const std::string& with = secret) {
    HttpRequest request{.method = "POST",
                        .target = "/",
                        .headers = {{"Host", "127.0.0.1:4566"},
                                    {"X-Amz-Date", "20240102T030405Z"},
                                    {"X-Amz-Target", "Logs_20140328.DescribeLogGroups"},
                                    {"Content-Type", "application/x-amz-json-1.1"}}};
    sigv4::Claim claim{.access_key = access_key,
                       .date = "20240102",
                       .region = "us-east-1",
                       .service = "logs",
                       .time = "20240102T030405Z",
                       .signed_headers = {"content-type", "host", "x-amz-date", "x-amz-target"}};
    if (!token.empty()) {
        request.headers.add("X-Amz-Security-Token", token);
        claim.signed_headers.insert(claim.signed_headers.end() - 1, "x-amz-security-token");
    }
    const std::string canonical =
        sigv4::canonical_request(request, claim, sigv4::PathForm::normalised, sigv4::sha256_hex("{}"));
    const std::string signature =
        sigv4::sign(sigv4::signing_key(with, claim), sigv4::string_to_sign(claim, canonical));
    std::string names;
    for (const auto& name : claim.signed_headers) names += (names.empty() ? "" : ";") + name;
    request.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/" + claim.scope() +
                                             ", SignedHeaders=" + names + ", Signature=" + signature);
    return request.headers;
}

std::string error_of(const HttpReply& reply) {
    const std::string_view type = reply.headers.get("x-amzn-ErrorType");
    if (!type.empty()) return std::string(type.substr(0, type.find(':')));
    const auto from = reply.body.find("<Code>");
    return from == std::string::npos ? ""
                                     : reply.body.substr(from + 6, reply.body.find("</Code>") - from - 6);
}

HttpReply ask_logs(TestWorld& world, Headers headers) {
    return world.http("POST", "/", std::move(headers), "{}");
}

}  // namespace

TEST_CASE("a request that was changed after it was signed is refused, by the error of its protocol",
          "[gateway][sigv4]") {
    std::ifstream file(std::string(ROCKWATCH_SOURCE_DIR) + "/tests/cases/protocol/sigv4/mutations.json");
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    int refused = 0;
    for (const Json& example : Json::parse(file)) {
        INFO(example["name"].get<std::string>());
        Headers headers;
        for (const Json& field : example["headers"]) headers.add(field.at(0), field.at(1));
        const HttpReply reply = world.http(example["method"], example["target"], headers, example["body"]);
        INFO(reply.body);
        const std::string wanted = example["code"];
        if (wanted.empty()) {
            // S3 is not built yet: admitted, and refused for that.
            CHECK((reply.status == 200 || error_of(reply) == "NotImplemented"));
        } else {
            CHECK(error_of(reply) == wanted);
            CHECK((reply.status == 403 || reply.status == 400));
            ++refused;
        }
    }
    CHECK(refused >= 40);
}

TEST_CASE("who has signed is who calls", "[gateway][sigv4]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    CHECK(ask_logs(world, signed_request("AKIDEXAMPLE")).status == 200);
    const Json call = world.world.journal().list({}).at("calls").at(0);
    CHECK(call.at("accountId") == "111122223333");
    CHECK(error_of(ask_logs(world, signed_request("AKIDEXAMPLE", "", "another secret"))) ==
          "InvalidSignatureException");
}

TEST_CASE("a key with a session token comes with that token alone", "[gateway][sigv4]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    CHECK(ask_logs(world, signed_request("AKIDSESSION", "the token")).status == 200);
    CHECK(error_of(ask_logs(world, signed_request("AKIDSESSION"))) == "UnrecognizedClientException");
    CHECK(error_of(ask_logs(world, signed_request("AKIDSESSION", "another"))) ==
          "UnrecognizedClientException");
    CHECK(error_of(ask_logs(world, signed_request("AKIDEXAMPLE", "the token"))) ==
          "UnrecognizedClientException");
}

TEST_CASE("a signature holds for fifteen minutes of real time around its own", "[gateway][sigv4]") {
    struct Row {
        std::string_view now;
        std::string error;
    };
    const auto row = GENERATE(values<Row>({{"2024-01-02T03:19:05Z", ""},
                                           {"2024-01-02T03:19:06Z", "InvalidSignatureException"},
                                           {"2024-01-02T02:49:05Z", ""},
                                           {"2024-01-02T02:49:04Z", "InvalidSignatureException"}}));
    CAPTURE(row.now);
    // The emulator's clock stands somewhere else altogether.
    TestWorld world("2031-01-01T00:00:00Z", verifying(row.now));
    const HttpReply reply = ask_logs(world, signed_request("AKIDEXAMPLE"));
    CHECK(error_of(reply) == row.error);
    if (row.error.empty()) return;
    const bool names_time =
        reply.body.find("Signature expired: 20240102T030405Z is now earlier than") != std::string::npos ||
        reply.body.find("Signature not yet current") != std::string::npos;
    CHECK(names_time);
}

TEST_CASE("credentials of a role are taken until they expire on the emulator's clock", "[gateway][sigv4]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    world.call("iam", "CreateRole",
               {{"RoleName", "app"},
                {"AssumeRolePolicyDocument",
                 R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},)"
                 R"("Action":"sts:AssumeRole"}]})"}});
    const Json issued = world
                            .call("sts", "AssumeRole",
                                  {{"RoleArn", "arn:aws:iam::000000000000:role/app"},
                                   {"RoleSessionName", "s1"},
                                   {"DurationSeconds", 900}})
                            .at("Credentials");
    const Headers headers =
        signed_request(issued.at("AccessKeyId"), issued.at("SessionToken"), issued.at("SecretAccessKey"));
    CHECK(ask_logs(world, headers).status == 200);
    world.advance(std::chrono::minutes{15});
    CHECK(error_of(ask_logs(world, headers)) == "ExpiredTokenException");
}

TEST_CASE("a bearer token opens Bedrock, and nothing else", "[gateway][bearer]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    const auto ask = [&](const std::string& token) {
        return world.http("GET", "/foundation-models",
                          {{"Host", "127.0.0.1:4566"}, {"Authorization", "Bearer " + token}});
    };
    CHECK(ask("bedrock-api-key-1").status == 200);
    const Json call = world.world.journal().list({}).at("calls").at(0);
    CHECK(call.at("accountId") == "444455556666");
    CHECK(call.at("region") == "eu-west-1");
    const HttpReply wrong = ask("bedrock-api-key-2");
    CHECK(wrong.status == 403);
    CHECK(error_of(wrong) == "AccessDeniedException");
    CHECK(wrong.body.find("bedrock-api-key-2") == std::string::npos);
    Headers logs = signed_request("AKIDEXAMPLE");
    logs.set("Authorization", "Bearer bedrock-api-key-1");
    CHECK(error_of(ask_logs(world, logs)) == "IncompleteSignatureException");
}

TEST_CASE("links in SNS's messages need no signature", "[gateway][sigv4]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    const auto ask = [&](const std::string& query) {
        return error_of(world.http("GET", "/?" + query, {{"Host", "127.0.0.1:4566"}}));
    };
    CHECK(ask("Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:t&Token=t&"
              "Version=2010-03-31") == "NotFound");
    CHECK(ask("Action=ListTopics&Version=2010-03-31") == "MissingAuthenticationToken");
}

TEST_CASE("the signed chunks of an upload are checked one by one", "[gateway][sigv4]") {
    const std::string scope = "20240102/us-east-1/s3/aws4_request";
    const std::string body_one =
        "6;chunk-signature=beb7d44980b0abc2821e540ca9d5d7c2589451770ab130c639a0609f28b74656\r\nhello \r\n";
    const std::string body_two =
        "5;chunk-signature=dd4865eba7518ce25b0dc8423cff5d017943c545af39fc728d771b0d5c8374fc\r\nworld\r\n";
    const std::string end =
        "0;chunk-signature=776a60dd9d515baaf4617e4a1d6d0984069981037b5fd960e3de7527e9480fd7\r\n"
        "x-amz-checksum-crc32:DUoRhQ==\r\n"
        "x-amz-trailer-signature:5e343df99feb573f2be8ba6496bb2f0e676a82281c4261769aa1496d89d7a906\r\n\r\n";
    // protocols.md 4.4
    const Headers headers = {
        {"Host", "127.0.0.1:8080"},
        {"Content-Encoding", "aws-chunked"},
        {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"},
        {"x-amz-date", "20240102T030405Z"},
        {"x-amz-decoded-content-length", "11"},
        {"x-amz-trailer", "x-amz-checksum-crc32"},
        {"Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + scope +
                              ", SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;"
                              "x-amz-decoded-content-length;x-amz-trailer, "
                              "Signature=5ca4cbef867dc1b6881addbacac9d1bf1cdb10b4e8fb94ab7c670dde495e87c0"}};
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    const auto put = [&](const std::string& wire) {
        return error_of(world.http("PUT", "/bkt/k", headers, wire));
    };
    CHECK(put(body_one + body_two + end) == "NotImplemented");  // admitted: S3 is not built yet
    std::string other = body_one;
    other.replace(other.find("hello"), 5, "jello");
    // A wrong checksum is seen first: made right for the changed text, so that the signature alone is left.
    const auto crc = [](std::string wire) { return wire.replace(wire.find("DUoRhQ=="), 8, "VSaoRA=="); };
    CHECK(put(other + body_two + crc(end)) == "SignatureDoesNotMatch");
    std::string signature = end;
    signature.replace(signature.find("5e343df9"), 8, "00000000");
    CHECK(put(body_one + body_two + signature) == "SignatureDoesNotMatch");
    std::string chunk = body_two;
    chunk.replace(chunk.find("dd4865eb"), 8, "00000000");
    CHECK(put(body_one + chunk + end) == "SignatureDoesNotMatch");
}

TEST_CASE("only a header announces signed chunks, and then there are some", "[gateway][sigv4]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    const std::string chunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    std::string target = "/bkt/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=" + chunks +
                         "&X-Amz-Credential=AKIDEXAMPLE%2F20240102%2Fus-east-1%2Fs3%2Faws4_request"
                         "&X-Amz-Date=20240102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host";
    const HttpRequest request{.method = "PUT", .target = target, .headers = {{"Host", "127.0.0.1:4566"}}};
    const sigv4::Claim claim{.date = "20240102",
                             .region = "us-east-1",
                             .service = "s3",
                             .time = "20240102T030405Z",
                             .signed_headers = {"host"},
                             .is_presigned = true};
    const std::string text = sigv4::string_to_sign(
        claim, sigv4::canonical_request(request, claim, sigv4::PathForm::as_sent, chunks));
    target += "&X-Amz-Signature=" + sigv4::sign(sigv4::signing_key(secret, claim), text);
    CHECK(error_of(world.http("PUT", target, request.headers, "whatever")) == "InvalidRequest");

    TextBody body("whatever");
    HttpRequest upload{.method = "PUT",
                       .target = "/bkt/k",
                       .headers = {{"Host", "127.0.0.1:4566"},
                                   {"X-Amz-Date", "20240102T030405Z"},
                                   {"X-Amz-Content-Sha256", chunks}},
                       .body = &body};
    sign(upload, "AKIDEXAMPLE", "s3", chunks);
    const ModelLibrary models;
    const Verifier verifier(
        {.credentials = known(), .issued = {}, .wall = verifying().wall, .clock = world.world.clock()});
    Verifier::Check check(verifier, upload);
    Caller caller;
    check.identify_caller(upload, identify(models, upload, {}), caller);
    CHECK(caller.account == "111122223333");
    CHECK_THROWS_AS(check.check_chunks({}, "whatever"), ServiceError);
}

TEST_CASE("nobody but the signer names a guardrail; a trace id may be added on the way", "[gateway][sigv4]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    const std::string body = R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})";
    HttpRequest request{.method = "POST",
                        .target = "/model/amazon.nova-lite-v1%3A0/invoke",
                        .headers = {{"Host", "127.0.0.1:4566"}, {"X-Amz-Date", "20240102T030405Z"}}};
    sign(request, "AKIDEXAMPLE", "bedrock", sigv4::sha256_hex(body));
    Headers headers = request.headers;
    headers.add("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678");
    CHECK(world.http(request.method, request.target, headers, body).status == 200);
    headers.add("X-Amzn-Bedrock-Trace", "ENABLED");
    CHECK(error_of(world.http(request.method, request.target, headers, body)) == "InvalidSignatureException");
}

TEST_CASE("a key that is no text is shown as one", "[gateway][sigv4]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    const std::string payload = sigv4::sha256_hex("");
    HttpRequest request{.method = "GET",
                        .target = "/bkt/k",
                        .headers = {{"Host", "127.0.0.1:4566"},
                                    {"X-Amz-Date", "20240102T030405Z"},
                                    {"X-Amz-Content-Sha256", payload}}};
    sign(request, "AKID\xff", "s3", payload);
    const HttpReply reply = world.http(request.method, request.target, request.headers);
    CHECK(error_of(reply) == "InvalidAccessKeyId");
    CHECK(reply.body.find("<AWSAccessKeyId>AKID\\u00ff</AWSAccessKeyId>") != std::string::npos);
}

TEST_CASE("a body is not looked at any more once its request has been judged", "[gateway][sigv4]") {
    struct TappedBody : TextBody {
        void show_coded(std::function<void(std::string_view)> tap) override { is_tapped = tap != nullptr; }
        bool is_tapped = false;
    } body;
    HttpRequest request{.body = &body};
    const TestWorld world;
    const Verifier verifier(
        {.credentials = known(), .issued = {}, .wall = verifying().wall, .clock = world.world.clock()});
    {
        const Verifier::Check check(verifier, request);
        CHECK(body.is_tapped);
    }
    CHECK_FALSE(body.is_tapped);
}

TEST_CASE("a stream of events is refused by its head, once its signer is known", "[gateway][sigv4][events]") {
    TestWorld world("2026-01-01T00:00:00Z", verifying());
    const std::string events = "STREAMING-AWS4-HMAC-SHA256-EVENTS";
    HttpRequest request{.method = "POST",
                        .target = "/model/amazon.nova-sonic-v1%3A0/invoke-with-bidirectional-stream",
                        .headers = {{"Host", "127.0.0.1:4566"},
                                    {"X-Amz-Date", "20240102T030405Z"},
                                    {"X-Amz-Content-Sha256", events}}};
    HttpRequest changed = request;
    sign(request, "AKIDEXAMPLE", "bedrock", events);
    sign(changed, "AKIDEXAMPLE", "bedrock", sigv4::sha256_hex(""));
    CHECK(error_of(world.http(request.method, request.target, request.headers)) == "NotImplemented");
    CHECK(world.world.journal().list({}).at("calls").at(0).at("accountId") == "111122223333");
    CHECK(error_of(world.http(changed.method, changed.target, changed.headers)) ==
          "InvalidSignatureException");
    CHECK(error_of(world.http("POST", request.target)) == "MissingAuthenticationTokenException");
}
