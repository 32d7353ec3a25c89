#include <array>

#include "services/cloudwatch/service.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr std::array<Migration, 1> steps{{{1, R"sql(
    -- A metric with one unit. dimensions: JSON list sorted by name.
    CREATE TABLE metric_series (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        namespace TEXT NOT NULL,
        metric_name TEXT NOT NULL,
        dimensions TEXT NOT NULL,
        unit TEXT NOT NULL,
        UNIQUE (account, region, namespace, metric_name, dimensions, unit));
    -- start_ms: the second or minute the samples belong to; weight: how many had this value.
    CREATE TABLE metric_sample (
        series_id INTEGER NOT NULL,
        start_ms INTEGER NOT NULL,
        value REAL NOT NULL,
        weight REAL NOT NULL,
        PRIMARY KEY (series_id, start_ms, value)) WITHOUT ROWID;
    -- Sums of a client whose single values nobody knows.
    CREATE TABLE metric_statistic_set (
        id INTEGER PRIMARY KEY,
        series_id INTEGER NOT NULL,
        start_ms INTEGER NOT NULL,
        sample_count REAL NOT NULL,
        sum REAL NOT NULL,
        minimum REAL NOT NULL,
        maximum REAL NOT NULL);
    CREATE INDEX metric_statistic_set_by_time ON metric_statistic_set (series_id, start_ms);
    CREATE VIEW metric_samples AS
        SELECT s.account, s.region, s.namespace, s.metric_name, s.dimensions, s.unit,
               strftime('%Y-%m-%dT%H:%M:%SZ', p.start_ms / 1000, 'unixepoch') AS time, p.value, p.weight
        FROM metric_sample p JOIN metric_series s ON s.id = p.series_id;

    -- configuration: PutMetricAlarm's members as JSON.
    CREATE TABLE metric_alarm (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        configuration TEXT NOT NULL,
        configuration_updated_ms INTEGER NOT NULL,
        state TEXT NOT NULL,
        state_reason TEXT NOT NULL,
        state_reason_data TEXT,
        state_updated_ms INTEGER NOT NULL,
        state_transitioned_ms INTEGER NOT NULL,
        PRIMARY KEY (account, region, name)) WITHOUT ROWID;
    CREATE TABLE alarm_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        alarm_name TEXT NOT NULL,
        alarm_type TEXT NOT NULL,
        timestamp_ms INTEGER NOT NULL,
        item_type TEXT NOT NULL,
        summary TEXT NOT NULL,
        data TEXT NOT NULL);
    CREATE INDEX alarm_history_by_alarm ON alarm_history (account, region, alarm_name, timestamp_ms, id);
    CREATE INDEX alarm_history_by_time ON alarm_history (account, region, timestamp_ms, id);

    -- Dashboards have no region.
    CREATE TABLE dashboard (
        account TEXT NOT NULL,
        name TEXT NOT NULL,
        body TEXT NOT NULL,
        last_modified_ms INTEGER NOT NULL,
        PRIMARY KEY (account, name)) WITHOUT ROWID;

    CREATE TABLE cloudwatch_tag (
        account TEXT NOT NULL,
        arn TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (account, arn, key)) WITHOUT ROWID;
)sql"}}};

}  // namespace

Migrations migrations() { return {.owner = "cloudwatch", .steps = steps}; }

}  // namespace rockwatch::cloudwatch
