#include "services/logs/service.hpp"

namespace rockwatch::logs {

namespace {

// Event ids are given out by EventWriter, one more than any event ever had: log_event_floor remembers the ids
// of those that were deleted. The two indexes of log_event end with the row id by themselves, so they are
// (stream, timestamp, id) and (group, timestamp, id); a third would cost the put path and serves nothing yet.
constexpr const char* tables = R"sql(
    CREATE TABLE log_group (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        creation_time INTEGER NOT NULL,
        class TEXT NOT NULL,
        retention_days INTEGER,
        kms_key_id TEXT,
        deletion_protection INTEGER NOT NULL,
        UNIQUE (account, region, name)
    );
    CREATE INDEX log_group_with_retention ON log_group (retention_days) WHERE retention_days IS NOT NULL;

    CREATE TABLE log_group_tag (
        group_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (group_id, key)
    ) WITHOUT ROWID;

    CREATE TABLE log_stream (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        creation_time INTEGER NOT NULL,
        first_event_time INTEGER,
        last_event_time INTEGER,
        last_ingestion_time INTEGER,
        stored_bytes INTEGER NOT NULL DEFAULT 0,
        entity TEXT,
        UNIQUE (group_id, name)
    );

    CREATE TABLE log_event (
        id INTEGER PRIMARY KEY,
        group_id INTEGER NOT NULL,
        stream_id INTEGER NOT NULL,
        timestamp INTEGER NOT NULL,
        ingestion_time INTEGER NOT NULL,
        message TEXT NOT NULL
    );
    CREATE INDEX log_event_by_stream ON log_event (stream_id, timestamp);
    CREATE INDEX log_event_by_group ON log_event (group_id, timestamp);

    CREATE TABLE log_event_floor (id INTEGER PRIMARY KEY CHECK (id = 1), highest_deleted INTEGER NOT NULL);
    INSERT INTO log_event_floor VALUES (1, 0);

    CREATE VIEW log_events AS
        SELECT g.account, g.region, g.name AS log_group, s.name AS log_stream,
               strftime('%Y-%m-%dT%H:%M:%fZ', e.timestamp / 1000.0, 'unixepoch') AS time,
               strftime('%Y-%m-%dT%H:%M:%fZ', e.ingestion_time / 1000.0, 'unixepoch') AS ingestion_time,
               e.message
        FROM log_event e JOIN log_stream s ON s.id = e.stream_id JOIN log_group g ON g.id = e.group_id;
)sql";

constexpr Migration steps[] = {{1, tables}};

}  // namespace

Migrations migrations() { return {.owner = "logs", .steps = steps}; }

}  // namespace rockwatch::logs
