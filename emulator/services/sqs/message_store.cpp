#include "services/sqs/message_store.hpp"

namespace rockwatch::sqs {

MessageCounts MessageReader::count(const QueueKey& key, Instant now, Instant sent_after) const {
    Rows rows = database_.query(R"sql(
        SELECT total(visible_ms <= ?1), total(visible_ms > ?1 AND receive_count > 0),
               total(visible_ms > ?1 AND receive_count = 0)
        FROM sqs_message WHERE account = ?2 AND region = ?3 AND queue = ?4 AND sent_ms > ?5)sql",
                                epoch_ms(now), key.account, key.region, key.name, epoch_ms(sent_after));
    MessageCounts counts;
    if (rows.step())
        counts = {.visible = rows.integer(0), .in_flight = rows.integer(1), .delayed = rows.integer(2)};
    return counts;
}

std::optional<Message> MessageReader::next_visible(const QueueKey& key, Instant now,
                                                   std::int64_t after) const {
    Rows rows = database_.query(R"sql(
        SELECT sequence, message_id, body, attributes, system_attributes, sender_id, group_id, sent_ms, visible_ms,
               receive_count, first_received_ms, dead_letter_source
        FROM sqs_message
        WHERE account = ? AND region = ? AND queue = ? AND sequence > ? AND visible_ms <= ?
        ORDER BY sequence LIMIT 1)sql",
                                key.account, key.region, key.name, after, epoch_ms(now));
    if (!rows.step()) return std::nullopt;
    Message message{.sequence = rows.integer(0),
                    .message_id = rows.text(1),
                    .body = rows.text(2),
                    .attributes = read_attributes(rows.view(3)),
                    .system_attributes = read_attributes(rows.view(4)),
                    .sender_id = rows.text(5),
                    .group_id = rows.text(6),
                    .sent = from_epoch_ms(rows.integer(7)),
                    .visible = from_epoch_ms(rows.integer(8)),
                    .receive_count = static_cast<int>(rows.integer(9)),
                    .dead_letter_source = rows.text(11)};
    if (const auto first = rows.optional_integer(10)) message.first_received = from_epoch_ms(*first);
    return message;
}

std::optional<Instant> MessageReader::next_appearance(const QueueKey& key, Instant now) const {
    Rows rows = database_.query(R"sql(
        SELECT min(visible_ms) FROM sqs_message
        WHERE account = ? AND region = ? AND queue = ? AND visible_ms > ?)sql",
                                key.account, key.region, key.name, epoch_ms(now));
    if (!rows.step()) return std::nullopt;
    const auto visible = rows.optional_integer(0);
    return visible ? std::optional(from_epoch_ms(*visible)) : std::nullopt;
}

std::optional<HeldMessage> MessageReader::held(const QueueKey& key, std::int64_t sequence) const {
    Rows rows = database_.query(R"sql(
        SELECT visible_ms, receipt_nonce FROM sqs_message
        WHERE sequence = ? AND account = ? AND region = ? AND queue = ?)sql",
                                sequence, key.account, key.region, key.name);
    if (!rows.step()) return std::nullopt;
    return HeldMessage{.visible = from_epoch_ms(rows.integer(0)), .nonce = rows.text(1)};
}

void MessageWriter::add(const QueueKey& key, const Message& message) {
    database_.run(R"sql(
        INSERT INTO sqs_message (account, region, queue, message_id, body, attributes, system_attributes, sender_id,
                                 group_id, sent_ms, visible_ms, receive_count, dead_letter_source, receipt_nonce)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', ''))sql",
                  key.account, key.region, key.name, message.message_id, message.body,
                  attributes_text(message.attributes), attributes_text(message.system_attributes),
                  message.sender_id, message.group_id, epoch_ms(message.sent), epoch_ms(message.visible));
}

void MessageWriter::receive(const Message& message, std::string_view nonce) {
    database_.run(R"sql(
        UPDATE sqs_message SET visible_ms = ?, receive_count = ?, first_received_ms = ?, receipt_nonce = ?
        WHERE sequence = ?)sql",
                  epoch_ms(message.visible), message.receive_count, epoch_ms(*message.first_received), nonce,
                  message.sequence);
}

void MessageWriter::set_visible(std::int64_t sequence, Instant visible) {
    database_.run("UPDATE sqs_message SET visible_ms = ? WHERE sequence = ?", epoch_ms(visible), sequence);
}

void MessageWriter::move(const Message& message, const QueueKey& to) {
    database_.run(R"sql(
        INSERT INTO sqs_message (account, region, queue, message_id, body, attributes, system_attributes, sender_id,
                                 group_id, sent_ms, visible_ms, receive_count, first_received_ms, dead_letter_source,
                                 receipt_nonce)
        SELECT ?, ?, ?, message_id, body, attributes, system_attributes, sender_id, group_id, sent_ms, visible_ms,
               receive_count, first_received_ms, ?, ''
        FROM sqs_message WHERE sequence = ?)sql",
                  to.account, to.region, to.name, message.dead_letter_source, message.sequence);
    remove(message.sequence);
}

void MessageWriter::remove(std::int64_t sequence) {
    database_.run("DELETE FROM sqs_message WHERE sequence = ?", sequence);
}

void MessageWriter::remove_all(const QueueKey& key) {
    database_.run("DELETE FROM sqs_message WHERE account = ? AND region = ? AND queue = ?", key.account,
                  key.region, key.name);
}

void MessageWriter::clear() { database_.run("DELETE FROM sqs_message"); }

}  // namespace rockwatch::sqs
