#pragma once

#include "core/agenda.hpp"
#include "core/clock.hpp"
#include "services/cloudwatch/alarm_scheduler.hpp"
#include "services/cloudwatch/metric_memory.hpp"
#include "services/cloudwatch/parts.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "storage/storage.hpp"

namespace rockwatch::cloudwatch {

Migrations migrations();

/// Amazon CloudWatch: metrics, alarms, dashboards. Thread-safe as the gateway uses it.
class CloudWatch : public TableService<Reading, Writing>, public MetricSink {
public:
    CloudWatch(Storage& storage, Agenda& agenda, const Clock& clock, Publisher& publisher,
               ActionSink& actions, AlarmListener& listener);

    std::string_view name() const override { return "cloudwatch"; }

    /// Data points that services report: minute resolution.
    void put(Database& database, const Owner& owner, std::string_view metric_namespace,
             std::span<const DataPoint> points) override;

    /// Arms the alarm schedule. At the program's start, and again after the agenda was emptied or the clock
    /// was set.
    void start() { scheduler_.start(); }

    /// Evaluates the named alarms, all when there are no names, and answers once that is committed. Not from
    /// within what runs after a commit.
    Evaluated evaluate(std::span<const std::string> names, Instant now) {
        return scheduler_.evaluate(names, now);
    }

    /// How many alarms were evaluated so far, each as often as it was.
    std::uint64_t evaluations() const { return scheduler_.evaluations(); }

    /// An alarm of that name, of any account and region; of several the one that changed last.
    std::optional<AlarmStanding> standing(Database& database, std::string_view alarm) const {
        return AlarmReader(database).standing(alarm);
    }

    /// Whether there are alarms, their history, or metrics: time must not run backwards under them.
    bool has_data(Database& database) const;

    // Within a write:
    void reset_metrics(Database& database);
    /// Alarms, their history, dashboards, and the tags of both.
    void reset_alarms(Database& database);

protected:
    Reading reading(Database& database, Instant now) override;
    Writing writing(Database& database, Instant now) override;

private:
    Storage& storage_;
    MetricMemory memory_;
    AlarmScheduler scheduler_;
};

}  // namespace rockwatch::cloudwatch
