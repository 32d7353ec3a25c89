#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/caller.hpp"

namespace rockwatch::sqs {

/// Which queue is meant.
struct QueueKey {
    std::string account;
    std::string region;
    std::string name;
    auto operator<=>(const QueueKey&) const = default;

    std::string arn() const;
};

/// http://localhost:4566/000000000000/orders: the host as the client used it, so that containers reach it
/// too.
std::string queue_url(const Caller& caller, const QueueKey& key);

/// The queue that a URL means: its last two segments, whatever its host (AWS's forms too); the region is the
/// caller's unless the path says otherwise (/queue/<region>/<account>/<name>). Nullopt when it has no such
/// segments.
std::optional<QueueKey> queue_of_url(const Caller& caller, std::string_view url);

/// Nullopt when the text is no ARN of a queue.
std::optional<QueueKey> queue_of_arn(std::string_view arn);

/// 1-80 letters, digits, hyphens, underscores.
bool is_queue_name(std::string_view name);

/// What ReceiveMessage gives out and takes back: names a message and the receiving of it.
struct Receipt {
    std::int64_t message = 0;
    std::string nonce;
};
std::string receipt_handle(const QueueKey& key, const Receipt& receipt);
/// Nullopt when it is not a handle of this queue.
std::optional<Receipt> read_receipt_handle(const QueueKey& key, std::string_view handle);

}  // namespace rockwatch::sqs
