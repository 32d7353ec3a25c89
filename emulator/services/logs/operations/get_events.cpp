#include <algorithm>
#include <limits>

#include "services/logs/batch.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/operations/naming.hpp"
#include "services/logs/operations/operations.hpp"
#include "services/logs/operations/reading_window.hpp"
#include "services/logs/retention.hpp"

namespace rockwatch::logs {

namespace {

struct Page {
    Json events = Json::array();  // ascending
    EventPosition first;
    EventPosition last;
};

/// Up to `limit` events and a megabyte, from one end of the window.
Page read_page(const Reading& logs, std::int64_t stream_id, const EventWindow& window, std::size_t limit,
               bool forward) {
    Page page;
    std::int64_t bytes = 0;
    const EventVisitor take = [&](const EventView& event) {
        bytes += event_bytes(event.message);
        if (page.events.size() == limit || (bytes > batch_bytes_max && !page.events.empty())) return false;
        if (page.events.empty()) page.first = event.position();
        page.last = event.position();
        page.events.push_back({{"timestamp", event.timestamp},
                               {"message", std::string(event.message)},
                               {"ingestionTime", event.ingestion_time}});
        return page.events.size() < limit;
    };
    if (forward) {
        logs.events.stream_forward(stream_id, window, take);
    } else {
        logs.events.stream_backward(stream_id, window, take);
        std::reverse(page.events.begin(), page.events.end());
        std::swap(page.first, page.last);
    }
    return page;
}

/// Where an empty page leaves its reader. The first time the token moves just past the event that it named,
/// which skips nothing that may still come; from then on it is the token that was sent: clients stop when it
/// repeats.
///
/// Source: facts/logs.md 4.1, recorded. Differs: AWS goes to the end of the time range instead of one step.
ReadToken at_the_end(const ReadToken& token) {
    if (!token.position.is_event()) return token;
    return {token.forward, token.forward ? token.position.just_after() : token.position.just_before()};
}

}  // namespace

EventWindow reading_window(const LogGroup& group, Instant now, std::int64_t from, std::int64_t before) {
    if (group.retention_days) from = std::max(from, epoch_ms(retention_cutoff(now, *group.retention_days)));
    return {.after = {from, 0}, .before = {before, 0}};
}

void check_readable(const LogGroup& group, std::string_view operation) {
    if (group.log_class != "STANDARD") throw class_not_readable(group.name, group.log_class, operation);
}

Json get_log_events(Reading& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_of(logs, caller, input);
    const auto stream =
        logs.streams.find_id(group.id, input.at("logStreamName").get_ref<const std::string&>());
    if (!stream) throw no_such_stream();
    check_readable(group, "GetLogEvents");

    const std::int64_t start = value_or<std::int64_t>(input, "startTime", 0);
    EventWindow window = reading_window(group, logs.now, start,
                                        value_or(input, "endTime", std::numeric_limits<std::int64_t>::max()));
    // An empty view without a token is at its end already: the next call's token repeats.
    ReadToken token{value_or(input, "startFromHead", false), EventPosition{start, 0}.just_after()};
    const auto given = input.find("nextToken");
    if (given != input.end()) {
        const auto parsed = parse_read_token(given->get_ref<const std::string&>());
        if (!parsed) throw invalid_token();
        token = *parsed;
        if (token.forward) window.after = std::max(window.after, token.position);
        if (!token.forward) window.before = std::min(window.before, token.position);
    }
    const auto limit = static_cast<std::size_t>(value_or(input, "limit", page_events_max));
    Page page = read_page(logs, *stream, window, limit, token.forward);

    ReadToken forward{true, page.last};
    ReadToken backward{false, page.first};
    if (page.events.empty()) {
        forward.position = backward.position = token.position;
        (token.forward ? forward : backward) = at_the_end(token);
    }
    return {{"events", std::move(page.events)},
            {"nextForwardToken", read_token_text(forward)},
            {"nextBackwardToken", read_token_text(backward)}};
}

}  // namespace rockwatch::logs
