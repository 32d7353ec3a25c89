#include "protocol/codec.hpp"

#include "cases.hpp"
#include "core/text.hpp"
#include "protocol/validate.hpp"
#include "support/catch.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view request_id = "0badf00d-0000-4000-8000-00000000cafe";

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
            const ServiceError error = told_error(example.at("error"));
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
