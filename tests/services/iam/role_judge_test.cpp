#include "services/iam/role_judge.hpp"

#include "iam_world.hpp"

namespace rockwatch::iam {

namespace {

RoleUse logging_use() {
    return {.role_arn = "arn:aws:iam::123456789012:role/logger",
            .service = "bedrock.amazonaws.com",
            .owner = {"123456789012", "us-east-1"},
            .source_arn = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-logging",
            .actions = {"logs:CreateLogStream", "logs:PutLogEvents"},
            .resource = "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s"};
}

std::string trust(const std::string& statement) {
    return R"({"Version":"2012-10-17","Statement":{"Action":"sts:AssumeRole","Principal":{"Service":")" +
           statement + "}}";
}

}  // namespace

TEST_CASE("a refusal is one sentence that names the role and what is missing", "[iam][roles]") {
    const std::string open = trust(R"(bedrock.amazonaws.com"},"Effect":"Allow")");
    struct Row {
        std::string trust_policy;
        std::vector<std::string> permissions;
        std::optional<std::string> refusal;
    };
    const std::string all_logs = IamWorld::allow_logs;
    const std::string no_puts = R"({"Statement":{"Effect":"Deny","Action":"logs:Put*","Resource":"*"}})";
    const std::string streams =
        R"({"Statement":{"Effect":"Allow","Action":"logs:CreateLogStream","Resource":"*"}})";
    const std::string elsewhere =
        R"({"Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}}})";
    const std::string on_stream = " on arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s.";
    const auto row = GENERATE_COPY(values<Row>({
        {open, {all_logs}, std::nullopt},
        {open, {streams, all_logs}, std::nullopt},
        {trust(R"(lambda.amazonaws.com"},"Effect":"Allow")"),
         {all_logs},
         "The trust policy of role logger does not allow bedrock.amazonaws.com to assume it "
         "(sts:AssumeRole)."},
        {trust(R"(bedrock.amazonaws.com"},"Effect":"Deny")"),
         {all_logs},
         "The trust policy of role logger denies sts:AssumeRole to bedrock.amazonaws.com."},
        {trust(
             R"(bedrock.amazonaws.com"},"Effect":"Allow","Condition":{"StringEquals":{"aws:SourceAccount":"1"}})"),
         {all_logs},
         "The trust policy of role logger lets bedrock.amazonaws.com assume it under conditions that do not "
         "hold for "
         "aws:SourceAccount 123456789012 and aws:SourceArn "
         "arn:aws:bedrock:us-east-1:123456789012:model-invocation-logging."},
        {"no policy",
         {all_logs},
         "The trust policy of role logger does not allow bedrock.amazonaws.com to assume it "
         "(sts:AssumeRole)."},
        {open, {}, "No policy of role logger allows logs:CreateLogStream" + on_stream},
        {open, {streams}, "No policy of role logger allows logs:PutLogEvents" + on_stream},
        {open, {all_logs, no_puts}, "A policy of role logger denies logs:PutLogEvents" + on_stream},
        {open,
         {elsewhere},
         "Role logger is allowed logs:CreateLogStream on "
         "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s "
         "only under conditions that do not hold."},
        {open, {"no policy"}, "No policy of role logger allows logs:CreateLogStream" + on_stream},
    }));
    CAPTURE(row.trust_policy, row.permissions);
    CHECK(refusal_of({"logger", row.trust_policy, row.permissions}, logging_use()) == row.refusal);
}

}  // namespace rockwatch::iam
