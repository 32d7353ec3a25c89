#include "services/iam/policy.hpp"

#include "iam_world.hpp"
#include "services/iam/policy_grammar.hpp"

namespace rockwatch::iam {

namespace {

std::string word(Judgement judgement) {
    if (judgement == Judgement::allowed) return "allowed";
    return judgement == Judgement::denied ? "denied" : "silent";
}

const Context request{{"aws:sourceaccount", "123456789012"},
                      {"aws:sourcearn", "arn:aws:bedrock:us-east-1:123456789012:model-invocation-logging"}};

}  // namespace

TEST_CASE("a trust policy judges a service as IAM does", "[iam][policy]") {
    const Principal bedrock{Principal::Kind::service, "bedrock.amazonaws.com"};
    for (const Json& example : case_file("trust_policies.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const Verdict verdict = judge_trust(example.at("policy"), bedrock, "sts:AssumeRole", request);
            CHECK(word(verdict.judgement) == example.at("verdict"));
            CHECK(verdict.conditions_failed == value_or(example, "conditionsFailed", false));
        }
    }
}

TEST_CASE("a permission policy judges an action as IAM does", "[iam][policy]") {
    const std::string stream =
        "arn:aws:logs:us-east-1:123456789012:log-group:bedrock:log-stream:aws/bedrock/modelinvocations";
    for (const Json& example : case_file("permission_policies.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const Verdict verdict =
                judge_permission(example.at("policy"), "logs:PutLogEvents", stream, request);
            CHECK(word(verdict.judgement) == example.at("verdict"));
            CHECK(verdict.conditions_failed == value_or(example, "conditionsFailed", false));
        }
    }
}

TEST_CASE("a trust policy names AWS principals by account, role or session", "[iam][policy]") {
    for (const Json& example : case_file("aws_principals.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const Json policy{{"Statement",
                               {{"Effect", "Allow"},
                                {"Principal", {{"AWS", example.at("trusted")}}},
                                {"Action", "sts:AssumeRole"}}}};
            const Principal caller{Principal::Kind::aws, example.at("caller")};
            CHECK(word(judge_trust(policy, caller, "sts:AssumeRole", {}).judgement) == example.at("verdict"));
        }
    }
}

TEST_CASE("the verdicts of two policies: a Deny wins, then an Allow", "[iam][policy]") {
    struct Row {
        Judgement first;
        Judgement second;
        Judgement together;
    };
    using enum Judgement;
    const auto row = GENERATE(values<Row>({{silent, silent, silent},
                                           {silent, allowed, allowed},
                                           {allowed, silent, allowed},
                                           {allowed, denied, denied},
                                           {denied, allowed, denied},
                                           {denied, silent, denied}}));
    CHECK(combined({row.first}, {row.second}).judgement == row.together);
}

TEST_CASE("a document that is no policy of its kind is told why", "[iam][policy]") {
    for (const Json& example : case_file("policy_documents.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()
                        << ", " << example.at("kind").get<std::string>()) {
            const auto kind = example.at("kind") == "trust" ? PolicyKind::trust : PolicyKind::permission;
            const auto fault = policy_fault(example.at("document").get<std::string>(), kind);
            CHECK((fault ? Json(*fault) : Json()) == example.at("fault"));
        }
    }
}

}  // namespace rockwatch::iam
