#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stage.hpp"

namespace rockwatch::simulation {

/// What SQS queues hold. Messages stand in the order in which they came.
class QueuesModel {
public:
    struct Message {
        std::string id;    ///< empty: came through a topic, SNS tells nobody the id
        std::string body;  ///< of a notification that is not raw: the text inside
        bool enveloped = false;
        std::int64_t sent = 0;
        std::int64_t visible = 0;
        int receives = 0;
        std::string handle;  ///< the newest
    };
    struct Queue {
        std::map<std::string, std::string> attributes;
        std::optional<std::int64_t> purged;
        std::vector<Message> messages;

        std::int64_t number(const std::string& name, std::int64_t preset) const;
        std::int64_t retention_ms() const { return number("MessageRetentionPeriod", 345'600) * 1000; }
        /// Of the redrive policy: the queue's name, or empty.
        std::string dead_letters() const;
        int receives_max() const;
    };
    using Queues = std::map<std::string, Queue>;

    std::string expected_error(std::size_t who, const std::string& operation, const Json& input,
                               std::int64_t now) const;
    void accepted(std::size_t who, const std::string& operation, const Json& input, const Json& output,
                  std::int64_t now);
    /// A topic's message; false when there is no such queue.
    bool take(std::size_t who, const std::string& queue, Message message, std::int64_t now);
    void reset() { owners_ = {}; }

    const Queues& queues(std::size_t who) const { return owners_.at(who); }
    /// The handle of that number that a queue has given out, counted round, the newest being -1; nullopt: it
    /// gave out none.
    std::optional<std::string> handle(std::size_t who, const std::string& queue, std::int64_t number) const;

private:
    void received(std::size_t who, const std::string& name, const Json& input, const Json& output,
                  std::int64_t now);
    void sent(Queue& queue, const Json& entry, const std::string& id, std::int64_t now);

    std::array<Queues, owner_count> owners_;
    std::map<std::pair<std::size_t, std::string>, std::vector<std::string>> handles_;
};

/// Counts and names of one owner's queues (I19, I4).
void check_queues(Stage& stage, const QueuesModel& model, std::size_t who, std::uint64_t luck);

std::string queue_of_url(const Json& input);

}  // namespace rockwatch::simulation
