#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

std::vector<std::string> names_of(const Json& answer) {
    std::vector<std::string> names;
    for (const Json& group : answer.at("logGroups")) names.push_back(group.at("logGroupName"));
    return names;
}

/// The names of all pages, each checked to be no longer than `limit`.
std::vector<std::string> walk(LogsBench& bench, const std::string& operation, Json input, int limit) {
    std::vector<std::string> names;
    input["limit"] = limit;
    for (;;) {
        const Json page = bench.call(operation, input);
        CHECK(page.at("logGroups").size() <= static_cast<std::size_t>(limit));
        for (const std::string& name : names_of(page)) names.push_back(name);
        if (!page.contains("nextToken")) return names;
        input["nextToken"] = page.at("nextToken");
    }
}

const std::string no_group = "The specified log group does not exist.";

}  // namespace

TEST_CASE("a new log group is described as AWS describes it", "[logs][groups]") {
    LogsBench bench;
    CHECK(bench.call("CreateLogGroup", {{"logGroupName", "/a/b"}}) == Json::object());
    const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:/a/b";
    CHECK(bench.call("DescribeLogGroups", {{"logGroupNamePrefix", "/a"}}) ==
          Json{{"logGroups",
                {{{"logGroupName", "/a/b"},
                  {"creationTime", bench.now_ms()},
                  {"metricFilterCount", 0},
                  {"arn", arn + ":*"},
                  {"storedBytes", 0},
                  {"logGroupClass", "STANDARD"},
                  {"logGroupArn", arn},
                  {"deletionProtectionEnabled", false},
                  {"bearerTokenAuthenticationEnabled", false}}}}});
}

TEST_CASE("what CreateLogGroup is given is read back", "[logs][groups]") {
    LogsBench bench;
    const std::string key = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";
    bench.call("CreateLogGroup", {{"logGroupName", "g"},
                                  {"kmsKeyId", key},
                                  {"logGroupClass", "INFREQUENT_ACCESS"},
                                  {"deletionProtectionEnabled", true},
                                  {"tags", {{"team", "search"}, {"empty", ""}}}});
    const Json group = bench.call("DescribeLogGroups", Json::object())["logGroups"][0];
    CHECK(group["kmsKeyId"] == key);
    CHECK(group["logGroupClass"] == "INFREQUENT_ACCESS");
    CHECK(group["deletionProtectionEnabled"] == true);
    CHECK(bench.call("ListTagsForResource", {{"resourceArn", group["logGroupArn"]}}) ==
          Json{{"tags", {{"team", "search"}, {"empty", ""}}}});
}

TEST_CASE("a log group is refused when its name is taken or reserved, or its key or tags are wrong",
          "[logs][groups]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    bench.check_refusal("CreateLogGroup", {{"logGroupName", "g"}}, "ResourceAlreadyExistsException",
                        "The specified log group already exists");
    bench.check_refusal("CreateLogGroup", {{"logGroupName", "aws/x"}}, "InvalidParameterException",
                        "Log groups starting with AWS/ are reserved for AWS.");
    bench.check_refusal("CreateLogGroup", {{"logGroupName", "k"}, {"kmsKeyId", "my-key"}},
                        "InvalidParameterException",
                        "The specified KMS key does not exist or is not allowed to be used with Arn "
                        "'arn:aws:logs:us-east-1:000000000000:log-group:k'");
    bench.check_refusal("CreateLogGroup", {{"logGroupName", "t"}, {"tags", {{"aws:x", "y"}}}},
                        "InvalidParameterException",
                        "The tag key aws:x starts with aws:, which is reserved for AWS.");
    CHECK(names_of(bench.call("DescribeLogGroups", Json::object())) == std::vector<std::string>{"g"});
}

