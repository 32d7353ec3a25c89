#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"
#include "services/sqs/queue_address.hpp"
#include "services/sqs/queue_attributes.hpp"
#include "storage/database.hpp"

namespace rockwatch::sqs {

struct Queue {
    QueueKey key;
    QueueAttributes attributes;
    Json tags = Json::object();
    Instant created;
    Instant modified;
    std::optional<Instant> purged;
};

/// Finds queues; reads the table sqs_queue.
class QueueReader {
public:
    explicit QueueReader(Database& database) : database_(database) {}

    std::optional<Queue> find(const QueueKey& key) const;
    /// Names in order, after `after`, that start with `prefix`; at most `limit`.
    std::vector<std::string> names(const Owner& owner, std::string_view prefix, std::string_view after,
                                   std::size_t limit) const;

private:
    Database& database_;
};

/// Changes queues; owns the table sqs_queue. Runs on the writer thread.
class QueueWriter {
public:
    explicit QueueWriter(Database& database) : database_(database) {}

    void add(const Queue& queue);
    /// Attributes, tags, times.
    void update(const Queue& queue);
    void remove(const QueueKey& key);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::sqs
