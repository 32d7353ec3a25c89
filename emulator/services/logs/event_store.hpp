#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "services/logs/event_position.hpp"
#include "storage/database.hpp"

namespace rockwatch::logs {

/// What AWS adds to a message's length when it counts bytes: in batches, pages, storage.
inline constexpr std::int64_t event_overhead_bytes = 26;

inline std::int64_t event_bytes(std::string_view message) {
    return static_cast<std::int64_t>(message.size()) + event_overhead_bytes;
}

struct NewEvent {
    std::int64_t timestamp = 0;
    std::string_view message;
};

/// A stored event while it is looked at; `message` lives until the next one.
struct EventView {
    std::int64_t id = 0;
    std::int64_t stream_id = 0;
    std::int64_t timestamp = 0;
    std::int64_t ingestion_time = 0;
    std::string_view message;

    EventPosition position() const { return EventPosition::of(timestamp, id); }
};

/// The events strictly between two positions.
struct EventWindow {
    EventPosition after;
    EventPosition before;
};

using EventVisitor = std::function<bool(const EventView&)>;

/// Reads events by time. Its other half, EventWriter, stores and removes them.
class EventReader {
public:
    explicit EventReader(Database& database) : database_(database) {}

    /// Shows the window's events of one stream, oldest first, until `visit` says false.
    void stream_forward(std::int64_t stream_id, const EventWindow& window, const EventVisitor& visit) const;
    /// The same, newest first.
    void stream_backward(std::int64_t stream_id, const EventWindow& window, const EventVisitor& visit) const;
    /// The window's events of all streams of a group, oldest first.
    void group_forward(std::int64_t group_id, const EventWindow& window, const EventVisitor& visit) const;

private:
    Database& database_;
};

/// The streams of a group that take an event.
struct StreamKey {
    std::int64_t group_id = 0;
    std::int64_t stream_id = 0;
};

/// Stores and removes events; owns the tables log_event and log_event_floor. Runs on the writer.
class EventWriter {
public:
    explicit EventWriter(Database& database) : database_(database) {}

    /// Appends in the order given. Ids are never used again, even when their events are gone.
    void append(const StreamKey& stream, std::span<const NewEvent> events, std::int64_t ingestion_time);

    void erase_stream(std::int64_t stream_id);
    void erase_group(std::int64_t group_id);

    /// Told per stream what went.
    using Erased = std::function<void(std::int64_t stream_id, std::int64_t bytes)>;
    /// Removes the oldest events of a group that are older than `cutoff`, at most `limit`; how many went.
    int erase_before(std::int64_t group_id, std::int64_t cutoff, int limit, const Erased& erased);
    void clear();

private:
    void remember_ids();

    Database& database_;
};

}  // namespace rockwatch::logs
