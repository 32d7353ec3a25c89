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

namespace {

std::string refusal(const std::string& operation, const Json& input) {
    const ServiceModel& logs = *models().find("logs");
    try {
        validate(logs, *logs.operation(operation), input);
    } catch (const ServiceError& error) {
        return error.message;
    }
    return {};
}

}  // namespace

TEST_CASE("of a value no more than two kilobytes are printed", "[protocol][validate]") {
    Json input = {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", Json::array()}};
    for (int index = 0; index <= 10'000; ++index)
        input["logEvents"].push_back({{"timestamp", index}, {"message", "message " + std::to_string(index)}});
    const std::string batch = refusal("PutLogEvents", input);
    CHECK_THAT(batch, StartsWith("1 validation error detected: Value '[InputLogEvent(timestamp=0, "
                                 "message=message 0), InputLogEvent(timestamp=1, message=message 1), "));
    CHECK_THAT(batch,
               ContainsSubstring("...' at 'logEvents' failed to satisfy constraint: Member must have length "
                                 "less than or equal to 10000"));
    CHECK(batch.size() < 2048 + 200);

    const auto of_pattern = [](const std::string& pattern) {
        return refusal("FilterLogEvents", {{"logGroupName", "g"}, {"filterPattern", pattern}});
    };
    const std::string whole(2048, 'x');
    CHECK_THAT(of_pattern(whole), ContainsSubstring("Value '" + whole + "' at"));
    CHECK_THAT(of_pattern(whole + "x"), ContainsSubstring("Value '" + whole + "...' at"));
    const std::string umlaut = whole.substr(1) + "\xC3\xBC";  // its second byte would not fit
    CHECK_THAT(of_pattern(umlaut), ContainsSubstring("Value '" + whole.substr(1) + "...' at"));
}

}  // namespace rockwatch
