#include "services/sns/service.hpp"

#include "services/sns/fan_out.hpp"
#include "services/sns/operations/operations.hpp"

namespace rockwatch::sns {

namespace {

constexpr Operation<Read, Write> operations_table[] = {
    {"ConfirmSubscription", confirm_subscription},
    {"CreateTopic", create_topic},
    {"DeleteTopic", delete_topic},
    {"GetSubscriptionAttributes", get_subscription_attributes},
    {"GetTopicAttributes", get_topic_attributes},
    {"ListSubscriptions", list_subscriptions},
    {"ListSubscriptionsByTopic", list_subscriptions_by_topic},
    {"ListTagsForResource", list_tags_for_resource},
    {"ListTopics", list_topics},
    {"Publish", publish},
    {"PublishBatch", publish_batch},
    {"SetSubscriptionAttributes", set_subscription_attributes},
    {"SetTopicAttributes", set_topic_attributes},
    {"Subscribe", subscribe},
    {"TagResource", tag_resource},
    {"Unsubscribe", unsubscribe},
    {"UntagResource", untag_resource},
};

constexpr Migration steps[] = {{1, R"sql(
    CREATE TABLE sns_topic (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        attributes TEXT NOT NULL,
        tags TEXT NOT NULL,
        deleted_subscriptions INTEGER NOT NULL,
        PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE sns_subscription (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        topic TEXT NOT NULL,
        id TEXT NOT NULL,
        owner_account TEXT NOT NULL,
        protocol TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        state TEXT NOT NULL,
        authenticated INTEGER NOT NULL,
        locked INTEGER NOT NULL,
        token TEXT NOT NULL,
        token_expires_ms INTEGER NOT NULL,
        attributes TEXT NOT NULL
    );
    CREATE UNIQUE INDEX sns_subscription_id ON sns_subscription (account, region, topic, id);
    CREATE UNIQUE INDEX sns_subscription_endpoint ON sns_subscription (account, region, topic, protocol, endpoint);
)sql"}};

Json text_attribute(const std::string& value) { return {{"DataType", "String"}, {"StringValue", value}}; }

}  // namespace

Migrations migrations() { return {"sns", steps}; }

Sns::Sns(Storage& /*storage*/, const Clock& /*clock*/, Random& random, QueueSink& queues,
         deliveries::Outbox& outbox, SnsOptions options)
    : TableService(operations_table),
      random_(random),
      queues_(queues),
      outbox_(outbox),
      base_url_(std::move(options.base_url)) {
    outbox_.on_dead_letter([this](Database& database, const deliveries::DeadLetter& letter, Instant now) {
        bury(database, letter, now);
    });
}

Sns::~Sns() { outbox_.stop(); }

Read Sns::reading(Database& database, Instant now) {
    return {.topics = TopicReader(database), .subscriptions = SubscriptionReader(database), .now = now};
}

Write Sns::writing(Database& database, Instant now) {
    const std::lock_guard lock(mutex_);
    return {.database = database,
            .topics = TopicReader(database),
            .topic_changes = TopicWriter(database),
            .subscriptions = SubscriptionReader(database),
            .subscription_changes = SubscriptionWriter(database),
            .random = random_,
            .queues = queues_,
            .outbox = outbox_,
            .key = key_,
            .base_url = base_url_,
            .now = now};
}

void Sns::set_base_url(std::string base_url) {
    const std::lock_guard lock(mutex_);
    base_url_ = std::move(base_url);
}

std::optional<std::string> Sns::publish(Database& database, const Owner& owner,
                                        const Notification& notification, Instant now) {
    Write parts = writing(database, now);
    const Notice notice{.message_id = random_.uuid(),
                        .topic_arn = notification.topic_arn,
                        .subject = notification.subject,
                        .message = notification.message,
                        .time = now,
                        .source = notification.source};
    const auto refused = [&](std::string error) {
        keep_unsent(parts, owner, notice, error);
        return error;
    };
    const auto key = topic_of_arn(notification.topic_arn);
    if (!key || key->region != owner.region) return refused("Invalid parameter: TopicArn");
    const auto topic = parts.topics.find(*key);
    if (!topic) return refused("Topic does not exist");
    fan_out(parts, *topic, notice, parts.base_url);
    return std::nullopt;
}

/// Puts what could not be delivered into the subscription's dead-letter queue, with the reason as attributes.
void Sns::bury(Database& database, const deliveries::DeadLetter& letter, Instant now) {
    Json attributes{{"RequestID", text_attribute(random_.uuid())},
                    {"ErrorMessage", text_attribute(letter.error)}};
    if (letter.http_status != 0) attributes["ErrorCode"] = text_attribute(std::to_string(letter.http_status));
    const bool sent = queues_.send(database, letter.queue_arn, letter.payload, attributes, now);
    outbox_.add(database,
                {.owner = letter.owner,
                 .source = letter.source,
                 .protocol = "sqs",
                 .target = letter.queue_arn,
                 .topic = letter.topic,
                 .payload = letter.payload,
                 .settled = sent ? deliveries::Status::delivered : deliveries::Status::failed,
                 .error = sent ? "" : "the dead-letter queue does not exist"},
                now);
}

void Sns::reset(Database& database) {
    SubscriptionWriter(database).clear();
    TopicWriter(database).clear();
}

}  // namespace rockwatch::sns
