#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/caller.hpp"
#include "services/cloudwatch/alarm.hpp"
#include "storage/database.hpp"

namespace rockwatch::cloudwatch {

/// An entry of an alarm's history.
struct HistoryItem {
    std::int64_t id = 0;
    std::string alarm_name;
    std::string alarm_type = "MetricAlarm";
    Instant timestamp;
    std::string item_type;  ///< ConfigurationUpdate, StateUpdate, Action
    std::string summary;
    std::string data;
};

/// What DescribeAlarmHistory looks for.
struct HistoryFilter {
    std::string alarm_name;  ///< empty: of all alarms
    std::string item_type;   ///< empty: all
    Instant from;            ///< inclusive
    Instant until;           ///< inclusive
    enum class Order { newest_first, oldest_first } order = Order::newest_first;
    /// Where the last page ended.
    std::optional<std::pair<std::int64_t, std::int64_t>> after_time_and_id;
    int count_max = 100;
};

/// The state of an alarm, for those who wait for it.
struct AlarmStanding {
    Owner owner;
    std::string state;
    std::string reason;
    Instant since;
};

/// Reads alarms and their history; owns metric_alarm and alarm_history together with AlarmWriter.
class AlarmReader {
public:
    explicit AlarmReader(Database& database) : database_(database) {}

    std::optional<Alarm> find(const Owner& owner, const std::string& name) const;
    /// The owner's alarms whose names start with `prefix` and come after `after`, by name, until `visit` says
    /// false.
    void each(const Owner& owner, const std::string& prefix, const std::string& after,
              const std::function<bool(const Alarm&)>& visit) const;
    /// Alarms of all owners.
    void each(const std::function<void(Alarm)>& visit) const;
    std::vector<HistoryItem> history(const Owner& owner, const HistoryFilter& filter) const;

    /// An alarm of that name, of any owner; of several the one that changed last.
    std::optional<AlarmStanding> standing(std::string_view name) const;

    /// Whether any account has an alarm or the history of one.
    bool any() const;

private:
    Database& database_;
};

/// Changes alarms and writes their history. Runs on the writer thread.
class AlarmWriter {
public:
    explicit AlarmWriter(Database& database) : database_(database) {}

    void put(const Alarm& alarm);
    /// False when there is no such alarm.
    bool set_state(const Alarm& alarm);
    bool remove(const Owner& owner, const std::string& name);
    /// Writes the entry and drops the alarm's entries older than `kept_from`.
    void add_history(const Owner& owner, const HistoryItem& item, Instant kept_from);
    void remove_all();

private:
    Database& database_;
};

}  // namespace rockwatch::cloudwatch
