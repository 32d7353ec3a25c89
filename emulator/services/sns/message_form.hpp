#pragma once

#include <string>
#include <string_view>

#include "core/instant.hpp"
#include "core/json.hpp"
#include "protocol/message.hpp"
#include "services/sns/signing_key.hpp"

namespace rockwatch::sns {

/// What was published to a topic.
struct Notice {
    std::string message_id;
    std::string topic_arn;
    std::string subject;               ///< empty: none
    std::string message;               ///< for protocols without a text of their own
    Json texts = Json::object();       ///< protocol -> text, of MessageStructure json
    Json attributes = Json::object();  ///< as the API has them
    Instant time;
    std::string source = "sns";  ///< for the deliveries list
    int hops = 0;

    std::string text_for(std::string_view protocol) const;
};

/// What a message's envelope says beside the message.
struct EnvelopeLinks {
    std::string base_url;  ///< http://localhost:4566
    std::string subscription_arn;
};

/// Signs the envelopes of one notice; the same text is signed once, however many get it.
class EnvelopeSigner {
public:
    EnvelopeSigner(const SigningKey& key, std::string version) : key_(key), version_(std::move(version)) {}

    const std::string& version() const { return version_; }
    std::string sign(const std::string& text);

private:
    const SigningKey& key_;
    std::string version_;
    std::string last_text_;
    std::string last_signature_;
};

/// The path below the base URL where the certificate is served.
inline constexpr std::string_view certificate_path = "/SimpleNotificationService-rockwatch.pem";

/// The JSON text of a notification, in AWS's order of keys. Source: SNS developer guide, "HTTP/HTTPS
/// notification JSON format" and "Verifying the signatures of Amazon SNS messages".
std::string notification_envelope(const Notice& notice, std::string_view protocol, const EnvelopeLinks& links,
                                  EnvelopeSigner& signer);

/// The same without signature and links, for a topic that nobody is subscribed to.
std::string unsent_envelope(const Notice& notice);

/// What a Lambda function subscribed to a topic is called with.
std::string lambda_event(const Notice& notice, const EnvelopeLinks& links, EnvelopeSigner& signer);

/// SubscriptionConfirmation or UnsubscribeConfirmation.
struct Confirmation {
    std::string type;
    std::string message_id;
    std::string topic_arn;
    std::string subscription_arn;
    std::string token;
    Instant time;
};
std::string confirmation_envelope(const Confirmation& confirmation, const std::string& base_url,
                                  EnvelopeSigner& signer);

/// The headers of a POST to an HTTP endpoint. `subscription_arn` is empty on a confirmation.
struct PostHead {
    std::string type;
    std::string message_id;
    std::string topic_arn;
    std::string subscription_arn;
    std::string content_type;
    bool raw = false;
};
Headers post_headers(const PostHead& head);

}  // namespace rockwatch::sns
