#include "services/sns/message_form.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "core/text_time.hpp"

namespace rockwatch::sns {

namespace {

void add_line(std::string& text, std::string_view name, const std::string& value) {
    text += name;
    text += '\n';
    text += value;
    text += '\n';
}

/// What is signed of a notification: the keys that are there, in the order of the alphabet.
std::string signed_text(const Notice& notice, const std::string& message) {
    std::string text;
    add_line(text, "Message", message);
    add_line(text, "MessageId", notice.message_id);
    if (!notice.subject.empty()) add_line(text, "Subject", notice.subject);
    add_line(text, "Timestamp", iso_ms(notice.time));
    add_line(text, "TopicArn", notice.topic_arn);
    add_line(text, "Type", "Notification");
    return text;
}

std::string base64_of(const Json& attribute) {
    const auto found = attribute.find("BinaryValue");
    if (found == attribute.end() || !found->is_binary()) return {};
    const auto& bytes = found->get_binary();
    return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

OrderedJson shown_attributes(const Json& attributes) {
    OrderedJson shown = OrderedJson::object();
    for (const auto& [name, attribute] : attributes.items()) {
        const std::string type = text_or_empty(attribute, "DataType");
        const std::string value =
            type.starts_with("Binary") ? base64_of(attribute) : text_or_empty(attribute, "StringValue");
        shown[name] = {{"Type", type}, {"Value", value}};
    }
    return shown;
}

std::string certificate_url(const std::string& base_url) { return base_url + std::string(certificate_path); }

std::string unsubscribe_url(const EnvelopeLinks& links) {
    return fmt::format("{}/?Action=Unsubscribe&SubscriptionArn={}", links.base_url, links.subscription_arn);
}

}  // namespace

std::string Notice::text_for(std::string_view protocol) const {
    const auto own = texts.find(protocol);
    return own != texts.end() && own->is_string() ? own->get<std::string>() : message;
}

std::string EnvelopeSigner::sign(const std::string& text) {
    if (text != last_text_ || last_signature_.empty()) {
        last_signature_ = key_.sign(text, version_);
        last_text_ = text;
    }
    return last_signature_;
}

std::string notification_envelope(const Notice& notice, std::string_view protocol, const EnvelopeLinks& links,
                                  EnvelopeSigner& signer) {
    const std::string message = notice.text_for(protocol);
    OrderedJson envelope{
        {"Type", "Notification"}, {"MessageId", notice.message_id}, {"TopicArn", notice.topic_arn}};
    if (!notice.subject.empty()) envelope["Subject"] = notice.subject;
    envelope["Message"] = message;
    envelope["Timestamp"] = iso_ms(notice.time);
    envelope["SignatureVersion"] = signer.version();
    envelope["Signature"] = signer.sign(signed_text(notice, message));
    envelope["SigningCertURL"] = certificate_url(links.base_url);
    envelope["UnsubscribeURL"] = unsubscribe_url(links);
    if (!notice.attributes.empty()) envelope["MessageAttributes"] = shown_attributes(notice.attributes);
    return to_text(envelope);
}

std::string unsent_envelope(const Notice& notice) {
    OrderedJson envelope{
        {"Type", "Notification"}, {"MessageId", notice.message_id}, {"TopicArn", notice.topic_arn}};
    if (!notice.subject.empty()) envelope["Subject"] = notice.subject;
    envelope["Message"] = notice.message;
    envelope["Timestamp"] = iso_ms(notice.time);
    if (!notice.attributes.empty()) envelope["MessageAttributes"] = shown_attributes(notice.attributes);
    return to_text(envelope);
}

std::string lambda_event(const Notice& notice, const EnvelopeLinks& links, EnvelopeSigner& signer) {
    const std::string message = notice.text_for("lambda");
    OrderedJson sns{{"Type", "Notification"},
                    {"MessageId", notice.message_id},
                    {"TopicArn", notice.topic_arn},
                    {"Subject", notice.subject.empty() ? OrderedJson(nullptr) : OrderedJson(notice.subject)},
                    {"Message", message},
                    {"Timestamp", iso_ms(notice.time)},
                    {"SignatureVersion", signer.version()},
                    {"Signature", signer.sign(signed_text(notice, message))},
                    {"SigningCertUrl", certificate_url(links.base_url)},
                    {"UnsubscribeUrl", unsubscribe_url(links)},
                    {"MessageAttributes", shown_attributes(notice.attributes)}};
    OrderedJson record{{"EventSource", "aws:sns"},
                       {"EventVersion", "1.0"},
                       {"EventSubscriptionArn", links.subscription_arn},
                       {"Sns", std::move(sns)}};
    OrderedJson event = OrderedJson::object();
    event["Records"] = OrderedJson::array();
    event["Records"].push_back(std::move(record));
    return to_text(event);
}

std::string confirmation_envelope(const Confirmation& confirmation, const std::string& base_url,
                                  EnvelopeSigner& signer) {
    const bool ends = confirmation.type == "UnsubscribeConfirmation";
    const std::string message = ends ? fmt::format(
                                           "You have chosen to deactivate subscription {}.\nTo cancel this "
                                           "operation and restore the subscription, "
                                           "visit the SubscribeURL included in this message.",
                                           confirmation.subscription_arn)
                                     : fmt::format(
                                           "You have chosen to subscribe to the topic {}.\nTo confirm the "
                                           "subscription, visit the SubscribeURL "
                                           "included in this message.",
                                           confirmation.topic_arn);
    const std::string subscribe_url = fmt::format("{}/?Action=ConfirmSubscription&TopicArn={}&Token={}",
                                                  base_url, confirmation.topic_arn, confirmation.token);
    std::string text;
    add_line(text, "Message", message);
    add_line(text, "MessageId", confirmation.message_id);
    add_line(text, "SubscribeURL", subscribe_url);
    add_line(text, "Timestamp", iso_ms(confirmation.time));
    add_line(text, "Token", confirmation.token);
    add_line(text, "TopicArn", confirmation.topic_arn);
    add_line(text, "Type", confirmation.type);
    return to_text(OrderedJson{{"Type", confirmation.type},
                               {"MessageId", confirmation.message_id},
                               {"Token", confirmation.token},
                               {"TopicArn", confirmation.topic_arn},
                               {"Message", message},
                               {"SubscribeURL", subscribe_url},
                               {"Timestamp", iso_ms(confirmation.time)},
                               {"SignatureVersion", signer.version()},
                               {"Signature", signer.sign(text)},
                               {"SigningCertURL", certificate_url(base_url)}});
}

Headers post_headers(const PostHead& head) {
    Headers headers{{"x-amz-sns-message-type", head.type},
                    {"x-amz-sns-message-id", head.message_id},
                    {"x-amz-sns-topic-arn", head.topic_arn}};
    if (!head.subscription_arn.empty()) headers.add("x-amz-sns-subscription-arn", head.subscription_arn);
    if (head.raw) headers.add("x-amz-sns-rawdelivery", "true");
    headers.add("Content-Type", head.content_type);
    headers.add("User-Agent", "Amazon Simple Notification Service Agent");
    headers.add("Accept-Encoding", "gzip,deflate");
    return headers;
}

}  // namespace rockwatch::sns
