#include "services/iam/managed_policies.hpp"

#include <algorithm>
#include <iterator>

namespace rockwatch::iam {

namespace {

// 2015-02-06, the day of AWS's oldest managed policies.
constexpr Instant created = from_epoch_ms(1'423'247'940'000);

constexpr ManagedPolicy known[] = {
    {"arn:aws:iam::aws:policy/AdministratorAccess", "AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"arn:aws:iam::aws:policy/AmazonBedrockFullAccess", "AmazonBedrockFullAccess", "ANPARCKWTCHBEDROCKALL",
     R"({"Version":"2012-10-17","Statement":[{"Sid":"BedrockAll","Effect":"Allow","Action":["bedrock:*"],"Resource":"*"}]})"},
    {"arn:aws:iam::aws:policy/CloudWatchFullAccess", "CloudWatchFullAccess", "ANPARCKWTCHCLOUDWATCH",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["autoscaling:Describe*","cloudwatch:*","logs:*","sns:*","iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","oam:ListSinks"],"Resource":"*"}]})"},
    {"arn:aws:iam::aws:policy/CloudWatchFullAccessV2", "CloudWatchFullAccessV2", "ANPARCKWTCHCLOUDWTCH2",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudwatch:*","logs:*","sns:CreateTopic","sns:ListSubscriptions","sns:ListSubscriptionsByTopic","sns:ListTopics","sns:Subscribe","iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","oam:ListSinks"],"Resource":"*"}]})"},
    {"arn:aws:iam::aws:policy/CloudWatchLogsFullAccess", "CloudWatchLogsFullAccess", "ANPARCKWTCHLOGSACCESS",
     R"({"Version":"2012-10-17","Statement":[{"Sid":"CloudWatchLogsFullAccess","Effect":"Allow","Action":["logs:*","cloudwatch:GenerateQuery"],"Resource":"*"}]})"},
};

}  // namespace

std::span<const ManagedPolicy> managed_policies() { return known; }

const ManagedPolicy* find_managed_policy(std::string_view arn) {
    const auto* found = std::find_if(std::begin(known), std::end(known),
                                     [&](const ManagedPolicy& policy) { return policy.arn == arn; });
    return found == std::end(known) ? nullptr : found;
}

Policy as_policy(const ManagedPolicy& managed) {
    return {.account = "aws",
            .name = std::string(managed.name),
            .policy_id = std::string(managed.policy_id),
            .created = created,
            .document = std::string(managed.document)};
}

}  // namespace rockwatch::iam
