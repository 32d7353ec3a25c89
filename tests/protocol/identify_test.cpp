#include "protocol/identify.hpp"

#include "cases.hpp"
#include "support/catch.hpp"

namespace rockwatch {

namespace {

std::string signature(const std::string& signing_name) {
    return "AWS4-HMAC-SHA256 Credential=000000000000/20240102/eu-west-1/" + signing_name +
           "/aws4_request, SignedHeaders=host, Signature=0";
}

/// A request as a client of that protocol builds it from the model.
SentRequest built(const ServiceModel& service, const OperationModel& operation, Protocol protocol) {
    SentRequest sent(Json::object());
    HttpRequest& http = sent.http;
    if (protocol == Protocol::json) {
        http.headers.add("x-amz-target", service.target_prefix + "." + operation.name);
        return sent;
    }
    if (protocol == Protocol::cbor) {
        http.headers.add("smithy-protocol", "rpc-v2-cbor");
        http.target = "/service/" + service.target_prefix + "/operation/" + operation.name;
        return sent;
    }
    if (protocol == Protocol::query) {
        http.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        sent.body = "Action=" + operation.name + "&Version=" + service.api_version;
        return sent;
    }
    http.method = operation.http_method;
    http.target.clear();
    for (const auto& segment : operation.path) {
        http.target += "/" + (segment.is_greedy ? "some/key" : segment.is_label ? "label" : segment.text);
    }
    if (http.target.empty()) http.target = "/";
    std::string separator = "?";
    for (const auto& [name, value] : operation.query_literals) {
        http.target += separator + name + (value.empty() ? "" : "=" + value);
        separator = "&";
    }
    for (const auto& name : operation.telling_queries) {
        http.target += separator + name + "=1";
        separator = "&";
    }
    for (const auto& name : operation.telling_headers) http.headers.add(name, "x");
    return sent;
}

void check_identified(const SentRequest& sent, const ServiceModel& service, const OperationModel& operation,
                      Protocol protocol) {
    CAPTURE(service.name, operation.name, sent.http.target);
    const Target target = identify(models(), sent.http, sent.body);
    REQUIRE(target.service == &service);
    REQUIRE(target.operation != nullptr);
    CHECK(target.operation->name == operation.name);
    CHECK(target.operation_name == operation.name);
    CHECK(target.protocol == protocol);
}

}  // namespace

TEST_CASE("every operation of every service is found from a request of each of its protocols",
          "[protocol][identify]") {
    std::size_t operations = 0;
    for (const std::string& name : models().names()) {
        const ServiceModel& service = *models().find(name);
        for (const auto& [operation_name, operation] : service.operations()) {
            ++operations;
            for (const Protocol spoken : service.protocols) {
                const Protocol protocol = operation.protocol.value_or(spoken);
                SentRequest sent = built(service, operation, protocol);
                if (protocol == Protocol::query ||
                    name.starts_with("bedrock")) {  // these are known without a signature
                    check_identified(sent, service, operation, protocol);
                }
                sent.http.headers.add("Authorization", signature(service.signing_name));
                check_identified(sent, service, operation, protocol);
            }
        }
    }
    CHECK(operations == 636);
}

TEST_CASE("a request means what protocols.md 1 says it means", "[protocol][identify]") {
    for (const Json& example : protocol_cases("identify")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const SentRequest sent(example.at("request"));
            const Target target = identify(models(), sent.http, sent.body);
            CHECK((target.service == nullptr ? "" : target.service->name) ==
                  example.at("service").get<std::string>());
            CHECK((target.operation == nullptr ? "" : target.operation->name) ==
                  example.at("operation").get<std::string>());
            if (example.contains("protocol")) CHECK(target.protocol == protocol_named(example["protocol"]));
            if (example.contains("named"))
                CHECK(target.operation_name == example["named"].get<std::string>());
        }
    }
}

TEST_CASE("the credential scope is read from header and query string", "[protocol][identify]") {
    struct Row {
        std::string authorization, target, access_key, region, signing_name;
    };
    const auto row = GENERATE(values<Row>({
        {"AWS4-HMAC-SHA256 Credential=AK/20240102/eu-west-1/logs/aws4_request, SignedHeaders=a, Signature=b",
         "/", "AK", "eu-west-1", "logs"},
        {"AWS4-HMAC-SHA256 Credential=AK/20240102/eu-west-1/logs/aws4_request,SignedHeaders=a,Signature=b",
         "/", "AK", "eu-west-1", "logs"},
        {"AWS4-HMAC-SHA256 Credential=A/K/20240102/eu-west-1/logs/aws4_request, SignedHeaders=a", "/", "A/K",
         "eu-west-1", "logs"},
        {"AWS4-ECDSA-P256-SHA256 Credential=AK/20240102/s3/aws4_request, SignedHeaders=a", "/", "AK", "",
         "s3"},
        {"AWS AK:c2ln", "/", "AK", "", "s3"},
        {"", "/b/k?X-Amz-Credential=AK%2F20240102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0", "AK",
         "us-east-1", "s3"},
        {"", "/b/k?AWSAccessKeyId=AK&Signature=x&Expires=1", "AK", "", "s3"},
    }));
    CAPTURE(row.authorization, row.target);
    HttpRequest request;
    request.target = row.target;
    if (!row.authorization.empty()) request.headers.add("authorization", row.authorization);
    const auto scope = credential_scope(request);
    REQUIRE(scope.has_value());
    CHECK(scope->access_key == row.access_key);
    CHECK(scope->region == row.region);
    CHECK(scope->signing_name == row.signing_name);
}

TEST_CASE("a request without a readable signature has no scope", "[protocol][identify]") {
    const auto authorization = GENERATE(
        values<std::string>({"", "Bearer x", "Basic eDp5", "AWS4-HMAC-SHA256",
                             "AWS4-HMAC-SHA256 Credential=", "AWS4-HMAC-SHA256 Credential=a/b/c/d"}));
    HttpRequest request;
    request.headers.add("Authorization", authorization);
    CHECK_FALSE(credential_scope(request).has_value());
}

}  // namespace rockwatch
