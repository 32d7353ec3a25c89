#pragma once

#include <compare>
#include <string>

namespace rockwatch {

/// Whose resources a call means. Nearly every table starts with these two.
struct Owner {
    std::string account;  ///< 12 digits
    std::string region;   ///< us-east-1
    auto operator<=>(const Owner&) const = default;
};

/// Who calls, and through which door.
struct Caller : Owner {
    std::string access_key;     ///< empty when the request was unsigned
    std::string principal_arn;  ///< arn:aws:iam::<account>:root for static keys
    std::string request_id;     ///< UUID, sent back as x-amzn-RequestId
    std::string base_url;       ///< http://host:port as the client used it; SQS builds queue URLs from it
    int hops = 0;               ///< deliveries of ours in a row that led to this call (x-rockwatch-hops)
};

}  // namespace rockwatch
