#include "services/sns/fan_out.hpp"

#include "services/sns/delivery_policy.hpp"
#include "services/sns/subscription_filter.hpp"

namespace rockwatch::sns {

namespace {

using deliveries::NewDelivery;
using deliveries::Status;

constexpr std::size_t queue_attributes_max = 10;

bool speaks_http(const Subscription& subscription) {
    return subscription.protocol == "http" || subscription.protocol == "https";
}

bool is_raw(const Subscription& subscription) {
    return text_or_empty(subscription.attributes, "RawMessageDelivery") == "true";
}

bool wants(const Subscription& subscription, const Notice& notice) {
    const auto policy = parse_json(text_or_empty(subscription.attributes, "FilterPolicy"));
    if (!policy) return true;
    const bool body = text_or_empty(subscription.attributes, "FilterPolicyScope") == "MessageBody";
    return accepts(*policy, body ? FilterScope::message_body : FilterScope::message_attributes,
                   notice.attributes, notice.text_for(subscription.protocol));
}

std::string dead_letter_arn(const Subscription& subscription) {
    const auto policy = parse_json(text_or_empty(subscription.attributes, "RedrivePolicy"));
    return policy && policy->is_object() ? text_or_empty(*policy, "deadLetterTargetArn") : std::string{};
}

NewDelivery delivery_of(const Topic& topic, const Subscription& subscription, const std::string& source) {
    return {.owner = {.account = topic.key.account, .region = topic.key.region},
            .source = source,
            .protocol = subscription.protocol,
            .target = subscription.endpoint,
            .topic = topic.key.arn(),
            .dead_letter = dead_letter_arn(subscription)};
}

void set_http_form(NewDelivery& delivery, const Topic& topic, const Subscription& subscription,
                   PostHead head) {
    auto http = http_delivery(text_or_empty(topic.attributes, "DeliveryPolicy"),
                              text_or_empty(subscription.attributes, "DeliveryPolicy"));
    head.content_type = std::move(http.content_type);
    delivery.headers = post_headers(head);
    delivery.retry_waits = std::move(http.retry_waits);
}

/// Puts it into the queue at once; the outbox only keeps what became of it.
void settle_in_queue(Write& sns, NewDelivery& delivery, const Notice& notice, bool raw) {
    const Json attributes = raw ? notice.attributes : Json::object();
    if (attributes.size() > queue_attributes_max) {
        delivery.settled = Status::failed;
        delivery.error = "a raw message with more than 10 attributes cannot go to SQS";
    } else if (sns.queues.send(sns.database, delivery.target, delivery.payload, attributes, sns.now)) {
        delivery.settled = Status::delivered;
    } else {
        delivery.settled = Status::failed;
        delivery.error = "the queue does not exist";
    }
}

std::string payload_of(const Notice& notice, const Subscription& subscription, const EnvelopeLinks& links,
                       EnvelopeSigner& signer) {
    if (subscription.protocol == "lambda") return lambda_event(notice, links, signer);
    if (subscription.protocol == "sms") {
        // CloudWatch publishes an SMS text of its own: the subject.
        const bool alarm = notice.source == "alarm" && notice.texts.empty();
        return alarm ? notice.subject : notice.text_for("sms");
    }
    if (is_raw(subscription)) return notice.text_for(subscription.protocol);
    return notification_envelope(notice, subscription.protocol, links, signer);
}

void deliver(Write& sns, const Topic& topic, const Subscription& subscription, const Notice& notice,
             const std::string& base_url, EnvelopeSigner& signer) {
    NewDelivery delivery = delivery_of(topic, subscription, notice.source);
    delivery.hops = notice.hops;
    delivery.payload = payload_of(notice, subscription,
                                  {.base_url = base_url, .subscription_arn = subscription.arn()}, signer);
    if (speaks_http(subscription)) {
        set_http_form(delivery, topic, subscription,
                      {.type = "Notification",
                       .message_id = notice.message_id,
                       .topic_arn = notice.topic_arn,
                       .subscription_arn = subscription.arn(),
                       .raw = is_raw(subscription)});
    } else if (subscription.protocol == "sqs") {
        settle_in_queue(sns, delivery, notice, is_raw(subscription));
    }
    sns.outbox.add(sns.database, delivery, sns.now);
}

std::string signature_version(const Topic& topic) {
    const std::string version = text_or_empty(topic.attributes, "SignatureVersion");
    return version.empty() ? "1" : version;
}

}  // namespace

void keep_unsent(Write& sns, const Owner& owner, const Notice& notice, std::string error) {
    sns.outbox.add(sns.database,
                   {.owner = owner,
                    .source = notice.source,
                    .protocol = "sns",
                    .target = notice.topic_arn,
                    .topic = notice.topic_arn,
                    .payload = unsent_envelope(notice),
                    .settled = Status::captured,
                    .error = std::move(error)},
                   sns.now);
}

void fan_out(Write& sns, const Topic& topic, const Notice& notice, const std::string& base_url) {
    const auto subscriptions = sns.subscriptions.confirmed(topic.key);
    if (subscriptions.empty())
        return keep_unsent(sns, {.account = topic.key.account, .region = topic.key.region}, notice);
    EnvelopeSigner signer(sns.key, signature_version(topic));
    for (const auto& subscription : subscriptions) {
        if (wants(subscription, notice)) deliver(sns, topic, subscription, notice, base_url, signer);
    }
}

void send_confirmation(Write& sns, const Topic& topic, const Subscription& subscription,
                       ConfirmationType type, const Caller& caller, const std::string& base_url) {
    const Confirmation confirmation{
        .type = type == ConfirmationType::subscribe ? "SubscriptionConfirmation" : "UnsubscribeConfirmation",
        .message_id = sns.random.uuid(),
        .topic_arn = topic.key.arn(),
        .subscription_arn = subscription.arn(),
        .token = subscription.token,
        .time = sns.now};
    EnvelopeSigner signer(sns.key, signature_version(topic));
    NewDelivery delivery = delivery_of(topic, subscription, "sns");
    delivery.hops = caller.hops;
    delivery.dead_letter.clear();
    delivery.payload = confirmation_envelope(confirmation, base_url, signer);
    if (speaks_http(subscription)) {
        set_http_form(delivery, topic, subscription,
                      {.type = confirmation.type,
                       .message_id = confirmation.message_id,
                       .topic_arn = confirmation.topic_arn});
    }
    sns.outbox.add(sns.database, delivery, sns.now);
}

std::string links_base(const Write& sns, const Caller& caller) {
    return caller.base_url.empty() ? sns.base_url : caller.base_url;
}

}  // namespace rockwatch::sns
