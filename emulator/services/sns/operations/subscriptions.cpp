#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "deliveries/url.hpp"
#include "services/sns/attributes.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/fan_out.hpp"
#include "services/sns/operations/operations.hpp"

namespace rockwatch::sns {

namespace {

constexpr std::array<std::string_view, 9> protocols = {"http", "https",       "email",  "email-json", "sms",
                                                       "sqs",  "application", "lambda", "firehose"};
constexpr std::chrono::days token_life{3};  // AWS: two to three days
constexpr std::size_t token_length = 288;   // hexadecimal, as AWS's are

bool speaks_http(std::string_view protocol) { return protocol == "http" || protocol == "https"; }
bool is_email(std::string_view protocol) { return protocol == "email" || protocol == "email-json"; }

bool is_phone_number(std::string_view text) {
    const bool digits = text.size() > 1 && std::all_of(text.begin() + 1, text.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
    return digits && text[0] == '+' && text.size() <= 16;
}

void check_arn_endpoint(const std::string& endpoint, std::string_view service, std::string_view named) {
    const auto arn = parse_arn(endpoint);
    if (!arn || arn->service != service || arn->resource.empty())
        throw invalid_parameter(fmt::format("{} endpoint ARN", named));
}

void check_endpoint(const std::string& protocol, const std::string& endpoint) {
    if (std::find(protocols.begin(), protocols.end(), protocol) == protocols.end()) {
        throw invalid_parameter(
            fmt::format("Amazon SNS does not support this protocol string: {}", protocol));
    }
    if (endpoint.empty()) throw invalid_parameter("Endpoint");
    if (speaks_http(protocol)) {
        if (!lower_case(endpoint).starts_with(protocol + "://"))
            throw invalid_parameter("Endpoint must match the specified protocol");
        std::string fault;
        if (!deliveries::parse_url(endpoint, &fault)) throw invalid_parameter("Endpoint", fault);
    } else if (protocol == "sqs") {
        check_arn_endpoint(endpoint, "sqs", "SQS");
        if (endpoint.ends_with(".fifo")) {
            throw invalid_parameter("Invalid parameter: Endpoint",
                                    "FIFO SQS Queues can not be subscribed to standard SNS topics");
        }
    } else if (protocol == "lambda") {
        check_arn_endpoint(endpoint, "lambda", "Lambda");
    } else if (protocol == "firehose") {
        check_arn_endpoint(endpoint, "firehose", "Firehose");
    } else if (protocol == "application") {
        check_arn_endpoint(endpoint, "sns", "Application");
    } else if (protocol == "sms") {
        if (!is_phone_number(endpoint))
            throw invalid_parameter(fmt::format("Invalid SMS endpoint: {}", endpoint));
    } else if (endpoint.find('@') == std::string::npos) {
        throw invalid_parameter("Email address");
    }
}

/// Loopback endpoints confirm themselves: there is nobody to protect. Chosen: so do mailboxes, which nobody
/// reads here; their messages are captured.
bool confirms_itself(const std::string& protocol, const std::string& endpoint) {
    if (!speaks_http(protocol)) return true;
    const auto url = deliveries::parse_url(endpoint);
    return url && deliveries::is_loopback_host(url->host);
}

Subscription find_subscription(const SubscriptionReader& subscriptions, const Json& input) {
    const std::string arn = input.at("SubscriptionArn");
    const auto parts = split(arn, ':');
    if (parts.size() < 6) {
        throw invalid_parameter("SubscriptionArn",
                                fmt::format("An ARN must have at least 6 elements, not {}", parts.size()));
    }
    const auto key = subscription_of_arn(arn);
    auto subscription = key ? subscriptions.find(*key) : std::nullopt;
    if (!subscription) throw no_such_subscription();
    return std::move(*subscription);
}

Json checked_attributes(const std::string& protocol, const Json& asked) {
    Json attributes = Json::object();
    for (const auto& [name, value] : asked.items()) {
        check_subscription_attribute(protocol, name, value.get<std::string>(), AttributeSource::create);
        put_attribute(attributes, name, value.get<std::string>());
    }
    check_filter(attributes, AttributeSource::create);
    return attributes;
}

std::string answered_arn(const Subscription& subscription, const Json& input) {
    const bool pending = subscription.state == SubscriptionState::pending;
    return pending && !value_or(input, "ReturnSubscriptionArn", false) ? "pending confirmation"
                                                                       : subscription.arn();
}

void check_same_attributes(const Subscription& existing, const Json& asked) {
    for (const auto& [name, value] : asked.items()) {
        if (text_or_empty(existing.attributes, name) != value.get_ref<const std::string&>()) {
            throw invalid_parameter("Attributes", "Subscription already exists with different attributes");
        }
    }
}

Json page_of(std::vector<Subscription> found) {
    Json output{{"Subscriptions", Json::array()}};
    if (found.size() > page_size) {
        found.pop_back();
        output["NextToken"] = page_token(std::to_string(found.back().sequence));
    }
    for (const auto& subscription : found) {
        const bool pending = subscription.state == SubscriptionState::pending;
        output["Subscriptions"].push_back(
            {{"SubscriptionArn", pending ? "PendingConfirmation" : subscription.arn()},
             {"Owner", subscription.owner_account},
             {"Protocol", subscription.protocol},
             {"Endpoint", subscription.endpoint},
             {"TopicArn", subscription.topic.arn()}});
    }
    return output;
}

std::int64_t page_start(const Json& input) {
    const std::string last = read_page_token(input);
    if (last.empty()) return 0;
    std::int64_t sequence = 0;
    const auto [stop, failed] = std::from_chars(last.data(), last.data() + last.size(), sequence);
    if (failed != std::errc{} || stop != last.data() + last.size()) throw invalid_parameter("NextToken");
    return sequence;
}

}  // namespace

Json subscribe(Write& sns, const Caller& caller, const Json& input) {
    const Topic topic = find_topic(sns.topics, caller, input.at("TopicArn"));
    const std::string protocol = input.at("Protocol");
    const std::string endpoint = text_or_empty(input, "Endpoint");
    check_endpoint(protocol, endpoint);
    const Json attributes = checked_attributes(protocol, value_or(input, "Attributes", Json::object()));
    if (const auto existing = sns.subscriptions.find_endpoint(topic.key, protocol, endpoint)) {
        check_same_attributes(*existing, attributes);
        return {{"SubscriptionArn", answered_arn(*existing, input)}};
    }
    Subscription subscription{.topic = topic.key,
                              .id = sns.random.uuid(),
                              .owner_account = caller.account,
                              .protocol = protocol,
                              .endpoint = endpoint,
                              .token = sns.random.text(token_length, "0123456789abcdef"),
                              .token_expires = sns.now + token_life,
                              .attributes = attributes};
    if (confirms_itself(protocol, endpoint)) {
        subscription.state = SubscriptionState::confirmed;
        subscription.authenticated = !speaks_http(protocol) && !is_email(protocol);
    }
    sns.subscription_changes.add(subscription);
    if (speaks_http(protocol) || is_email(protocol)) {
        send_confirmation(sns, topic, subscription, ConfirmationType::subscribe, caller,
                          links_base(sns, caller));
    }
    return {{"SubscriptionArn", answered_arn(subscription, input)}};
}

Json confirm_subscription(Write& sns, const Caller& caller, const Json& input) {
    // Whoever follows the link has no credentials, and so no region: the topic's ARN names it.
    const auto key = topic_of_arn(input.at("TopicArn").get<std::string>());
    if (!key) throw invalid_parameter("TopicArn");
    if (!sns.topics.find(*key)) throw no_such_topic();
    auto subscription = sns.subscriptions.find_token(*key, input.at("Token").get<std::string>());
    if (!subscription) throw invalid_parameter("Token");
    if (subscription->state != SubscriptionState::confirmed) {
        if (sns.now >= subscription->token_expires) throw invalid_parameter("Token", "the token has expired");
        const bool is_signed = !caller.access_key.empty();
        subscription->state = SubscriptionState::confirmed;
        subscription->authenticated = is_signed;
        subscription->locked =
            is_signed && lower_case(text_or_empty(input, "AuthenticateOnUnsubscribe")) == "true";
        sns.subscription_changes.update(*subscription);
    }
    return {{"SubscriptionArn", subscription->arn()}};
}

Json unsubscribe(Write& sns, const Caller& caller, const Json& input) {
    const auto parts = split(input.at("SubscriptionArn").get_ref<const std::string&>(), ':');
    if (parts.size() < 6) {
        throw invalid_parameter("SubscriptionArn",
                                fmt::format("An ARN must have at least 6 elements, not {}", parts.size()));
    }
    const auto key = subscription_of_arn(input.at("SubscriptionArn").get<std::string>());
    auto subscription = key ? sns.subscriptions.find(*key) : std::nullopt;
    if (!subscription) return Json::object();  // ended already, or never there: as asked
    if (subscription->locked && caller.access_key.empty()) throw unsubscribe_needs_signature();
    subscription->state = SubscriptionState::ended;
    subscription->token = sns.random.text(token_length, "0123456789abcdef");
    subscription->token_expires = sns.now + token_life;
    sns.subscription_changes.update(*subscription);
    sns.topic_changes.count_deleted_subscription(subscription->topic);
    const auto topic = sns.topics.find(subscription->topic);
    if (topic && speaks_http(subscription->protocol)) {
        send_confirmation(sns, *topic, *subscription, ConfirmationType::unsubscribe, caller,
                          links_base(sns, caller));
    }
    return Json::object();
}

Json list_subscriptions(Read& sns, const Caller& caller, const Json& input) {
    return page_of(sns.subscriptions.list({.account = caller.account, .region = caller.region, .name = ""},
                                          page_start(input), page_size + 1));
}

Json list_subscriptions_by_topic(Read& sns, const Caller& caller, const Json& input) {
    const Topic topic = find_topic(sns.topics, caller, input.at("TopicArn"));
    return page_of(sns.subscriptions.list(topic.key, page_start(input), page_size + 1));
}

Json get_subscription_attributes(Read& sns, const Caller& /*caller*/, const Json& input) {
    const Subscription subscription = find_subscription(sns.subscriptions, input);
    const auto topic = sns.topics.find(subscription.topic);
    if (!topic) throw no_such_subscription();
    return {{"Attributes", shown_subscription_attributes(subscription, *topic)}};
}

Json set_subscription_attributes(Write& sns, const Caller& /*caller*/, const Json& input) {
    Subscription subscription = find_subscription(sns.subscriptions, input);
    const std::string name = input.at("AttributeName");
    const std::string value = text_or_empty(input, "AttributeValue");
    check_subscription_attribute(subscription.protocol, name, value, AttributeSource::set);
    put_attribute(subscription.attributes, name, value);
    if (name == "FilterPolicy" || name == "FilterPolicyScope")
        check_filter(subscription.attributes, AttributeSource::set);
    sns.subscription_changes.update(subscription);
    return Json::object();
}

}  // namespace rockwatch::sns
