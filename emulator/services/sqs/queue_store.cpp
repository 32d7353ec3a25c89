#include "services/sqs/queue_store.hpp"

namespace rockwatch::sqs {

namespace {

Json read_object(std::string_view text) {
    auto object = parse_json(text);
    return object && object->is_object() ? std::move(*object) : Json::object();
}

std::optional<std::int64_t> ms_of(const std::optional<Instant>& instant) {
    return instant ? std::optional(epoch_ms(*instant)) : std::nullopt;
}

/// The first text that does not start with `prefix`, behind all that do; names are ASCII.
std::string end_of_prefix(std::string_view prefix) { return std::string(prefix) + '\x7f'; }

}  // namespace

std::optional<Queue> QueueReader::find(const QueueKey& key) const {
    Rows rows = database_.query(R"sql(
        SELECT attributes, tags, created_ms, modified_ms, purged_ms FROM sqs_queue
        WHERE account = ? AND region = ? AND name = ?)sql",
                                key.account, key.region, key.name);
    if (!rows.step()) return std::nullopt;
    Queue queue{.key = key,
                .attributes = QueueAttributes(read_object(rows.view(0))),
                .tags = read_object(rows.view(1)),
                .created = from_epoch_ms(rows.integer(2)),
                .modified = from_epoch_ms(rows.integer(3))};
    if (const auto purged = rows.optional_integer(4)) queue.purged = from_epoch_ms(*purged);
    return queue;
}

std::vector<std::string> QueueReader::names(const Owner& owner, std::string_view prefix,
                                            std::string_view after, std::size_t limit) const {
    Rows rows = database_.query(R"sql(
        SELECT name FROM sqs_queue
        WHERE account = ? AND region = ? AND name > ? AND name >= ? AND name < ?
        ORDER BY name LIMIT ?)sql",
                                owner.account, owner.region, after, prefix, end_of_prefix(prefix),
                                static_cast<std::int64_t>(limit));
    std::vector<std::string> names;
    while (rows.step()) names.push_back(rows.text(0));
    return names;
}

void QueueWriter::add(const Queue& queue) {
    database_.run(R"sql(
        INSERT INTO sqs_queue (account, region, name, attributes, tags, created_ms, modified_ms, purged_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql",
                  queue.key.account, queue.key.region, queue.key.name, to_text(queue.attributes.stored()),
                  to_text(queue.tags), epoch_ms(queue.created), epoch_ms(queue.modified),
                  ms_of(queue.purged));
}

void QueueWriter::update(const Queue& queue) {
    database_.run(R"sql(
        UPDATE sqs_queue SET attributes = ?, tags = ?, modified_ms = ?, purged_ms = ?
        WHERE account = ? AND region = ? AND name = ?)sql",
                  to_text(queue.attributes.stored()), to_text(queue.tags), epoch_ms(queue.modified),
                  ms_of(queue.purged), queue.key.account, queue.key.region, queue.key.name);
}

void QueueWriter::remove(const QueueKey& key) {
    database_.run("DELETE FROM sqs_queue WHERE account = ? AND region = ? AND name = ?", key.account,
                  key.region, key.name);
}

void QueueWriter::clear() { database_.run("DELETE FROM sqs_queue"); }

}  // namespace rockwatch::sqs
