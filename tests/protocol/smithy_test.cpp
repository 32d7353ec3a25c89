// What Smithy says of its protocols, over a small model of its own: shapes that no service of ours has, and
// every form of those that they have. The behaviours are Smithy's published ones; the cases are ours.

#include <fstream>
#include <iterator>

#include "cases.hpp"
#include "support/catch.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view request_id = "0badf00d-0000-4000-8000-00000000cafe";

const ServiceModel& kit() {
    static const ServiceModel model = [] {
        std::ifstream stream(case_folder() / "smithy/model.json");
        return ServiceModel("kit", std::string(std::istreambuf_iterator<char>(stream), {}));
    }();
    return model;
}

const Codec& codec_of(const Json& example) { return codec_for(protocol_named(example.at("protocol"))); }

const OperationModel& operation_of(const Json& example) {
    return *kit().operation(example.at("operation").get<std::string>());
}

}  // namespace

TEST_CASE("a request in any form that Smithy allows means its input", "[protocol][smithy]") {
    for (const Json& example : protocol_cases("smithy/requests_")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const SentRequest sent(example.at("request"));
            Ignored ignored;
            const Json input = codec_of(example).parse(operation_of(example), sent.http, sent.body, ignored);
            CHECK(comparable(input) == comparable(example.at("input")));
            CHECK(Json(ignored) == example.value("ignored", Json::array()));
        }
    }
}

TEST_CASE("an output makes the reply that Smithy describes", "[protocol][smithy]") {
    for (const Json& example : protocol_cases("smithy/replies_")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            check_reply(
                codec_of(example).serialise(kit(), operation_of(example), example.at("output"), request_id),
                example.at("reply"));
        }
    }
}

TEST_CASE("an error makes the reply that Smithy describes", "[protocol][smithy]") {
    for (const Json& example : protocol_cases("smithy/errors")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const SentRequest sent(example.value("request", Json::object()));
            check_reply(codec_of(example).serialise_error(kit(), sent.http, told_error(example.at("error")),
                                                          request_id),
                        example.at("reply"));
        }
    }
}

TEST_CASE("a request that Smithy calls malformed is refused by code and place", "[protocol][smithy]") {
    for (const Json& example : protocol_cases("smithy/unreadable")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const SentRequest sent(example.at("request"));
            Ignored ignored;
            try {
                codec_of(example).parse(operation_of(example), sent.http, sent.body, ignored);
                FAIL("it was read");
            } catch (const ServiceError& error) {
                const Json& expected = example.at("error");
                CHECK(error.code == expected.at("code").get<std::string>());
                CHECK(error.status == expected.at("status").get<int>());
                if (expected.at("message").is_string())
                    CHECK(error.message == expected.at("message").get<std::string>());
            }
        }
    }
}

}  // namespace rockwatch
