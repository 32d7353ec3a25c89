#include "services/sqs/service.hpp"

#include <chrono>

#include "services/sqs/operations/operations.hpp"

namespace rockwatch::sqs {

namespace {

constexpr Operation<Read, Write> operations_table[] = {
    {"ChangeMessageVisibility", change_message_visibility},
    {"ChangeMessageVisibilityBatch", change_message_visibility_batch},
    {"CreateQueue", create_queue},
    {"DeleteMessage", delete_message},
    {"DeleteMessageBatch", delete_message_batch},
    {"DeleteQueue", delete_queue},
    {"GetQueueAttributes", get_queue_attributes},
    {"GetQueueUrl", get_queue_url},
    {"ListQueueTags", list_queue_tags},
    {"ListQueues", list_queues},
    {"PurgeQueue", purge_queue},
    {"ReceiveMessage", receive_message},
    {"SendMessage", send_message},
    {"SendMessageBatch", send_message_batch},
    {"SetQueueAttributes", set_queue_attributes},
    {"TagQueue", tag_queue},
    {"UntagQueue", untag_queue},
};

// AUTOINCREMENT: a receipt of a message that is gone must never mean another one.
constexpr Migration steps[] = {{1, R"sql(
    CREATE TABLE sqs_queue (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        attributes TEXT NOT NULL,
        tags TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        purged_ms INTEGER,
        PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE sqs_message (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        system_attributes TEXT NOT NULL,
        sender_id TEXT NOT NULL,
        group_id TEXT NOT NULL,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        receive_count INTEGER NOT NULL,
        first_received_ms INTEGER,
        dead_letter_source TEXT NOT NULL,
        receipt_nonce TEXT NOT NULL
    );
    CREATE INDEX sqs_message_queue ON sqs_message (account, region, queue);
)sql"}};

/// The id that messages of SNS have as their sender.
constexpr const char* sns_sender_id = "AIDAISMY7JYY5F7RTT6AO";

}  // namespace

Migrations migrations() { return {"sqs", steps}; }

void Write::announce(const QueueKey& key) {
    database.after_commit([&watch = watch, key] { watch.changed(key); });
}

Sqs::Sqs(Storage& storage, const Clock& clock, Random& random)
    : TableService(operations_table), storage_(storage), random_(random), watch_(clock) {}

Read Sqs::reading(Database& database, Instant now) {
    return {.queues = QueueReader(database), .messages = MessageReader(database), .now = now};
}

Write Sqs::writing(Database& database, Instant now) {
    return {.database = database,
            .queues = QueueReader(database),
            .queue_changes = QueueWriter(database),
            .messages = MessageReader(database),
            .message_changes = MessageWriter(database),
            .random = random_,
            .watch = watch_,
            .now = now};
}

std::unique_ptr<LongPoll> Sqs::long_poll(std::string_view operation, const Caller& caller,
                                         const Json& input) {
    if (operation != "ReceiveMessage") return nullptr;
    const auto key = queue_of_url(caller, text_or_empty(input, "QueueUrl"));
    if (!key) return nullptr;
    std::int64_t seconds = value_or(input, "WaitTimeSeconds", std::int64_t{-1});
    if (seconds < 0) {
        const auto lease = storage_.read();
        const auto queue = QueueReader(*lease).find(*key);
        seconds = queue ? queue->attributes.wait_seconds() : 0;
    }
    return seconds > 0 ? watch_.poll(*key, std::chrono::seconds{seconds}) : nullptr;
}

bool Sqs::send(Database& database, std::string_view queue_arn, const std::string& body,
               const Json& message_attributes, Instant now) {
    Write parts = writing(database, now);
    const auto key = queue_of_arn(queue_arn);
    const auto queue = key ? parts.queues.find(*key) : std::nullopt;
    if (!queue) return false;
    put_message(parts, *queue, {.body = body, .attributes = message_attributes, .sender_id = sns_sender_id},
                std::nullopt);
    return true;
}

void Sqs::reset(Database& database) {
    MessageWriter(database).clear();
    QueueWriter(database).clear();
    database.after_commit([this] { watch_.all_changed(); });
}

}  // namespace rockwatch::sqs
