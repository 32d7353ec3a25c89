#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace rockwatch::sqs {

/// Largest message, and largest batch, in bytes (1 MiB since August 2025).
inline constexpr std::int64_t message_bytes_max = 1'048'576;

struct RedrivePolicy {
    std::string dead_letter_arn;
    std::int64_t receive_count_max = 0;
};

/// A queue's own attributes: what was set, as name and text. Defaults are filled in on reading.
class QueueAttributes {
public:
    QueueAttributes() = default;
    explicit QueueAttributes(Json set) : set_(std::move(set)) {}

    /// Takes attributes of CreateQueue or SetQueueAttributes; an empty policy takes a policy away. Throws
    /// InvalidAttributeName, InvalidAttributeValue or InvalidParameterValue, in AWS's words.
    void set(const Json& attributes);

    /// The name of the first of `attributes` that has another value here; nullopt when there is none.
    std::optional<std::string> first_difference(const Json& attributes) const;

    std::chrono::seconds delay() const { return std::chrono::seconds{number("DelaySeconds")}; }
    std::chrono::seconds visibility_timeout() const {
        return std::chrono::seconds{number("VisibilityTimeout")};
    }
    std::chrono::seconds retention() const { return std::chrono::seconds{number("MessageRetentionPeriod")}; }
    std::int64_t wait_seconds() const { return number("ReceiveMessageWaitTimeSeconds"); }
    std::int64_t message_bytes() const { return number("MaximumMessageSize"); }
    std::optional<RedrivePolicy> redrive_policy() const;
    /// Whether the queue may be the dead-letter queue of `source_arn` (RedriveAllowPolicy).
    bool allows_redrive_from(std::string_view source_arn) const;

    /// All attributes with their values, defaults included.
    Json effective() const;
    /// As they were set, for the store.
    const Json& stored() const { return set_; }

private:
    std::int64_t number(std::string_view name) const;

    Json set_ = Json::object();
};

/// Whether GetQueueAttributes knows the name.
bool is_queue_attribute(std::string_view name);

}  // namespace rockwatch::sqs
