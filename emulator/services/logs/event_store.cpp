#include "services/logs/event_store.hpp"

#include <map>

namespace rockwatch::logs {

namespace {

void show(Rows rows, const EventVisitor& visit) {
    while (rows.step()) {
        const EventView event{.id = rows.integer(0),
                              .stream_id = rows.integer(1),
                              .timestamp = rows.integer(2),
                              .ingestion_time = rows.integer(3),
                              .message = rows.view(4)};
        if (!visit(event)) return;
    }
}

}  // namespace

void EventReader::stream_forward(std::int64_t stream_id, const EventWindow& window,
                                 const EventVisitor& visit) const {
    show(database_.query(R"sql(
             SELECT id, stream_id, timestamp, ingestion_time, message FROM log_event
             WHERE stream_id = ? AND (timestamp, id) > (?, ?) AND (timestamp, id) < (?, ?)
             ORDER BY timestamp, id)sql",
                         stream_id, window.after.timestamp, window.after.last_id_not_after(),
                         window.before.timestamp, window.before.first_id_not_before()),
         visit);
}

void EventReader::stream_backward(std::int64_t stream_id, const EventWindow& window,
                                  const EventVisitor& visit) const {
    show(database_.query(R"sql(
             SELECT id, stream_id, timestamp, ingestion_time, message FROM log_event
             WHERE stream_id = ? AND (timestamp, id) > (?, ?) AND (timestamp, id) < (?, ?)
             ORDER BY timestamp DESC, id DESC)sql",
                         stream_id, window.after.timestamp, window.after.last_id_not_after(),
                         window.before.timestamp, window.before.first_id_not_before()),
         visit);
}

void EventReader::group_forward(std::int64_t group_id, const EventWindow& window,
                                const EventVisitor& visit) const {
    show(database_.query(R"sql(
             SELECT id, stream_id, timestamp, ingestion_time, message FROM log_event
             WHERE group_id = ? AND (timestamp, id) > (?, ?) AND (timestamp, id) < (?, ?)
             ORDER BY timestamp, id)sql",
                         group_id, window.after.timestamp, window.after.last_id_not_after(),
                         window.before.timestamp, window.before.first_id_not_before()),
         visit);
}

void EventWriter::append(const StreamKey& stream, std::span<const NewEvent> events,
                         std::int64_t ingestion_time) {
    std::int64_t id = 0;
    {
        // Two look-ups in place of a counter: a counter would be one more page to write in every commit.
        Rows rows = database_.query(R"sql(
            SELECT max(coalesce((SELECT max(id) FROM log_event), 0),
                       (SELECT highest_deleted FROM log_event_floor)))sql");
        rows.step();
        id = rows.integer(0);
    }
    for (const NewEvent& event : events) {
        database_.run(R"sql(
            INSERT INTO log_event (id, group_id, stream_id, timestamp, ingestion_time, message)
            VALUES (?, ?, ?, ?, ?, ?))sql",
                      ++id, stream.group_id, stream.stream_id, event.timestamp, ingestion_time,
                      event.message);
    }
}

void EventWriter::remember_ids() {
    database_.run(R"sql(
        UPDATE log_event_floor
        SET highest_deleted = max(highest_deleted, coalesce((SELECT max(id) FROM log_event), 0)))sql");
}

void EventWriter::erase_stream(std::int64_t stream_id) {
    remember_ids();
    database_.run("DELETE FROM log_event WHERE stream_id = ?", stream_id);
}

void EventWriter::erase_group(std::int64_t group_id) {
    remember_ids();
    database_.run("DELETE FROM log_event WHERE group_id = ?", group_id);
}

int EventWriter::erase_before(std::int64_t group_id, std::int64_t cutoff, int limit, const Erased& erased) {
    remember_ids();
    std::map<std::int64_t, std::int64_t> bytes_of_stream;
    int count = 0;
    {
        Rows rows = database_.query(R"sql(
            DELETE FROM log_event WHERE id IN (
                SELECT id FROM log_event WHERE group_id = ? AND timestamp < ? ORDER BY timestamp, id LIMIT ?)
            RETURNING stream_id, length(CAST(message AS BLOB)))sql",
                                    group_id, cutoff, limit);
        for (; rows.step(); ++count)
            bytes_of_stream[rows.integer(0)] += rows.integer(1) + event_overhead_bytes;
    }
    for (const auto& [stream_id, bytes] : bytes_of_stream) erased(stream_id, bytes);
    return count;
}

void EventWriter::clear() {
    database_.run("DELETE FROM log_event");
    database_.run("UPDATE log_event_floor SET highest_deleted = 0");
}

}  // namespace rockwatch::logs
