#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";

Json many_tags(int from, int until) {
    Json tags = Json::object();
    for (int index = from; index < until; ++index) tags["key" + std::to_string(index)] = "v";
    return tags;
}

}  // namespace

TEST_CASE("both families of tag calls see the same tags", "[logs][tags]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}, {"tags", {{"owner", "a"}, {"phase", "created"}}}});
    bench.call("TagResource", {{"resourceArn", arn}, {"tags", {{"phase", "updated"}, {"extra", "value"}}}});
    const Json all = {{"tags", {{"owner", "a"}, {"phase", "updated"}, {"extra", "value"}}}};
    CHECK(bench.call("ListTagsForResource", {{"resourceArn", arn}}) == all);
    CHECK(bench.call("ListTagsLogGroup", {{"logGroupName", "g"}}) == all);

    bench.call("UntagResource", {{"resourceArn", arn}, {"tagKeys", {"phase", "absent"}}});
    bench.call("UntagLogGroup", {{"logGroupName", "g"}, {"tags", {"extra"}}});
    bench.call("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"old", "api"}}}});
    CHECK(bench.call("ListTagsForResource", {{"resourceArn", arn}}) ==
          Json{{"tags", {{"owner", "a"}, {"old", "api"}}}});
}

TEST_CASE("a log group carries no more than 50 tags", "[logs][tags]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}, {"tags", many_tags(0, 40)}});
    bench.call("TagResource", {{"resourceArn", arn}, {"tags", many_tags(30, 50)}});
    const ServiceError error =
        bench.refusal("TagResource", {{"resourceArn", arn}, {"tags", {{"more", "x"}}}});
    CHECK(error.code == "TooManyTagsException");
    CHECK(error.message == "A resource can have no more than 50 tags.");
    CHECK(error.members == Json{{"resourceName", arn}});
    bench.check_refusal("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"more", "x"}}}},
                        "InvalidParameterException", "A log group can have no more than 50 tags.");
    CHECK(bench.call("ListTagsLogGroup", {{"logGroupName", "g"}})["tags"].size() == 50);
}

TEST_CASE("tags of what does not exist are refused", "[logs][tags]") {
    LogsBench bench;
    const std::string no_group = "The specified log group does not exist.";
    bench.check_refusal("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"a", "b"}}}},
                        "ResourceNotFoundException", no_group);
    bench.check_refusal("UntagLogGroup", {{"logGroupName", "g"}, {"tags", {"a"}}},
                        "ResourceNotFoundException", no_group);
    bench.check_refusal("ListTagsLogGroup", {{"logGroupName", "g"}}, "ResourceNotFoundException", no_group);
    bench.check_refusal("ListTagsForResource", {{"resourceArn", arn}}, "ResourceNotFoundException", no_group);
    bench.check_refusal("UntagResource", {{"resourceArn", arn}, {"tagKeys", {"a"}}},
                        "ResourceNotFoundException", no_group);
    bench.check_refusal("ListTagsForResource",
                        {{"resourceArn", "arn:aws:logs:us-east-1:000000000000:destination:d"}},
                        "ResourceNotFoundException", "The specified resource does not exist.");
    bench.check_refusal("TagResource", {{"resourceArn", "g"}, {"tags", {{"a", "b"}}}},
                        "InvalidParameterException",
                        "The resource ARN g is not the ARN of a CloudWatch Logs resource.");
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    bench.check_refusal("TagResource", {{"resourceArn", arn}, {"tags", {{"aws:a", "b"}}}},
                        "InvalidParameterException",
                        "The tag key aws:a starts with aws:, which is reserved for AWS.");
}

}  // namespace rockwatch::logs
