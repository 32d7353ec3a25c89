#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rockwatch::logs {

/// Where an event stands: events are ordered by timestamp, then by the order in which they were ingested
/// (their row id). As a bound it may stand between two events.
///
/// Written as 56 decimal digits, `timestamp * 2^144 + rest`, which sorts as text. AWS's ids are built like
/// that: 3990... in 2026. The rest is ours: four steps an event, so that a bound can be just before or just
/// after it. From the year 2112 on the number has 57 digits, from 3391 on 58.
struct EventPosition {
    std::int64_t timestamp = 0;  ///< epoch milliseconds
    std::uint64_t step = 0;      ///< event `id` stands at `id * 4`

    auto operator<=>(const EventPosition&) const = default;

    static EventPosition of(std::int64_t timestamp, std::int64_t id) {
        return {timestamp, static_cast<std::uint64_t>(id) * 4};
    }

    bool is_event() const { return step % 4 == 0; }
    EventPosition just_after() const { return {timestamp, step + 1}; }
    /// The same when it stands at the very front of its millisecond.
    EventPosition just_before() const { return {timestamp, step == 0 ? 0 : step - 1}; }

    /// Of the events at `timestamp`, those with a greater id stand after this position.
    std::int64_t last_id_not_after() const { return static_cast<std::int64_t>(step / 4); }
    /// Of the events at `timestamp`, those with a smaller id stand before this position.
    std::int64_t first_id_not_before() const { return static_cast<std::int64_t>((step + 3) / 4); }
};

/// 56 decimal digits, or one or two more. A timestamp beyond the year 10889 is written as its end: no event
/// is so late, but a reader may ask for what comes after (startTime in microseconds).
std::string position_text(const EventPosition& position);
/// Nullopt when the text is not what position_text writes.
std::optional<EventPosition> parse_position(std::string_view text);

/// GetLogEvents goes on from `position` in the direction of the letter: f/<position>/s and b/<position>/s.
struct ReadToken {
    bool forward = true;
    EventPosition position;
};
std::string read_token_text(const ReadToken& token);
std::optional<ReadToken> parse_read_token(std::string_view text);

/// 56 digits in the form of AWS's sequence tokens. Nobody reads them any more: AWS ignores them since 2023.
std::string sequence_token(std::int64_t stream_id, std::int64_t now_ms);

}  // namespace rockwatch::logs
