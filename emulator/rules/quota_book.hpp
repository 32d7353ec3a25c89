#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "rules/match.hpp"
#include "rules/quota.hpp"
#include "storage/storage.hpp"

namespace rockwatch::rules {

/// What an admitted call holds of its quotas, until it is settled.
struct QuotaCharge {
    std::uint64_t counted_since = 0;
    Instant admitted{};
    std::int64_t tokens = 0;            ///< reserved
    std::vector<std::string> counters;  ///< empty: no quota matched
};

/// The quotas in force and what was counted against them. Thread-safe: the list is committed first and seen
/// then, as rules are; counts live in memory alone.
///
/// Chosen: counting begins anew with a new list, and when the clock has gone back: what was counted lies in
/// the future then, and nobody may be locked out until it comes.
/// Chosen: a call counts at the clock's reading when it is admitted, which under load may lie a moment after
/// the arrival that the journal tells; so readings come in order.
class QuotaBook {
public:
    QuotaBook(Storage& storage, const Clock& clock);

    std::vector<Json> list() const;
    /// Puts {"quotas":[…]} in place of what was there. Throws InputError as quotas_from_json.
    void put(const Json& request);
    void clear();

    /// No quotas: nobody has to ask admit(). Costs one load.
    bool empty() const { return !any_.load(std::memory_order_acquire); }

    /// How many accounts, regions and models are counted by themselves, those of the last minutes alone.
    std::size_t counters() const;

    struct Asked {
        const Invocation& invocation;
        std::string_view model;   ///< by whose name it is counted
        std::int64_t tokens = 0;  ///< input and the most output it asks for
    };
    /// Takes a call's request and tokens from every quota that matches it, or from none.
    /// Returns the limit that refuses it; nullopt: admitted, and `charge` must be settled.
    std::optional<QuotaLimit> admit(const Asked& asked, QuotaCharge& charge);

    /// The call is over and burned so many tokens.
    void settle(const QuotaCharge& charge, std::int64_t tokens);

private:
    void publish(std::vector<Quota> quotas);
    void begin_anew();
    void make_room(Instant now);

    Storage& storage_;
    const Clock& clock_;
    std::atomic<bool> any_{false};
    mutable std::mutex mutex_;  // guards what follows
    std::vector<Quota> quotas_;
    std::unordered_map<std::string, SlidingMinute> counters_;
    std::uint64_t counted_since_ = 0;  // which beginning of the count the present one is
    std::size_t counters_at_sweep_ = 0;
    Instant latest_{};
};

}  // namespace rockwatch::rules
