#include <algorithm>
#include <limits>
#include <map>
#include <unordered_set>

#include "services/logs/batch.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/filter_pattern.hpp"
#include "services/logs/operations/naming.hpp"
#include "services/logs/operations/operations.hpp"
#include "services/logs/operations/reading_window.hpp"
#include "services/logs/page_token.hpp"

namespace rockwatch::logs {

namespace {

// What one call looks at before it answers with what it found and a token: a search for something rare in a
// large group is many short calls, as on AWS, never one that runs for minutes.
constexpr std::int64_t scanned_bytes_max = 10 * 1'048'576;

FilterPattern pattern_of(const Json& input) try {
    return FilterPattern(text_or_empty(input, "filterPattern"));
} catch (const FilterPatternError& error) {
    throw invalid_parameter(error.events_text);
}

/// The streams that are searched; nullopt: all of the group.
std::optional<std::vector<std::int64_t>> searched_streams(const Reading& logs, const LogGroup& group,
                                                          const Json& input) {
    if (const auto names = input.find("logStreamNames"); names != input.end()) {
        std::vector<std::int64_t> ids;
        for (const Json& name : *names) {
            const auto id = logs.streams.find_id(group.id, name.get_ref<const std::string&>());
            if (!id) throw no_such_stream();
            ids.push_back(*id);
        }
        return ids;
    }
    const std::string prefix = text_or_empty(input, "logStreamNamePrefix");
    if (prefix.empty()) return std::nullopt;
    return logs.streams.ids(group.id, prefix);
}

/// Gathers one page.
class Search {
public:
    Search(const Reading& logs, FilterPattern pattern, std::size_t limit)
        : logs_(logs), pattern_(std::move(pattern)), limit_(limit) {}

    void run(const LogGroup& group, const std::optional<std::vector<std::int64_t>>& streams,
             const EventWindow& window) {
        const EventVisitor look = [this](const EventView& event) { return visit(event); };
        if (!streams) {
            logs_.events.group_forward(group.id, window, look);
        } else if (streams->size() == 1) {
            logs_.events.stream_forward(streams->front(), window, look);
        } else if (!streams->empty()) {
            // The events of the other streams are passed over: the order across streams is the group's index.
            const std::unordered_set<std::int64_t> wanted(streams->begin(), streams->end());
            logs_.events.group_forward(group.id, window, [&](const EventView& event) {
                return wanted.contains(event.stream_id) ? visit(event) : pass(event);
            });
        }
    }

    Json take_events() { return std::move(events_); }
    /// Where the next page goes on; nullopt when everything was looked at.
    const std::optional<EventPosition>& resume() const { return resume_; }

private:
    /// False when this call has looked at enough.
    bool pass(const EventView& event) {
        scanned_ += event_bytes(event.message);
        if (scanned_ <= scanned_bytes_max) return true;
        resume_ = event.position();
        return false;
    }

    bool visit(const EventView& event) {
        if (!pattern_.matches(event.message)) return pass(event);
        page_bytes_ += event_bytes(event.message);
        const bool is_full = events_.size() == limit_ || (page_bytes_ > batch_bytes_max && !events_.empty());
        if (is_full) {  // this match is the first of the next page
            resume_ = event.position().just_before();
            return false;
        }
        events_.push_back({{"logStreamName", stream_name(event.stream_id)},
                           {"timestamp", event.timestamp},
                           {"message", std::string(event.message)},
                           {"ingestionTime", event.ingestion_time},
                           {"eventId", position_text(event.position())}});
        return pass(event);
    }

    const std::string& stream_name(std::int64_t id) {
        auto found = names_.find(id);
        if (found == names_.end()) found = names_.emplace(id, logs_.streams.name(id)).first;
        return found->second;
    }

    const Reading& logs_;
    FilterPattern pattern_;
    std::size_t limit_;
    Json events_ = Json::array();
    std::int64_t page_bytes_ = 0;
    std::int64_t scanned_ = 0;
    std::optional<EventPosition> resume_;
    std::map<std::int64_t, std::string> names_;
};

EventWindow filtered_window(const Reading& logs, const LogGroup& group, const Json& input) {
    constexpr auto latest = std::numeric_limits<std::int64_t>::max();
    const auto end = value_or<std::int64_t>(input, "endTime", latest);
    // Unlike GetLogEvents: an event at endTime itself is returned (the model says "later than" is not).
    return reading_window(group, logs.now, value_or<std::int64_t>(input, "startTime", 0),
                          end == latest ? latest : end + 1);
}

}  // namespace

Json filter_log_events(Reading& logs, const Caller& caller, const Json& input) {
    if (input.contains("logStreamNames") && input.contains("logStreamNamePrefix")) {
        throw invalid_parameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
    }
    FilterPattern pattern = pattern_of(input);
    const LogGroup group = group_of(logs, caller, input);
    check_readable(group, "FilterLogEvents");
    const auto streams = searched_streams(logs, group, input);

    EventWindow window = filtered_window(logs, group, input);
    const std::string query = listing_query("FilterLogEvents", caller, input);
    if (const auto text = resume_position(query, input)) {
        const auto position = parse_position(*text);
        if (!position) throw invalid_token();
        window.after = std::max(window.after, *position);
    }
    Search search(logs, std::move(pattern),
                  static_cast<std::size_t>(value_or(input, "limit", page_events_max)));
    search.run(group, streams, window);

    Json answer = {{"events", search.take_events()}, {"searchedLogStreams", Json::array()}};
    if (search.resume()) answer["nextToken"] = page_token(query, position_text(*search.resume()));
    return answer;
}

}  // namespace rockwatch::logs
