#include "protocol/validate.hpp"

#include "cases.hpp"
#include "support/catch.hpp"

namespace rockwatch {

TEST_CASE("an input that breaks its model is refused in AWS's words", "[protocol][validate]") {
    for (const Json& example : protocol_cases("validation")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const ServiceModel* service = models().find(example.at("service").get<std::string>());
            REQUIRE(service != nullptr);
            const OperationModel* operation = service->operation(example.at("operation").get<std::string>());
            REQUIRE(operation != nullptr);
            if (!example.contains("error")) {
                CHECK_NOTHROW(validate(*service, *operation, example.at("input")));
                continue;
            }
            try {
                validate(*service, *operation, example.at("input"));
                FAIL("it was accepted");
            } catch (const ServiceError& error) {
                CHECK(error.code == example["error"].at("code").get<std::string>());
                CHECK(error.message == example["error"].at("message").get<std::string>());
            }
        }
    }
}

TEST_CASE("lengths count characters, not bytes", "[protocol][validate]") {
    const ServiceModel& logs = *models().find("logs");
    const OperationModel& operation = *logs.operation("FilterLogEvents");
    std::string umlauts;
    for (int index = 0; index < 1024; ++index) umlauts += "ü";
    CHECK_NOTHROW(validate(logs, operation, {{"logGroupName", "g"}, {"filterPattern", umlauts}}));
    CHECK_THROWS_AS(validate(logs, operation, {{"logGroupName", "g"}, {"filterPattern", umlauts + "ü"}}),
                    ServiceError);
}

}  // namespace rockwatch
