#include "protocol/model.hpp"

#include <filesystem>
#include <fstream>

#include "cases.hpp"
#include "protocol/pattern.hpp"
#include "support/catch.hpp"

namespace rockwatch {

TEST_CASE("the library holds the nine services", "[protocol][model]") {
    CHECK(models().names() == std::vector<std::string>{"bedrock", "bedrock-runtime", "cloudwatch", "iam",
                                                       "logs", "s3", "sns", "sqs", "sts"});
    CHECK(models().find("dynamodb") == nullptr);
    for (const auto& address : models().addresses()) {
        const ServiceModel& service = *models().find(address.name);
        CHECK(address.signing_name == service.signing_name);
        CHECK(address.target_prefix == service.target_prefix);
        CHECK(address.api_version == service.api_version);
        CHECK(address.protocols == service.protocols);
    }
}

TEST_CASE("models carry no prose and name the botocore they come from", "[protocol][model]") {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(ROCKWATCH_SOURCE_DIR) + "/emulator/models")) {
        if (entry.path().extension() != ".json") continue;
        CAPTURE(entry.path().string());
        std::ifstream stream(entry.path());
        const std::string text(std::istreambuf_iterator<char>(stream), {});
        CHECK(text.find("\"documentation\"") == std::string::npos);
        CHECK(text.find("<p>") == std::string::npos);
        CHECK(Json::parse(text).at("source").get<std::string>().starts_with("botocore 1."));
    }
}

TEST_CASE("a model says where HTTP carries a member", "[protocol][model]") {
    const ServiceModel& runtime = *models().find("bedrock-runtime");
    const OperationModel& invoke = *runtime.operation("InvokeModel");
    CHECK(invoke.http_method == "POST");
    REQUIRE(invoke.path.size() == 3);
    CHECK(invoke.path[1].is_label);
    CHECK(invoke.path[1].text == "modelId");
    CHECK(invoke.input->payload == "body");
    CHECK(invoke.input->member("trace")->location == "header");
    CHECK(invoke.input->member("trace")->location_name == "X-Amzn-Bedrock-Trace");
    CHECK(invoke.input->member("requestMetadata")->json_text);
    CHECK(invoke.input->member("nobody") == nullptr);
    CHECK(runtime.operation("ConverseStream")->event_stream->name == "stream");
    CHECK(runtime.operation("Converse")->event_stream == nullptr);
    CHECK(runtime.shape("ModelTimeoutException")->error_status == 408);
}

TEST_CASE("an error is known by its shape's name and by its query code", "[protocol][model]") {
    const ServiceModel& cloudwatch = *models().find("cloudwatch");
    CHECK(cloudwatch.error("InvalidParameterValueException")->error_code == "InvalidParameterValue");
    CHECK(cloudwatch.error("InvalidParameterValue")->name == "InvalidParameterValueException");
    CHECK(cloudwatch.error("ResourceNotFound")->name == "ResourceNotFound");
    CHECK(cloudwatch.error("ValidationError")->name == "ValidationException");
    CHECK(cloudwatch.error("Nobody") == nullptr);
    CHECK(models().find("sqs")->error("QueueDoesNotExist")->error_code ==
          "AWS.SimpleQueueService.NonExistentQueue");
    CHECK(models().find("logs")->error("ServiceUnavailableException")->error_status == 503);
    CHECK(models().find("iam")->error("NoSuchEntity")->error_status == 404);
}

TEST_CASE("a text that is no model is refused with its name", "[protocol][model]") {
    const auto text = GENERATE(values<std::string>({"", "{}", "[]", R"({"shapes":{},"operations":{}})"}));
    CHECK_THROWS_WITH(ServiceModel("nobody", text), ContainsSubstring("nobody"));
}

// RE2 reads all patterns of the models but these; validate() lets their values pass.
TEST_CASE("the patterns that RE2 cannot take are known", "[protocol][model]") {
    std::vector<std::string> unread;
    std::size_t patterns = 0;
    for (const std::string& name : models().names()) {
        for (const auto& [shape_name, shape] : models().find(name)->shapes()) {
            if (shape->pattern.empty()) continue;
            ++patterns;
            if (shape->compiled_pattern() == nullptr) unread.push_back(name + " " + shape_name);
        }
    }
    CHECK(patterns > 250);
    CHECK(unread == std::vector<std::string>{"iam accountAliasType"});  // has a look-ahead
}

TEST_CASE("a pattern has to match the whole value", "[protocol][model]") {
    const auto pattern = Pattern::compile("[a-z]{1,2048}");
    REQUIRE(pattern != nullptr);
    CHECK(pattern->matches("abc"));
    CHECK_FALSE(pattern->matches("abc1"));
    CHECK_FALSE(pattern->matches(""));
    CHECK(Pattern::compile("[\\u0009\\u00FF]+")->matches("\tÿ"));
    CHECK(Pattern::compile("(?!aws:)[a-z]+") == nullptr);
}

}  // namespace rockwatch
