#include "world/feed_events.hpp"

#include "core/text_time.hpp"

namespace rockwatch {

namespace {

// A batch may have 10,000 events of a megabyte in all: whoever wants all of them reads the log.
constexpr std::size_t log_events_max = 100;
constexpr std::size_t log_bytes_max = 64U << 10U;

}  // namespace

Json to_json(const TakenLogs& logs) {
    Json events = Json::array();
    std::size_t bytes = 0;
    for (const LogLine& line : logs.lines) {
        bytes += line.message.size();
        if (events.size() == log_events_max || bytes > log_bytes_max) break;
        events.push_back({{"timestamp", epoch_ms(line.timestamp)}, {"message", line.message}});
    }
    const std::size_t left_out = logs.lines.size() - events.size();
    return {{"accountId", logs.owner.account}, {"region", logs.owner.region}, {"logGroupName", logs.group},
            {"logStreamName", logs.stream},    {"events", std::move(events)}, {"leftOut", left_out}};
}

Json to_json(const deliveries::DeliveryChange& change) {
    return {{"id", change.id},
            {"time", iso_ms(change.time)},
            {"source", change.source},
            {"target", change.target},
            {"topic", change.topic.empty() ? Json() : Json(change.topic)},
            {"status", deliveries::status_text(change.status)},
            {"attempts", change.attempts}};
}

void LogNews::taken(const TakenLogs& logs) {
    feed_.tell(Feed::Kind::log, [&] { return to_text(to_json(logs)); });
}

}  // namespace rockwatch
