#pragma once

#include <span>
#include <string_view>

#include "core/agenda.hpp"
#include "core/clock.hpp"
#include "services/logs/event_store.hpp"
#include "services/logs/group_store.hpp"
#include "services/logs/stream_store.hpp"
#include "services/logs/sweep.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "storage/storage.hpp"

namespace rockwatch::logs {

/// The tables of this service.
Migrations migrations();

/// What a reading operation works with.
struct Reading {
    Reading(Database& database, Instant now)
        : groups(database), streams(database), events(database), now(now) {}

    LogGroupReader groups;
    LogStreamReader streams;
    EventReader events;
    Instant now;
};

/// What a changing operation works with: it may look, too.
struct Writing : Reading {
    Writing(Database& database, Instant now, RetentionSweep& sweep, LogListener& listener)
        : Reading(database, now),
          group_writer(database),
          stream_writer(database),
          event_writer(database),
          database(database),
          sweep(sweep),
          listener(listener) {}

    LogGroupWriter group_writer;
    LogStreamWriter stream_writer;
    EventWriter event_writer;
    Database& database;  ///< for after_commit alone
    RetentionSweep& sweep;
    LogListener& listener;  ///< asked before anything is copied for it; told after the commit
};

/// CloudWatch Logs.
class Logs : public TableService<Reading, Writing>, public LogSink {
public:
    Logs(Storage& storage, Agenda& agenda, const Clock& clock, LogListener& listener);

    std::string_view name() const override { return "logs"; }

    /// Puts on a cleared agenda what is due later.
    void start() { sweep_.start(); }
    /// Removes every group, stream and event of every account and region.
    void reset(Database& database);
    /// Whether there are log groups: then time may not go backwards.
    bool has_data(Database& database) const { return LogGroupReader(database).any(); }

    bool has_group(Database& database, const Owner& owner, std::string_view group) override;
    bool put(Database& database, const Owner& owner, std::string_view group, std::string_view stream,
             std::span<const LogLine> lines, Instant now) override;

protected:
    Reading reading(Database& database, Instant now) override { return {database, now}; }
    Writing writing(Database& database, Instant now) override { return {database, now, sweep_, listener_}; }

private:
    LogListener& listener_;
    RetentionSweep sweep_;
};

}  // namespace rockwatch::logs
