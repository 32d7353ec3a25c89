#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "services/sns/subscription_store.hpp"

namespace rockwatch::sns {

/// From which call an attribute comes: the errors are worded differently.
enum class AttributeSource { create, set };

/// Checks one attribute of a topic; throws InvalidParameter when SNS has it not, takes not this value, or we
/// do not follow it.
void check_topic_attribute(const std::string& name, const std::string& value, AttributeSource source);

/// Checks one attribute of a subscription.
void check_subscription_attribute(const std::string& protocol, const std::string& name,
                                  const std::string& value, AttributeSource source);

/// Checks the filter policy of a subscription's attributes in their scope, after a change of either.
void check_filter(const Json& attributes, AttributeSource source);

/// Puts a checked attribute among the others; an empty value takes it away. RawMessageDelivery in small
/// letters.
void put_attribute(Json& attributes, const std::string& name, const std::string& value);

/// GetTopicAttributes.
Json shown_topic_attributes(const Topic& topic, const SubscriptionCounts& counts);

/// GetSubscriptionAttributes.
Json shown_subscription_attributes(const Subscription& subscription, const Topic& topic);

}  // namespace rockwatch::sns
