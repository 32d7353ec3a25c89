#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/agenda.hpp"
#include "core/clock.hpp"
#include "services/cloudwatch/alarm_store.hpp"
#include "services/cloudwatch/metric_memory.hpp"
#include "services/cloudwatch/metric_store.hpp"
#include "services/ports.hpp"
#include "storage/storage.hpp"

namespace rockwatch::cloudwatch {

/// How long an alarm's history is kept.
inline constexpr std::chrono::hours history_kept{24 * 14};

/// What one evaluation came to.
struct Evaluated {
    std::vector<AlarmTransition> transitions;
    std::uint64_t evaluations = 0;
};

/// What the scheduler works with, from the most general to the most special.
struct SchedulerParts {
    Storage& storage;
    Agenda& agenda;
    const Clock& clock;
    Publisher& publisher;
    ActionSink& actions;
    AlarmListener& listener;
    MetricMemory& metrics;
};

/// Evaluates alarms each minute, or each 10 s while one has a short period; changes their states, writes
/// history and runs actions. One task on the agenda, while there are alarms.
class AlarmScheduler {
public:
    explicit AlarmScheduler(const SchedulerParts& parts) : parts_(parts) {}

    /// Arms the schedule for the alarms of the file. Again after the agenda was emptied or the clock was set.
    void start();

    /// Evaluates the named alarms of all owners, all when there are no names, and returns once that is
    /// committed.
    Evaluated evaluate(std::span<const std::string> names, Instant now);

    std::uint64_t evaluations() const { return evaluations_.load(std::memory_order_relaxed); }

    // For operations, within their write:

    /// The alarm was changed, made or removed. The next evaluation reads it again.
    void changed(const Owner& owner, const std::string& name);
    /// All alarms are gone.
    void forget_all();
    /// Has the schedule armed once `database` has committed.
    void arm_after_commit(Database& database, Instant now, std::int64_t period_seconds);
    /// Moves an alarm to another state: the change in the store, its history, its actions, the listener.
    void transition(Database& database, const Alarm& before, const Alarm& after);

private:
    using Key = std::pair<Owner, std::string>;
    enum class Scope { all, short_periods };
    /// An alarm in memory, with the series it looks at.
    struct Entry {
        WatchedAlarm watched;
        std::vector<UnitSeries> series;
        std::uint64_t series_version = 0;  ///< SeriesIds::version() at the look-up
    };
    struct Change {
        Alarm before;
        Alarm after;
    };
    /// What an action's history tells.
    struct Acted {
        std::string published;             ///< JSON
        std::optional<std::string> error;  ///< nullopt: it was taken
    };
    struct Outcome {
        Evaluated evaluated;
        bool has_alarms = false;
        bool has_short_periods = false;
    };

    void tick(Instant due);
    void arm(Instant after, bool short_periods);
    void load(Database& database);
    std::optional<Change> judge_one(Database& database, Entry& entry, Instant now);
    const std::vector<UnitSeries>& series_of(Database& database, Entry& entry) const;
    std::vector<AlarmDatapoint> datapoints(Database& database, Entry& entry, Instant end);
    Outcome evaluate_in(Database& database, std::span<const std::string> names, Scope scope, Instant now);
    bool write_change(Database& database, const Change& change);
    void run_actions(Database& database, const Change& change);
    Acted run_action(Database& database, const Change& change, const std::string& arn,
                     const std::string& message);

    SchedulerParts parts_;
    std::atomic<std::uint64_t> evaluations_{0};

    // Alarms in memory: the writer's alone. A name in `stale_` is read from its table before it is used, and
    // leaves `stale_` when what was read is committed.
    std::map<Key, Entry> alarms_;
    std::map<Key, std::uint64_t> stale_;
    std::uint64_t stale_count_ = 0;
    bool is_loaded_ = false;
    std::uint64_t reset_count_ = 0;

    std::mutex armed_mutex_;
    std::optional<Instant> armed_for_;
};

}  // namespace rockwatch::cloudwatch
