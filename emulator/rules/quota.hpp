#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"
#include "rules/rule.hpp"

/// Throttling as Bedrock does it: requests and tokens a minute. Pure.
namespace rockwatch::rules {

/// One limit, of every account, region and model that it matches, each counted by itself.
struct Quota {
    Match match;  ///< model_ids, account and region alone
    std::optional<std::int64_t> requests_per_minute;
    std::optional<std::int64_t> tokens_per_minute;
    Json document;  ///< as given
};

/// Reads {"quotas":[…]}. Throws InputError 400 InvalidQuota with the place (/quotas/0/tokensPerMinute), 400
/// TooManyQuotas.
std::vector<Quota> quotas_from_json(const Json& request);

/// Which limit a call would have exceeded.
enum class QuotaLimit { requests, tokens };

/// What was admitted within the last minute, for one quota and one account, region and model.
///
/// Chosen: the minute slides, over the emulator's whole milliseconds, and is half open: a call no longer
/// counts 60,000 ms after it came. So the limit holds for any minute that one may look at, and a call is
/// refused only when it would be exceeded. Calls of one millisecond share a row: never more than 60,000.
/// Chosen: a call's tokens belong to the instant at which it was admitted, however long it takes.
class SlidingMinute {
public:
    /// Nullopt: a call of so many tokens may come at `now`, which is never before the last call's.
    std::optional<QuotaLimit> refusal(const Quota& quota, Instant now, std::int64_t tokens);
    void add(Instant now, std::int64_t tokens);
    /// The call of that instant took so many tokens more, or fewer, than it was counted with.
    void correct(Instant admitted, std::int64_t difference);
    /// Whether nothing counts any more.
    bool empty(Instant now) const;

    std::int64_t requests() const { return requests_; }
    std::int64_t tokens() const { return tokens_; }

private:
    struct Row {
        Instant at;
        std::int64_t requests = 0;
        std::int64_t tokens = 0;
    };

    void slide(Instant now);

    std::deque<Row> rows_;
    std::int64_t requests_ = 0;
    std::int64_t tokens_ = 0;
};

}  // namespace rockwatch::rules
