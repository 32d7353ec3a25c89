#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "deliveries/sender.hpp"
#include "protocol/message.hpp"

namespace rockwatch::deliveries {

enum class Status {
    pending,    ///< to be tried, or tried again
    delivered,  ///< the target took it
    failed,     ///< given up; `error` says why
    captured,   ///< nobody was told where to: kept here for a test to look at
};

std::string_view status_text(Status status);

/// Carried by every POST of ours: how many deliveries in a row led to it. Whoever publishes because of it
/// hands the number on (Caller::hops), so that a loop of topics ends (threats.md T15).
inline constexpr std::string_view hops_header = "x-rockwatch-hops";
inline constexpr int hops_max = 8;

/// HTTP retries of SNS: three, twenty seconds apart (facts: protocols.md 5.7).
std::vector<Milliseconds> default_retry_waits();

/// Something that is to leave the emulator, or has.
struct NewDelivery {
    Owner owner;
    std::string source;    ///< alarm, sns, logs, bedrock
    std::string protocol;  ///< http, https, sqs, lambda, email, ...
    std::string target;    ///< URL or ARN
    std::string topic;     ///< ARN of the topic it came through; may be empty
    std::string payload;
    Headers headers;                                                ///< of the POST
    std::vector<Milliseconds> retry_waits = default_retry_waits();  ///< on the emulator's clock, one a retry
    std::string dead_letter;  ///< ARN of the queue that gets it when it fails; may be empty
    int hops = 0;             ///< deliveries that led to this one
    /// What has become of it already: SQS messages lie in their queue by now. Nullopt: the outbox sees to it.
    std::optional<Status> settled;
    std::string error;  ///< why it failed
};

/// A delivery as it is stored.
struct Delivery : NewDelivery {
    std::int64_t id = 0;
    Instant time;
    Status status = Status::pending;
    int attempts = 0;
    int http_status = 0;  ///< of the last answer; 0: none
    std::string url;      ///< where it is posted; empty: nowhere
    std::optional<Instant> next_attempt;
};

/// What an attempt's result means: delivered; failed for good (refused, 3xx, 4xx except 429); or pending when
/// a retry may help.
Status judge(const SendResult& result);

/// The URL that `--destination ARN=URL` gives an ARN; nullptr when none does. The first match counts.
struct Destination {
    std::string arn;  ///< `*` allowed
    std::string url;
};
const Destination* find_destination(const std::vector<Destination>& destinations, std::string_view target);

/// Which deliveries to list, oldest first.
struct DeliveryFilter {
    std::string target;      ///< glob or exact; matches the target or the topic it went through; empty: any
    std::string status;      ///< empty: any
    std::string source;      ///< empty: any
    std::int64_t after = 0;  ///< ids above
    std::size_t limit = 1000;
    std::optional<Instant> since;
    bool ended = false;  ///< leave out what is still pending
};

/// control-api.md's form, with members beside it that help: protocol, topic, httpStatus, nextAttempt.
Json to_json(const Delivery& delivery);

}  // namespace rockwatch::deliveries
