#include <vector>

#include "services/logs/batch.hpp"
#include "services/logs/entity.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/operations/naming.hpp"
#include "services/logs/operations/operations.hpp"

namespace rockwatch::logs {

namespace {

/// The events of an input, which outlives them.
std::vector<NewEvent> events_of(const Json& input) {
    const Json& given = input.at("logEvents");
    std::vector<NewEvent> events;
    events.reserve(given.size());
    for (const Json& event : given) {
        events.push_back(
            {event.at("timestamp").get<std::int64_t>(), event.at("message").get_ref<const std::string&>()});
    }
    return events;
}

StreamProgress progress_of(std::span<const NewEvent> events, Instant now) {
    StreamProgress progress{.first_event_time = events.front().timestamp,
                            .last_event_time = events.back().timestamp,
                            .ingestion_time = epoch_ms(now)};
    for (const NewEvent& event : events) progress.bytes += event_bytes(event.message);
    return progress;
}

void tell(Writing& logs, const Caller& caller, const Json& input, std::span<const NewEvent> events) {
    if (!logs.listener.is_listening()) return;
    TakenLogs taken{
        .owner = caller, .group = input.at("logGroupName"), .stream = input.at("logStreamName"), .lines = {}};
    for (const NewEvent& event : events)
        taken.lines.push_back({from_epoch_ms(event.timestamp), std::string(event.message)});
    logs.database.after_commit(
        [&listener = logs.listener, taken = std::move(taken)] { listener.taken(taken); });
}

Json rejected(const Admission& admission) {
    Json info = Json::object();
    if (admission.too_new_start) info["tooNewLogEventStartIndex"] = *admission.too_new_start;
    if (admission.too_old_end) info["tooOldLogEventEndIndex"] = *admission.too_old_end;
    if (admission.expired_end) info["expiredLogEventEndIndex"] = *admission.expired_end;
    return info;
}

}  // namespace

Json put_log_events(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    const auto stream =
        logs.streams.find_id(group.id, input.at("logStreamName").get_ref<const std::string&>());
    if (!stream) throw no_such_stream();
    const std::vector<NewEvent> events = events_of(input);
    check_batch(events);
    const Admission admission = admit(events, logs.now, group.retention_days);

    Json answer = {{"nextSequenceToken", sequence_token(*stream, epoch_ms(logs.now))}};
    if (Json info = rejected(admission); !info.empty()) answer["rejectedLogEventsInfo"] = std::move(info);
    const auto entity = input.find("entity");
    const std::string_view fault = entity == input.end() ? std::string_view{} : entity_fault(*entity);
    if (!fault.empty()) answer["rejectedEntityInfo"] = {{"errorType", fault}};

    if (admission.first >= admission.end) return answer;
    const auto accepted = std::span(events).subspan(admission.first, admission.end - admission.first);
    StreamProgress progress = progress_of(accepted, logs.now);
    if (entity != input.end() && fault.empty()) progress.entity = to_text(*entity);
    logs.event_writer.append({group.id, *stream}, accepted, epoch_ms(logs.now));
    logs.stream_writer.advance(*stream, progress);
    tell(logs, caller, input, accepted);
    return answer;
}

}  // namespace rockwatch::logs
