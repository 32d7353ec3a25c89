#include "protocol/codec.hpp"

#include <cmath>

#include "cases.hpp"
#include "core/text.hpp"
#include "protocol/validate.hpp"
#include "support/catch.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view request_id = "0badf00d-0000-4000-8000-00000000cafe";

/// NaN is equal to nothing, not even in two inputs that are the same.
Json comparable(Json tree) {
    if (tree.is_number_float() && std::isnan(tree.get<double>())) return "NaN";
    if (tree.is_structured()) {
        for (auto& part : tree) part = comparable(std::move(part));
    }
    return tree;
}

void check_reply(const HttpReply& reply, const Json& expected) {
    CHECK(reply.status == expected.value("status", 200));
    const Json headers = expected.value("headers", Json::object());
    for (const auto& [name, value] : headers.items()) {
        INFO("header " << name);
        if (value.is_null())
            CHECK(reply.headers.find(name) == nullptr);
        else
            CHECK(std::string(reply.headers.get(name)) == value.get<std::string>());
    }
    if (expected.contains("bodyHex")) CHECK(to_hex(reply.body) == expected["bodyHex"].get<std::string>());
    if (expected.contains("body")) CHECK(reply.body == expected["body"].get<std::string>());
}

}  // namespace

TEST_CASE("a request as sent means the input that its client had", "[protocol]") {
    for (const Json& example : protocol_cases("requests_")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const SentRequest sent(example.at("request"));
            const Target target = identify(models(), sent.http, sent.body);
            REQUIRE(target.service != nullptr);
            CHECK(target.service->name == example.at("service").get<std::string>());
            REQUIRE(target.operation != nullptr);
            CHECK(target.operation->name == example.at("operation").get<std::string>());
            if (example.contains("protocol")) CHECK(target.protocol == protocol_named(example["protocol"]));

            Ignored ignored;
            const Json input =
                codec_for(target.protocol).parse(*target.operation, sent.http, sent.body, ignored);
            CHECK(comparable(input) == comparable(example.at("input")));
            CHECK(Json(ignored) == example.value("ignored", Json::array()));
            if (!example.value("invalid", false))
                CHECK_NOTHROW(validate(*target.service, *target.operation, input));
        }
    }
}

TEST_CASE("a request that cannot be read is refused by code and place", "[protocol]") {
    for (const Json& example : protocol_cases("unreadable")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const SentRequest sent(example.at("request"));
            const Target target = identify(models(), sent.http, sent.body);
            REQUIRE(target.operation != nullptr);
            Ignored ignored;
            try {
                codec_for(target.protocol).parse(*target.operation, sent.http, sent.body, ignored);
                FAIL("it was read");
            } catch (const ServiceError& error) {
                CHECK(error.code == example.at("error").at("code").get<std::string>());
                CHECK(error.message == example.at("error").at("message").get<std::string>());
                CHECK(error.status == 400);
            }
        }
    }
}

TEST_CASE("an output makes the reply that AWS would send", "[protocol]") {
    for (const Json& example : protocol_cases("replies_")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const ServiceModel* service = models().find(example.at("service").get<std::string>());
            REQUIRE(service != nullptr);
            const OperationModel* operation = service->operation(example.at("operation").get<std::string>());
            REQUIRE(operation != nullptr);
            const Codec& codec = codec_for(protocol_named(example.at("protocol")));
            check_reply(codec.serialise(*service, *operation, example.at("output"), request_id),
                        example.at("reply"));
        }
    }
}

TEST_CASE("an error makes the reply of its protocol", "[protocol]") {
    for (const Json& example : protocol_cases("errors")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const ServiceModel* service = models().find(example.at("service").get<std::string>());
            REQUIRE(service != nullptr);
            const Json& told = example.at("error");
            ServiceError error(told.at("code"), told.value("message", ""),
                               told.value("members", Json::object()));
            error.status = told.value("status", 0);
            const SentRequest sent(example.value("request", Json::object()));
            const Codec& codec = codec_for(protocol_named(example.at("protocol")));
            check_reply(codec.serialise_error(*service, sent.http, error, request_id), example.at("reply"));
        }
    }
}

