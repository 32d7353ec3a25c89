#include "services/sns/delivery_policy.hpp"

#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::sns;

namespace {

std::vector<double> seconds(const std::string& topic, const std::string& subscription) {
    std::vector<double> waits;
    for (const auto wait : http_delivery(topic, subscription).retry_waits)
        waits.push_back(static_cast<double>(wait.count()) / 1000);
    return waits;
}

}  // namespace

TEST_CASE("retries follow the subscription's policy, else the topic's, else SNS's", "[sns][policy]") {
    using Waits = std::vector<double>;
    const std::string topic =
        R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":2}}})";
    const std::string firm =
        R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":2},"disableSubscriptionOverrides":true}})";
    const std::string own =
        R"({"healthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":5,"numRetries":1}})";
    CHECK(seconds("", "") == Waits{20, 20, 20});
    CHECK(seconds(topic, "") == Waits{1, 1});
    CHECK(seconds(topic, own) == Waits{5});
    CHECK(seconds(firm, own) == Waits{1, 1});
}

TEST_CASE("retries go through their phases, and stop after an hour", "[sns][policy]") {
    using Waits = std::vector<double>;
    const auto own = [](const std::string& retry) {
        return seconds("", R"({"healthyRetryPolicy":)" + retry + "}");
    };
    CHECK(
        own(R"({"minDelayTarget":1,"maxDelayTarget":9,"numRetries":8,"numNoDelayRetries":2,"numMinDelayRetries":1,"numMaxDelayRetries":2,"backoffFunction":"linear"})") ==
        Waits{0, 0, 1, 1, 5, 9, 9, 9});
    CHECK(own(R"({"minDelayTarget":1,"maxDelayTarget":16,"numRetries":5,"backoffFunction":"geometric"})") ==
          Waits{1, 2, 4, 8, 16});
    CHECK(own(R"({"minDelayTarget":1,"maxDelayTarget":15,"numRetries":4,"backoffFunction":"exponential"})") ==
          Waits{1, 3, 7, 15});
    CHECK(own(R"({"minDelayTarget":1,"maxDelayTarget":7,"numRetries":4,"backoffFunction":"arithmetic"})") ==
          Waits{1, 2, 4, 7});
    CHECK(own(R"({"minDelayTarget":1800,"maxDelayTarget":1800,"numRetries":5})") == Waits{1800, 1800});
}

TEST_CASE("the content type can be chosen", "[sns][policy]") {
    CHECK(http_delivery("", "").content_type == "text/plain; charset=UTF-8");
    CHECK(http_delivery(R"({"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}})", "")
              .content_type == "application/json");
    CHECK(http_delivery("", R"({"requestPolicy":{"headerContentType":"text/xml"}})").content_type ==
          "text/xml");
}

TEST_CASE("a delivery policy that we would not follow is refused", "[sns][policy]") {
    struct Row {
        std::string policy;
        std::string fault;
    };
    const auto row = GENERATE(values<Row>({
        {"{", "failed to parse JSON."},
        {R"({"colour":1})", "unknown member colour"},
        {R"({"healthyRetryPolicy":{"numRetries":101}})", "numRetries must be from 0 to 100"},
        {R"({"healthyRetryPolicy":{"minDelayTarget":30}})",
         "minDelayTarget must not be above maxDelayTarget"},
        {R"({"healthyRetryPolicy":{"numNoDelayRetries":4}})",
         "numRetries must not be below the sum of its phases"},
        {R"({"healthyRetryPolicy":{"backoffFunction":"random"}})",
         "backoffFunction must be linear, arithmetic, geometric or exponential"},
        {R"({"throttlePolicy":{"maxReceivesPerSecond":1}})",
         "a throttle policy is not supported by Rockwatch yet"},
        {R"({"throttlePolicy":{"maxReceivesPerSecond":null}})", ""},
        {R"({"requestPolicy":{"headerContentType":"a\r\nb"}})", "headerContentType must be a media type"},
    }));
    CAPTURE(row.policy);
    CHECK(delivery_policy_fault(row.policy, PolicyLevel::subscription) == row.fault);
}
