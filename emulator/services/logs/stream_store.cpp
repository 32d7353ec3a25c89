#include "services/logs/stream_store.hpp"

#include <limits>

#include "services/logs/name_range.hpp"

namespace rockwatch::logs {

namespace {

LogStream stream_of(const Rows& rows) {
    return {.id = rows.integer(0),
            .name = rows.text(1),
            .creation_time = rows.integer(2),
            .first_event_time = rows.optional_integer(3),
            .last_event_time = rows.optional_integer(4),
            .last_ingestion_time = rows.optional_integer(5)};
}

std::vector<LogStream> streams_of(Rows rows) {
    std::vector<LogStream> streams;
    while (rows.step()) streams.push_back(stream_of(rows));
    return streams;
}

}  // namespace

std::optional<LogStream> LogStreamReader::find(std::int64_t group_id, std::string_view name) const {
    Rows rows = database_.query(R"sql(
        SELECT id, name, creation_time, first_event_time, last_event_time, last_ingestion_time
            FROM log_stream
        WHERE group_id = ? AND name = ?)sql",
                                group_id, name);
    if (!rows.step()) return std::nullopt;
    return stream_of(rows);
}

std::optional<std::int64_t> LogStreamReader::find_id(std::int64_t group_id, std::string_view name) const {
    Rows rows = database_.query("SELECT id FROM log_stream WHERE group_id = ? AND name = ?", group_id, name);
    if (!rows.step()) return std::nullopt;
    return rows.integer(0);
}

std::string LogStreamReader::name(std::int64_t stream_id) const {
    Rows rows = database_.query("SELECT name FROM log_stream WHERE id = ?", stream_id);
    return rows.step() ? rows.text(0) : std::string{};
}

std::vector<LogStream> LogStreamReader::by_name(std::int64_t group_id, std::string_view prefix,
                                                std::optional<std::string_view> after, Direction direction,
                                                int limit) const {
    const std::string end = behind_prefix(prefix);
    if (direction == Direction::ascending) {
        return streams_of(database_.query(R"sql(
            SELECT id, name, creation_time, first_event_time, last_event_time, last_ingestion_time
            FROM log_stream
            WHERE group_id = ? AND name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?)sql",
                                          group_id, after.value_or(""), prefix, end, limit));
    }
    return streams_of(database_.query(R"sql(
        SELECT id, name, creation_time, first_event_time, last_event_time, last_ingestion_time
            FROM log_stream
        WHERE group_id = ? AND name < ? AND name >= ? ORDER BY name DESC LIMIT ?)sql",
                                      group_id, after.value_or(end), prefix, limit));
}

std::vector<LogStream> LogStreamReader::by_last_event(std::int64_t group_id,
                                                      const std::optional<LastEvent>& after,
                                                      Direction direction, int limit) const {
    // No index on the time of the last event: every put would pay for it. The listing sorts, keeping `limit`.
    if (direction == Direction::ascending) {
        const LastEvent bound = after.value_or(LastEvent{-1, ""});
        return streams_of(database_.query(R"sql(
            SELECT id, name, creation_time, first_event_time, last_event_time, last_ingestion_time
            FROM log_stream WHERE group_id = ? AND (coalesce(last_event_time, 0), name) > (?, ?)
            ORDER BY coalesce(last_event_time, 0), name LIMIT ?)sql",
                                          group_id, bound.time, bound.name, limit));
    }
    const LastEvent bound = after.value_or(LastEvent{std::numeric_limits<std::int64_t>::max(), ""});
    return streams_of(database_.query(R"sql(
        SELECT id, name, creation_time, first_event_time, last_event_time, last_ingestion_time
            FROM log_stream
        WHERE group_id = ? AND (coalesce(last_event_time, 0), name) < (?, ?)
        ORDER BY coalesce(last_event_time, 0) DESC, name DESC LIMIT ?)sql",
                                      group_id, bound.time, bound.name, limit));
}

std::vector<std::int64_t> LogStreamReader::ids(std::int64_t group_id, std::string_view prefix) const {
    std::vector<std::int64_t> ids;
    Rows rows = database_.query("SELECT id FROM log_stream WHERE group_id = ? AND name >= ? AND name < ?",
                                group_id, prefix, behind_prefix(prefix));
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

std::optional<std::int64_t> LogStreamWriter::create(std::int64_t group_id, std::string_view name,
                                                    std::int64_t now) {
    const int made = database_.run(
        "INSERT INTO log_stream (group_id, name, creation_time) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        group_id, name, now);
    if (made == 0) return std::nullopt;
    return database_.last_insert_id();
}

void LogStreamWriter::erase(std::int64_t stream_id) {
    database_.run("DELETE FROM log_stream WHERE id = ?", stream_id);
}

void LogStreamWriter::erase_group(std::int64_t group_id) {
    database_.run("DELETE FROM log_stream WHERE group_id = ?", group_id);
}

void LogStreamWriter::advance(std::int64_t stream_id, const StreamProgress& progress) {
    database_.run(R"sql(
        UPDATE log_stream SET first_event_time = min(coalesce(first_event_time, ?1), ?1),
                              last_event_time = max(coalesce(last_event_time, ?2), ?2),
                              last_ingestion_time = ?3, stored_bytes = stored_bytes + ?4,
                              entity = coalesce(?5, entity)
        WHERE id = ?6)sql",
                  progress.first_event_time, progress.last_event_time, progress.ingestion_time,
                  progress.bytes, progress.entity, stream_id);
}

void LogStreamWriter::forget_bytes(std::int64_t stream_id, std::int64_t bytes) {
    database_.run("UPDATE log_stream SET stored_bytes = stored_bytes - ? WHERE id = ?", bytes, stream_id);
}

void LogStreamWriter::clear() {
    database_.run("DELETE FROM log_stream");
    database_.run("DELETE FROM sqlite_sequence WHERE name = 'log_stream'");
}

}  // namespace rockwatch::logs
