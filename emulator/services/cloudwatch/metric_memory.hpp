#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "services/cloudwatch/metric_dimensions.hpp"
#include "services/cloudwatch/statistics.hpp"
#include "storage/database.hpp"

namespace rockwatch::cloudwatch {

/// Ids of series that are committed. Belongs to the writer: only writes touch it.
class SeriesIds {
public:
    /// A text that names one series; valid until the next call.
    const std::string& key(const Owner& owner, std::string_view metric_namespace,
                           std::string_view metric_name, const std::vector<Dimension>& sorted,
                           std::string_view unit);

    std::optional<std::int64_t> find(const std::string& key) const;
    /// Remembers the id once `database` has committed it.
    void remember(Database& database, const std::string& key, std::int64_t id);
    /// After a reset: at once, since a cache may always forget. Ids still on their way are not taken any
    /// more.
    void forget_all();

    /// Moves on when there may be new series, or none of the old ones.
    std::uint64_t version() const { return version_; }

private:
    std::unordered_map<std::string, std::int64_t> ids_;
    std::string key_;
    std::uint64_t reset_count_ = 0;
    std::uint64_t version_ = 1;
};

/// Buckets of whole minutes that alarms look at, so that a tick reads the newest minutes alone. Belongs to
/// the writer: only writes touch it.
class MinuteBuckets {
public:
    /// Starts an evaluation. False when an earlier one was not committed (yet): what it read is forgotten.
    bool begin(Database& database);
    /// Ends an evaluation of all alarms: minutes that none of them asked for are dropped.
    void end_of_all();

    enum class Keep { totals, samples };
    /// `count` windows of `period`, the newest one ending at `end`, oldest first. Both are whole minutes.
    std::vector<Bucket> windows(Database& database, std::int64_t series, Instant end, Milliseconds period,
                                int count, Keep keep);

    /// A sample arrives: what is known of that minute no longer holds.
    void touch(std::int64_t series, std::int64_t start_ms);
    void forget_all() { series_.clear(); }

private:
    struct Known {
        Instant from{};  ///< [from, to) is known but for the holes
        Instant to{};
        Instant asked_from{};
        bool was_asked = false;
        std::map<Instant, Bucket> minutes;  ///< no entry: no sample
        std::set<Instant> holes;
    };
    static void fill(Database& database, std::int64_t series, Known& known, Instant from, Instant to);

    std::unordered_map<std::int64_t, Known> series_;
    bool is_open_ = false;
};

/// What the metrics of all accounts keep in memory.
struct MetricMemory {
    SeriesIds ids;
    MinuteBuckets minutes;
};

}  // namespace rockwatch::cloudwatch