TEST_CASE("every operation of every service can be answered with nothing and with NotImplemented",
          "[protocol]") {
    ServiceError error("NotImplemented", "Rockwatch does not support it.");
    error.status = 501;
    const HttpRequest request;
    for (const std::string& name : models().names()) {
        const ServiceModel& service = *models().find(name);
        for (const Protocol protocol : service.protocols) {
            const HttpReply refused =
                codec_for(protocol).serialise_error(service, request, error, request_id);
            CHECK(refused.status == 501);
            CHECK(refused.body.find("NotImplemented") +
                      std::string(refused.headers.get("x-amzn-ErrorType")).find("NotImplemented") !=
                  2 * std::string::npos);
            for (const auto& [operation_name, operation] : service.operations()) {
                CAPTURE(name, operation_name);
                CHECK_NOTHROW(codec_for(protocol).serialise(service, operation, Json::object(), request_id));
            }
        }
    }
}

TEST_CASE("bodies nested deeper than 64 levels are refused in every protocol", "[protocol]") {
    const auto deep = [](std::string open, const std::string& close) {
        std::string text;
        for (int level = 0; level < 65; ++level) text += open;
        for (int level = 0; level < 65; ++level) text += close;
        return text;
    };
    struct Row {
        std::string service, operation;
        Protocol protocol;
        std::string method, target, body, code;
    };
    std::string dots;
    for (int level = 0; level < 70; ++level) dots += "a.";
    const auto row = GENERATE_COPY(
        values<Row>({{"bedrock-runtime", "Converse", Protocol::rest_json, "POST", "/model/m/converse",
                      R"({"additionalModelRequestFields":)" + deep("[", "]") + "}", "SerializationException"},
                     {"logs", "CreateLogGroup", Protocol::json, "POST", "/", deep(R"({"a":)", "}"),
                      "SerializationException"},
                     {"cloudwatch", "PutMetricData", Protocol::cbor, "POST", "/", deep("\x81", ""),
                      "SerializationException"},
                     {"sns", "CreateTopic", Protocol::query, "POST", "/", dots + "=1", "MalformedInput"},
                     {"s3", "DeleteObjects", Protocol::rest_xml, "POST", "/b?delete", deep("<a>", "</a>"),
                      "MalformedXML"}}));
    CAPTURE(row.service);
    HttpRequest request;
    request.method = row.method;
    request.target = row.target;
    Ignored ignored;
    const OperationModel* operation = models().find(row.service)->operation(row.operation);
    try {
        codec_for(row.protocol).parse(*operation, request, row.body, ignored);
        FAIL("it was read");
    } catch (const ServiceError& error) {
        CHECK(error.code == row.code);
    }
}

TEST_CASE("the wire form of a tree has base64 for blobs and seconds for times", "[protocol]") {
    const ServiceModel& runtime = *models().find("bedrock-runtime");
    const Json image = {{"format", "png"}, {"source", {{"bytes", Json::binary({0, 255})}}}};
    CHECK(to_wire_json(runtime.shape("ImageBlock"), image) ==
          Json({{"format", "png"}, {"source", {{"bytes", "AP8="}}}}));
    const ServiceModel& cloudwatch = *models().find("cloudwatch");
    CHECK(to_text(to_wire_json(cloudwatch.shape("Datapoint"), {{"Timestamp", 1704164645678}})) ==
          R"({"Timestamp":1704164645.678})");
    CHECK(to_text(to_wire_json(cloudwatch.shape("Datapoint"), {{"Timestamp", 1704164645000}})) ==
          R"({"Timestamp":1704164645})");
}

}  // namespace rockwatch
