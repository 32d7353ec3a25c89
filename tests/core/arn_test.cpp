#include "core/arn.hpp"

#include "support/catch.hpp"

using namespace rockwatch;

TEST_CASE("an ARN is read into its parts and written back", "[core][arn]") {
    const std::string text = GENERATE("arn:aws:logs:us-east-1:123456789012:log-group:/aws/x:log-stream:a/b",
                                      "arn:aws:iam::123456789012:role/path/name", "arn:aws:s3:::bucket/key",
                                      "arn:aws-cn:sns:cn-north-1:123456789012:topic");
    const auto arn = parse_arn(text);
    REQUIRE(arn);
    CHECK(arn->text() == text);
}

TEST_CASE("the resource of an ARN keeps its colons and slashes", "[core][arn]") {
    const auto arn = parse_arn("arn:aws:logs:us-east-1:123456789012:log-group:/aws/x:*");
    REQUIRE(arn);
    CHECK(arn->partition == "aws");
    CHECK(arn->service == "logs");
    CHECK(arn->region == "us-east-1");
    CHECK(arn->account == "123456789012");
    CHECK(arn->resource == "log-group:/aws/x:*");
}

TEST_CASE("what lacks a part of an ARN is none", "[core][arn]") {
    const std::string text =
        GENERATE("", "arn", "arn:aws:sns:us-east-1:123456789012",
                 "arn:aws:sns:us-east-1:123456789012:", "urn:aws:sns:us-east-1:123456789012:topic",
                 "arn::sns:us-east-1:1:topic", "arn:aws::us-east-1:1:topic");
    CAPTURE(text);
    CHECK_FALSE(parse_arn(text));
}

TEST_CASE("an ARN is built in its owner's account and region", "[core][arn]") {
    const Owner owner{.account = "123456789012", .region = "eu-west-1"};
    CHECK(arn_of(owner, "sns", "oncall") == "arn:aws:sns:eu-west-1:123456789012:oncall");
}