TEST_CASE("a deleted log group is gone with its streams, events and tags", "[logs][groups]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.call("TagLogGroup", {{"logGroupName", "g"}, {"tags", {{"a", "b"}}}});
    bench.put("g", "s", "m");
    bench.call("DeleteLogGroup", {{"logGroupName", "g"}});
    bench.check_refusal("DeleteLogGroup", {{"logGroupName", "g"}}, "ResourceNotFoundException", no_group);
    bench.check_refusal("FilterLogEvents", {{"logGroupName", "g"}}, "ResourceNotFoundException", no_group);

    bench.make_stream("g", "s");
    CHECK(bench.call("FilterLogEvents", {{"logGroupName", "g"}})["events"].empty());
    CHECK(bench.call("ListTagsLogGroup", {{"logGroupName", "g"}})["tags"].empty());
    CHECK(bench.call("DescribeLogGroups", Json::object())["logGroups"][0]["storedBytes"] == 0);
}

TEST_CASE("deletion protection keeps a group and its streams until it is switched off", "[logs][groups]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    bench.call("PutLogGroupDeletionProtection",
               {{"logGroupIdentifier", arn}, {"deletionProtectionEnabled", true}});
    const std::string message =
        "Deletion protection is enabled on log group g. Disable it with PutLogGroupDeletionProtection before "
        "you "
        "delete anything in the group.";
    bench.check_refusal("DeleteLogGroup", {{"logGroupName", "g"}}, "ValidationException", message);
    bench.check_refusal("DeleteLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}},
                        "ValidationException", message);
    bench.call("PutLogGroupDeletionProtection",
               {{"logGroupIdentifier", "g"}, {"deletionProtectionEnabled", false}});
    bench.call("DeleteLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    bench.call("DeleteLogGroup", {{"logGroupName", "g"}});
    bench.check_refusal("PutLogGroupDeletionProtection",
                        {{"logGroupIdentifier", arn}, {"deletionProtectionEnabled", true}},
                        "ResourceNotFoundException", no_group);
}

TEST_CASE("log groups are listed by name, by prefix, by part of a name and by class", "[logs][groups]") {
    LogsBench bench;
    for (const char* name : {"b", "aws/not", "/aws/DataLogs", "a-b", "B", "a"}) {
        if (std::string_view(name) == "aws/not") continue;
        bench.call("CreateLogGroup", {{"logGroupName", name}});
    }
    bench.call("CreateLogGroup", {{"logGroupName", "rare"}, {"logGroupClass", "INFREQUENT_ACCESS"}});
    using Names = std::vector<std::string>;
    CHECK(names_of(bench.call("DescribeLogGroups", Json::object())) ==
          Names{"/aws/DataLogs", "B", "a", "a-b", "b", "rare"});
    CHECK(names_of(bench.call("DescribeLogGroups", {{"logGroupNamePrefix", "a"}})) == Names{"a", "a-b"});
    CHECK(names_of(bench.call("DescribeLogGroups", {{"logGroupNamePrefix", "absent"}})).empty());
    CHECK(names_of(bench.call("DescribeLogGroups", {{"logGroupNamePattern", "DataLogs"}})) ==
          Names{"/aws/DataLogs"});
    CHECK(names_of(bench.call("DescribeLogGroups", {{"logGroupNamePattern", "datalogs"}})).empty());
    CHECK(names_of(bench.call("DescribeLogGroups", {{"logGroupClass", "INFREQUENT_ACCESS"}})) ==
          Names{"rare"});
    CHECK(names_of(bench.call("DescribeLogGroups",
                              {{"logGroupIdentifiers",
                                {"b", "arn:aws:logs:us-east-1:000000000000:log-group:a", "absent",
                                 "arn:aws:logs:eu-west-1:000000000000:log-group:a-b"}}})) == Names{"a", "b"});
    CHECK(names_of(bench.call("DescribeLogGroups",
                              {{"includeLinkedAccounts", true}, {"accountIdentifiers", {"111111111111"}}}))
              .empty());
    CHECK(names_of(bench.call("DescribeLogGroups",
                              {{"includeLinkedAccounts", true}, {"accountIdentifiers", {"000000000000"}}}))
              .size() == 6);

    const Json by_pattern =
        bench.call("DescribeLogGroups", {{"logGroupNamePattern", "rare"}})["logGroups"][0];
    CHECK_FALSE(by_pattern.contains("storedBytes"));
    CHECK_FALSE(by_pattern.contains("deletionProtectionEnabled"));
}

