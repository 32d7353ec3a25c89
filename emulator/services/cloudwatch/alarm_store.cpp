#include "services/cloudwatch/alarm_store.hpp"

#include <fmt/format.h>

namespace rockwatch::cloudwatch {

namespace {

const std::string columns =
    "account, region, name, configuration, configuration_updated_ms, state, state_reason, state_reason_data, "
    "state_updated_ms, state_transitioned_ms";

Alarm read_alarm(const Rows& rows) {
    Alarm alarm;
    alarm.owner = {.account = rows.text(0), .region = rows.text(1)};
    alarm.name = rows.text(2);
    alarm.configuration = Json::parse(rows.view(3));
    alarm.configuration_updated = from_epoch_ms(rows.integer(4));
    alarm.state = state_of(rows.view(5));
    alarm.reason = rows.text(6);
    alarm.reason_data = rows.optional_text(7);
    alarm.state_updated = from_epoch_ms(rows.integer(8));
    alarm.state_transitioned = from_epoch_ms(rows.integer(9));
    return alarm;
}

HistoryItem read_item(const Rows& rows) {
    return {.id = rows.integer(0),
            .alarm_name = rows.text(1),
            .alarm_type = rows.text(2),
            .timestamp = from_epoch_ms(rows.integer(3)),
            .item_type = rows.text(4),
            .summary = rows.text(5),
            .data = rows.text(6)};
}

}  // namespace

std::optional<Alarm> AlarmReader::find(const Owner& owner, const std::string& name) const {
    Rows rows = database_.query(
        "SELECT " + columns + " FROM metric_alarm WHERE account = ? AND region = ? AND name = ?",
        owner.account, owner.region, name);
    if (!rows.step()) return std::nullopt;
    return read_alarm(rows);
}

void AlarmReader::each(const Owner& owner, const std::string& prefix, const std::string& after,
                       const std::function<bool(const Alarm&)>& visit) const {
    Rows rows =
        database_.query("SELECT " + columns +
                            " FROM metric_alarm WHERE account = ? AND region = ? AND name >= ? ORDER BY name",
                        owner.account, owner.region, std::max(prefix, after));
    while (rows.step()) {
        if (!rows.view(2).starts_with(prefix)) return;
        if (rows.view(2) <= after) continue;
        if (!visit(read_alarm(rows))) return;
    }
}

void AlarmReader::each(const std::function<void(Alarm)>& visit) const {
    Rows rows = database_.query("SELECT " + columns + " FROM metric_alarm");
    while (rows.step()) visit(read_alarm(rows));
}

std::vector<HistoryItem> AlarmReader::history(const Owner& owner, const HistoryFilter& filter) const {
    const bool newest_first = filter.order == HistoryFilter::Order::newest_first;
    const std::int64_t from = epoch_ms(filter.from);
    const std::int64_t until = epoch_ms(filter.until);
    const auto [time, id] = filter.after_time_and_id.value_or(
        newest_first ? std::pair{until, INT64_MAX} : std::pair{from, std::int64_t{-1}});
    const std::string sql = fmt::format(
        "SELECT id, alarm_name, alarm_type, timestamp_ms, item_type, summary, data FROM alarm_history "
        "WHERE account = ? AND region = ? {} AND timestamp_ms BETWEEN ? AND ? AND (timestamp_ms, id) {} (?, "
        "?) {} "
        "ORDER BY timestamp_ms {}, id {} LIMIT ?",
        filter.alarm_name.empty() ? "AND ? = ''" : "AND alarm_name = ?", newest_first ? "<" : ">",
        filter.item_type.empty() ? "AND ? = ''" : "AND item_type = ?", newest_first ? "DESC" : "ASC",
        newest_first ? "DESC" : "ASC");
    Rows rows = database_.query(sql, owner.account, owner.region, filter.alarm_name, from, until, time, id,
                                filter.item_type, filter.count_max);
    std::vector<HistoryItem> items;
    while (rows.step()) items.push_back(read_item(rows));
    return items;
}

std::optional<AlarmStanding> AlarmReader::standing(std::string_view name) const {
    Rows rows = database_.query(R"sql(
        SELECT account, region, state, state_reason, state_transitioned_ms FROM metric_alarm
        WHERE name = ? ORDER BY state_transitioned_ms DESC LIMIT 1)sql",
                                name);
    if (!rows.step()) return std::nullopt;
    return AlarmStanding{.owner = {rows.text(0), rows.text(1)},
                         .state = rows.text(2),
                         .reason = rows.text(3),
                         .since = from_epoch_ms(rows.integer(4))};
}

bool AlarmReader::any() const {
    return database_.query("SELECT 1 FROM metric_alarm LIMIT 1").step() ||
           database_.query("SELECT 1 FROM alarm_history LIMIT 1").step();
}

void AlarmWriter::put(const Alarm& alarm) {
    database_.run(
        "INSERT OR REPLACE INTO metric_alarm (" + columns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        alarm.owner.account, alarm.owner.region, alarm.name, to_text(alarm.configuration),
        epoch_ms(alarm.configuration_updated), state_text(alarm.state), alarm.reason, alarm.reason_data,
        epoch_ms(alarm.state_updated), epoch_ms(alarm.state_transitioned));
}

bool AlarmWriter::set_state(const Alarm& alarm) {
    return database_.run(R"sql(
        UPDATE metric_alarm SET state = ?, state_reason = ?, state_reason_data = ?, state_updated_ms = ?,
                                state_transitioned_ms = ?
        WHERE account = ? AND region = ? AND name = ?)sql",
                         state_text(alarm.state), alarm.reason, alarm.reason_data,
                         epoch_ms(alarm.state_updated), epoch_ms(alarm.state_transitioned),
                         alarm.owner.account, alarm.owner.region, alarm.name) == 1;
}

bool AlarmWriter::remove(const Owner& owner, const std::string& name) {
    return database_.run("DELETE FROM metric_alarm WHERE account = ? AND region = ? AND name = ?",
                         owner.account, owner.region, name) == 1;
}

void AlarmWriter::add_history(const Owner& owner, const HistoryItem& item, Instant kept_from) {
    database_.run(R"sql(
        DELETE FROM alarm_history WHERE account = ? AND region = ? AND alarm_name = ? AND timestamp_ms < ?)sql",
                  owner.account, owner.region, item.alarm_name, epoch_ms(kept_from));
    database_.run(R"sql(
        INSERT INTO alarm_history (account, region, alarm_name, alarm_type, timestamp_ms, item_type, summary, data)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql",
                  owner.account, owner.region, item.alarm_name, item.alarm_type, epoch_ms(item.timestamp),
                  item.item_type, item.summary, item.data);
}

void AlarmWriter::remove_all() { database_.execute("DELETE FROM metric_alarm; DELETE FROM alarm_history;"); }

}  // namespace rockwatch::cloudwatch
