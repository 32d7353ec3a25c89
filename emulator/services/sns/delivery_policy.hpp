#pragma once

#include <string>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"

namespace rockwatch::sns {

/// How messages go to HTTP endpoints.
struct HttpDelivery {
    std::vector<Milliseconds> retry_waits;  ///< one a retry
    std::string content_type;
};

enum class PolicyLevel { topic, subscription };

/// What is wrong with a DeliveryPolicy; empty when SNS takes it and we follow all of it.
std::string delivery_policy_fault(const std::string& text, PolicyLevel level);

/// What a subscription's policy, its topic's and SNS's defaults come to. Empty texts: no policy.
HttpDelivery http_delivery(const std::string& topic_policy, const std::string& subscription_policy);

/// EffectiveDeliveryPolicy, as attributes show it.
std::string effective_topic_policy(const std::string& topic_policy);
std::string effective_subscription_policy(const std::string& topic_policy,
                                          const std::string& subscription_policy);

}  // namespace rockwatch::sns
