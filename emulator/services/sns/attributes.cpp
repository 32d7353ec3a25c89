#include "services/sns/attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/sns/delivery_policy.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/subscription_filter.hpp"

namespace rockwatch::sns {

namespace {

ServiceError invalid(AttributeSource source, const std::string& what) {
    return source == AttributeSource::create ? invalid_parameter("Attributes", what)
                                             : invalid_parameter(what);
}

/// The policy that a topic has until it gets another.
std::string default_policy(const TopicKey& key) {
    OrderedJson actions = OrderedJson::array();
    for (const char* action :
         {"SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
          "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"}) {
        actions.push_back(action);
    }
    OrderedJson statement{{"Sid", "__default_statement_ID"},
                          {"Effect", "Allow"},
                          {"Principal", {{"AWS", "*"}}},
                          {"Action", std::move(actions)},
                          {"Resource", key.arn()},
                          {"Condition", {{"StringEquals", {{"AWS:SourceOwner", key.account}}}}}};
    OrderedJson policy{{"Version", "2008-10-17"}, {"Id", "__default_policy_ID"}};
    policy["Statement"] = OrderedJson::array();
    policy["Statement"].push_back(std::move(statement));
    return to_text(policy);
}

bool is_json_object(const std::string& text) {
    const auto parsed = parse_json(text);
    return parsed && parsed->is_object();
}

void check_redrive(const std::string& value, AttributeSource source) {
    const auto policy = parse_json(value);
    if (!policy || !policy->is_object()) throw invalid(source, "RedrivePolicy: failed to parse JSON.");
    const auto arn = parse_arn(text_or_empty(*policy, "deadLetterTargetArn"));
    if (!arn || arn->service != "sqs")
        throw invalid(source, "RedrivePolicy: deadLetterTargetArn is an invalid arn");
}

bool can_be_raw(const std::string& protocol) {
    return protocol == "http" || protocol == "https" || protocol == "sqs" || protocol == "firehose";
}

}  // namespace

void check_topic_attribute(const std::string& name, const std::string& value, AttributeSource source) {
    if (name == "Policy") {
        if (!is_json_object(value)) throw invalid(source, "Policy Error: null");
    } else if (name == "DisplayName") {
        if (utf8_length(value) > 100) throw invalid(source, "DisplayName");
    } else if (name == "DeliveryPolicy") {
        const std::string fault = value.empty() ? "" : delivery_policy_fault(value, PolicyLevel::topic);
        if (!fault.empty()) throw invalid(source, "DeliveryPolicy: " + fault);
    } else if (name == "SignatureVersion") {
        if (value != "1" && value != "2")
            throw invalid(source,
                          fmt::format("SignatureVersion: Invalid value [{}]. Must be 1 or 2.", value));
    } else if (name == "TracingConfig") {
        if (value == "Active")
            throw invalid(source, "TracingConfig: Active tracing is not supported by Rockwatch yet");
        if (value != "PassThrough") throw invalid(source, "TracingConfig");
    } else if (name == "FifoTopic" || name == "ContentBasedDeduplication" || name == "FifoThroughputScope" ||
               name == "ArchivePolicy") {
        if (value != "false")
            throw invalid(source, fmt::format("{}: FIFO topics are not supported by Rockwatch yet", name));
    } else if (name.ends_with("FeedbackRoleArn") || name.ends_with("FeedbackSampleRate")) {
        throw invalid(source,
                      fmt::format("{}: delivery status logging is not supported by Rockwatch yet", name));
    } else if (name != "KmsMasterKeyId") {
        throw source == AttributeSource::create ? invalid_parameter("Attributes", "Unknown attribute " + name)
                                                : invalid_parameter("AttributeName");
    }
}

void check_subscription_attribute(const std::string& protocol, const std::string& name,
                                  const std::string& value, AttributeSource source) {
    if (name == "FilterPolicy") {
        if (!value.empty() && !is_json_object(value))
            throw invalid(source, "FilterPolicy: failed to parse JSON.");
    } else if (name == "FilterPolicyScope") {
        if (value != "MessageAttributes" && value != "MessageBody") {
            throw invalid(source, fmt::format("FilterPolicyScope: Invalid value [{}]. Please use either "
                                              "MessageBody or MessageAttributes",
                                              value));
        }
    } else if (name == "RawMessageDelivery") {
        const std::string flag = lower_case(value);
        if (flag != "true" && flag != "false") {
            throw invalid(
                source, fmt::format("RawMessageDelivery: Invalid value [{}]. Must be true or false.", value));
        }
        if (flag == "true" && !can_be_raw(protocol)) {
            throw invalid(source, fmt::format("Delivery protocol [{}] does not support raw message delivery.",
                                              protocol));
        }
    } else if (name == "RedrivePolicy") {
        if (!value.empty()) check_redrive(value, source);
    } else if (name == "DeliveryPolicy") {
        const std::string fault =
            value.empty() ? "" : delivery_policy_fault(value, PolicyLevel::subscription);
        if (!fault.empty()) throw invalid(source, "DeliveryPolicy: " + fault);
    } else if (name == "ReplayPolicy") {
        throw invalid(source, "ReplayPolicy: FIFO topics are not supported by Rockwatch yet");
    } else if (name == "SubscriptionRoleArn") {
        if (protocol != "firehose" || !parse_arn(value)) throw invalid(source, "SubscriptionRoleArn");
    } else {
        throw invalid(source, "AttributeName");
    }
}

void check_filter(const Json& attributes, AttributeSource source) {
    const auto policy = parse_json(text_or_empty(attributes, "FilterPolicy"));
    if (!policy) return;
    const bool body = text_or_empty(attributes, "FilterPolicyScope") == "MessageBody";
    try {
        check_filter_policy(*policy, body ? FilterScope::message_body : FilterScope::message_attributes);
    } catch (const InvalidFilter& fault) {
        throw invalid(source, fmt::format("FilterPolicy: {}", fault.what()));
    }
}

void put_attribute(Json& attributes, const std::string& name, const std::string& value) {
    if (value.empty()) {
        attributes.erase(name);
    } else {
        attributes[name] = name == "RawMessageDelivery" ? lower_case(value) : value;
    }
}

Json shown_topic_attributes(const Topic& topic, const SubscriptionCounts& counts) {
    Json shown{{"TopicArn", topic.key.arn()},
               {"Owner", topic.key.account},
               {"DisplayName", ""},
               {"Policy", default_policy(topic.key)},
               {"SubscriptionsPending", std::to_string(counts.pending)},
               {"SubscriptionsConfirmed", std::to_string(counts.confirmed)},
               {"SubscriptionsDeleted", std::to_string(topic.deleted_subscriptions)},
               {"EffectiveDeliveryPolicy",
                effective_topic_policy(text_or_empty(topic.attributes, "DeliveryPolicy"))}};
    shown.update(topic.attributes);
    return shown;
}

Json shown_subscription_attributes(const Subscription& subscription, const Topic& topic) {
    Json shown{{"SubscriptionArn", subscription.arn()},
               {"TopicArn", topic.key.arn()},
               {"Owner", subscription.owner_account},
               {"Protocol", subscription.protocol},
               {"Endpoint", subscription.endpoint},
               {"PendingConfirmation", subscription.state == SubscriptionState::pending ? "true" : "false"},
               {"ConfirmationWasAuthenticated", subscription.authenticated ? "true" : "false"},
               {"SubscriptionPrincipal", fmt::format("arn:aws:iam::{}:root", subscription.owner_account)},
               {"RawMessageDelivery", "false"}};
    if (subscription.protocol == "http" || subscription.protocol == "https") {
        shown["EffectiveDeliveryPolicy"] =
            effective_subscription_policy(text_or_empty(topic.attributes, "DeliveryPolicy"),
                                          text_or_empty(subscription.attributes, "DeliveryPolicy"));
    }
    if (subscription.attributes.contains("FilterPolicy")) shown["FilterPolicyScope"] = "MessageAttributes";
    shown.update(subscription.attributes);
    return shown;
}

}  // namespace rockwatch::sns
