#pragma once

#include "core/instant.hpp"
#include "services/cloudwatch/alarm_scheduler.hpp"
#include "services/cloudwatch/alarm_store.hpp"
#include "services/cloudwatch/dashboard_store.hpp"
#include "services/cloudwatch/metric_store.hpp"
#include "services/cloudwatch/tag_store.hpp"
#include "storage/storage.hpp"

namespace rockwatch::cloudwatch {

/// What a reading operation works with: the stores over this call's connection.
struct Reading {
    Instant now;
    MetricReader metrics;
    AlarmReader alarms;
    DashboardReader dashboards;
    TagReader tags;

    Reading(Database& database, Instant now)
        : now(now), metrics(database), alarms(database), dashboards(database), tags(database) {}
};

/// What a changing operation works with besides.
struct Writing : Reading {
    Storage& storage;  ///< to enqueue what is to be done even though the call is refused
    Database& database;
    MetricWriter metric_writer;
    AlarmWriter alarm_writer;
    DashboardWriter dashboard_writer;
    TagWriter tag_writer;
    AlarmScheduler& scheduler;

    Writing(Storage& storage, Database& database, Instant now, MetricMemory& memory,
            AlarmScheduler& scheduler)
        : Reading(database, now),
          storage(storage),
          database(database),
          metric_writer(database, memory),
          alarm_writer(database),
          dashboard_writer(database),
          tag_writer(database),
          scheduler(scheduler) {}
};

}  // namespace rockwatch::cloudwatch