TEST_CASE("filters of DescribeLogGroups that exclude each other are refused", "[logs][groups]") {
    LogsBench bench;
    bench.check_refusal("DescribeLogGroups", {{"logGroupNamePrefix", "a"}, {"logGroupNamePattern", "b"}},
                        "InvalidParameterException",
                        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    bench.check_refusal("DescribeLogGroups", {{"logGroupIdentifiers", {"a"}}, {"logGroupClass", "STANDARD"}},
                        "InvalidParameterException",
                        "logGroupIdentifiers and logGroupClass are mutually exclusive parameters.");
    bench.check_refusal("DescribeLogGroups", {{"nextToken", "made up"}}, "InvalidParameterException",
                        "The specified nextToken is invalid.");
}

TEST_CASE("pages of log groups give each group once, for every page size", "[logs][groups]") {
    LogsBench bench;
    std::vector<std::string> made;
    for (int index = 10; index < 21; ++index) {
        made.push_back("group-" + std::to_string(index));
        bench.call("CreateLogGroup", {{"logGroupName", made.back()}});
    }
    const int limit = GENERATE(1, 2, 3, 5, 11, 50);
    CAPTURE(limit);
    CHECK(walk(bench, "DescribeLogGroups", Json::object(), limit) == made);
    CHECK(walk(bench, "DescribeLogGroups", {{"logGroupNamePattern", "-1"}}, limit).size() == 10);
    CHECK(walk(bench, "ListLogGroups", Json::object(), limit) == made);
}

TEST_CASE("a group deleted or made between pages makes no other group missed or doubled", "[logs][groups]") {
    LogsBench bench;
    for (const char* name : {"a", "b", "c", "d"}) bench.call("CreateLogGroup", {{"logGroupName", name}});
    const Json first = bench.call("DescribeLogGroups", {{"limit", 2}});
    bench.call("DeleteLogGroup", {{"logGroupName", "b"}});
    bench.call("CreateLogGroup", {{"logGroupName", "aa"}});
    const Json second = bench.call("DescribeLogGroups", {{"limit", 2}, {"nextToken", first["nextToken"]}});
    CHECK(names_of(second) == std::vector<std::string>{"c", "d"});
    CHECK_FALSE(second.contains("nextToken"));
}

TEST_CASE("ListLogGroups takes alternatives, classes and tags", "[logs][groups]") {
    LogsBench bench;
    for (const char* name : {"/aws/lambda/one", "discovery", "my-discovery", "other"}) {
        bench.call("CreateLogGroup", {{"logGroupName", name}, {"tags", {{"name", name}, {"env", "test"}}}});
    }
    using Names = std::vector<std::string>;
    CHECK(bench.call("ListLogGroups", {{"logGroupNamePattern", "other"}}) ==
          Json{{"logGroups",
                {{{"logGroupName", "other"},
                  {"logGroupArn", "arn:aws:logs:us-east-1:000000000000:log-group:other"},
                  {"logGroupClass", "STANDARD"}}}}});
    CHECK(names_of(bench.call("ListLogGroups", {{"logGroupNamePattern", "^/aws/lambda|discovery"}})) ==
          Names{"/aws/lambda/one", "discovery", "my-discovery"});
    CHECK(names_of(bench.call("ListLogGroups", {{"logGroupNamePattern", "^discovery"}})) ==
          Names{"discovery"});
    CHECK(names_of(bench.call("ListLogGroups", {{"logGroupClass", "DELIVERY"}})).empty());
    CHECK(names_of(bench.call(
              "ListLogGroups",
              {{"logGroupTags", {{{"key", "env"}}, {{"key", "name"}, {"values", {"disc*", "other"}}}}}})) ==
          Names{"discovery", "other"});
    CHECK(names_of(bench.call("ListLogGroups",
                              {{"logGroupTags", {{{"key", "name"}, {"values", {"!*discovery"}}}}}})) ==
          Names{"/aws/lambda/one", "other"});
    bench.check_refusal("ListLogGroups", {{"dataSources", {{{"name", "x"}}}}}, "InvalidParameterException",
                        "Rockwatch does not support ListLogGroups with dataSources yet.");
    bench.check_refusal("ListLogGroups", {{"fieldIndexNames", {"x"}}}, "InvalidParameterException",
                        "Rockwatch does not support ListLogGroups with fieldIndexNames yet.");
}

TEST_CASE("a KMS key is associated, read back and taken off again", "[logs][groups]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}});
    const std::string key = "arn:aws:kms:us-east-1:000000000000:key/k";
    const auto described = [&] { return bench.call("DescribeLogGroups", Json::object())["logGroups"][0]; };
    bench.call("AssociateKmsKey", {{"logGroupName", "g"}, {"kmsKeyId", key}});
    CHECK(described()["kmsKeyId"] == key);
    bench.call("DisassociateKmsKey", {{"logGroupName", "g"}});
    CHECK_FALSE(described().contains("kmsKeyId"));
    bench.call("AssociateKmsKey", {{"resourceIdentifier", "arn:aws:logs:us-east-1:000000000000:log-group:g"},
                                   {"kmsKeyId", key}});
    CHECK(described()["kmsKeyId"] == key);

    bench.check_refusal("AssociateKmsKey", {{"logGroupName", "absent"}, {"kmsKeyId", key}},
                        "ResourceNotFoundException", no_group);
    bench.check_refusal("AssociateKmsKey", {{"kmsKeyId", key}}, "InvalidParameterException",
                        "Exactly one of logGroupName and resourceIdentifier must be given.");
    bench.check_refusal(
        "DisassociateKmsKey", {{"resourceIdentifier", "arn:aws:logs:us-east-1:000000000000:query-result:*"}},
        "InvalidParameterException", "Rockwatch does not support encryption of query results yet.");
    bench.check_refusal("AssociateKmsKey", {{"logGroupName", "g"}, {"kmsKeyId", "x"}},
                        "InvalidParameterException",
                        "The specified KMS key does not exist or is not allowed to be used with Arn "
                        "'arn:aws:logs:us-east-1:000000000000:log-group:g'");
}

TEST_CASE("accounts and regions never see each other's log groups", "[logs][groups]") {
    LogsBench bench;
    const Caller here = LogsBench::caller("111111111111", "us-east-1");
    const Caller other_account = LogsBench::caller("222222222222", "us-east-1");
    const Caller other_region = LogsBench::caller("111111111111", "eu-west-1");
    for (const Caller& who : {here, other_account, other_region}) {
        bench.call("CreateLogGroup", {{"logGroupName", "g"}}, who);
        bench.call("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}}, who);
    }
    bench.call("PutLogEvents",
               {{"logGroupName", "g"},
                {"logStreamName", "s"},
                {"logEvents", {{{"timestamp", bench.now_ms()}, {"message", "mine"}}}}},
               here);
    const Json read = {{"logGroupName", "g"}, {"logStreamName", "s"}};
    CHECK(bench.call("GetLogEvents", read, here)["events"].size() == 1);
    CHECK(bench.call("GetLogEvents", read, other_account)["events"].empty());
    CHECK(bench.call("FilterLogEvents", {{"logGroupName", "g"}}, other_region)["events"].empty());
    CHECK(bench.call("DescribeLogGroups", Json::object(), other_region)["logGroups"][0]["arn"] ==
          "arn:aws:logs:eu-west-1:111111111111:log-group:g:*");

    bench.call("DeleteLogGroup", {{"logGroupName", "g"}}, other_account);
    CHECK(bench.call("DescribeLogGroups", Json::object(), here)["logGroups"].size() == 1);
    const Json foreign = {{"logGroupIdentifier", "arn:aws:logs:us-east-1:111111111111:log-group:g"}};
    CHECK_THROWS_WITH(bench.call("FilterLogEvents", foreign, other_region), no_group);
}

}  // namespace rockwatch::logs
