#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/sqs/message.hpp"
#include "services/sqs/queue_address.hpp"
#include "storage/database.hpp"

namespace rockwatch::sqs {

struct MessageCounts {
    std::int64_t visible = 0;
    std::int64_t in_flight = 0;
    std::int64_t delayed = 0;
};

/// What is known of a message that somebody holds a receipt for.
struct HeldMessage {
    Instant visible;
    std::string nonce;  ///< of its latest receiving
};

/// Finds messages; reads the table sqs_message.
class MessageReader {
public:
    explicit MessageReader(Database& database) : database_(database) {}

    /// Counts what was sent after `sent_after`: older messages have expired.
    MessageCounts count(const QueueKey& key, Instant now, Instant sent_after) const;
    /// The oldest visible message behind `after`.
    std::optional<Message> next_visible(const QueueKey& key, Instant now, std::int64_t after) const;
    /// When the next of the hidden messages becomes visible.
    std::optional<Instant> next_appearance(const QueueKey& key, Instant now) const;
    std::optional<HeldMessage> held(const QueueKey& key, std::int64_t sequence) const;

private:
    Database& database_;
};

/// Changes messages; owns the table sqs_message. Runs on the writer thread.
class MessageWriter {
public:
    explicit MessageWriter(Database& database) : database_(database) {}

    void add(const QueueKey& key, const Message& message);
    /// Hides it until `message.visible`; older receipts are void.
    void receive(const Message& message, std::string_view nonce);
    void set_visible(std::int64_t sequence, Instant visible);
    /// To another queue, as its newest message.
    void move(const Message& message, const QueueKey& to);
    void remove(std::int64_t sequence);
    void remove_all(const QueueKey& key);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::sqs
