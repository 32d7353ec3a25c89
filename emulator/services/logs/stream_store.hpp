#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"

namespace rockwatch::logs {

struct LogStream {
    std::int64_t id = 0;
    std::string name;
    std::int64_t creation_time = 0;
    std::optional<std::int64_t> first_event_time;
    std::optional<std::int64_t> last_event_time;
    std::optional<std::int64_t> last_ingestion_time;
};

enum class Direction { ascending, descending };

/// What a batch of events does to its stream.
struct StreamProgress {
    std::int64_t first_event_time = 0;
    std::int64_t last_event_time = 0;
    std::int64_t ingestion_time = 0;
    std::int64_t bytes = 0;
    std::optional<std::string> entity;  ///< replaces the stream's
};

/// Finds and lists log streams. Its other half, LogStreamWriter, changes them.
class LogStreamReader {
public:
    explicit LogStreamReader(Database& database) : database_(database) {}

    std::optional<LogStream> find(std::int64_t group_id, std::string_view name) const;
    std::optional<std::int64_t> find_id(std::int64_t group_id, std::string_view name) const;
    std::string name(std::int64_t stream_id) const;

    /// The next `limit` streams behind the one called `after` (nullopt: from the start of the listing).
    std::vector<LogStream> by_name(std::int64_t group_id, std::string_view prefix,
                                   std::optional<std::string_view> after, Direction direction,
                                   int limit) const;

    /// Where a listing by last event goes on. Streams without events count as 0 [facts/logs.md 4.3].
    struct LastEvent {
        std::int64_t time = 0;
        std::string name;
    };
    std::vector<LogStream> by_last_event(std::int64_t group_id, const std::optional<LastEvent>& after,
                                         Direction direction, int limit) const;

    /// Ids of the streams that start with `prefix`.
    std::vector<std::int64_t> ids(std::int64_t group_id, std::string_view prefix) const;

private:
    Database& database_;
};

/// Changes log streams; owns the table log_stream. Runs on the writer.
class LogStreamWriter {
public:
    explicit LogStreamWriter(Database& database) : database_(database) {}

    /// The new stream's id; nullopt when there is one of that name.
    std::optional<std::int64_t> create(std::int64_t group_id, std::string_view name, std::int64_t now);
    void erase(std::int64_t stream_id);
    void erase_group(std::int64_t group_id);
    void advance(std::int64_t stream_id, const StreamProgress& progress);
    void forget_bytes(std::int64_t stream_id, std::int64_t bytes);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::logs
