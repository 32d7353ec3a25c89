#include "services/logs/service.hpp"

#include <algorithm>
#include <vector>

#include "services/logs/operations/operations.hpp"

namespace rockwatch::logs {

namespace {

constexpr Operation<Reading, Writing> operations_table[] = {
    {"CreateLogGroup", create_log_group},
    {"DeleteLogGroup", delete_log_group},
    {"DescribeLogGroups", describe_log_groups},
    {"ListLogGroups", list_log_groups},
    {"PutRetentionPolicy", put_retention_policy},
    {"DeleteRetentionPolicy", delete_retention_policy},
    {"PutLogGroupDeletionProtection", put_log_group_deletion_protection},
    {"AssociateKmsKey", associate_kms_key},
    {"DisassociateKmsKey", disassociate_kms_key},
    {"TagResource", tag_resource},
    {"UntagResource", untag_resource},
    {"ListTagsForResource", list_tags_for_resource},
    {"TagLogGroup", tag_log_group},
    {"UntagLogGroup", untag_log_group},
    {"ListTagsLogGroup", list_tags_log_group},
    {"CreateLogStream", create_log_stream},
    {"DeleteLogStream", delete_log_stream},
    {"DescribeLogStreams", describe_log_streams},
    {"PutLogEvents", put_log_events},
    {"GetLogEvents", get_log_events},
    {"FilterLogEvents", filter_log_events},
};

}  // namespace

Logs::Logs(Storage& storage, Agenda& agenda, const Clock& clock, LogListener& listener)
    : TableService(operations_table), listener_(listener), sweep_(storage, agenda, clock) {}

void Logs::reset(Database& database) {
    EventWriter(database).clear();
    LogStreamWriter(database).clear();
    LogGroupWriter(database).clear();
}

bool Logs::has_group(Database& database, const Owner& owner, std::string_view group) {
    return LogGroupReader(database).find(owner, group).has_value();
}

bool Logs::put(Database& database, const Owner& owner, std::string_view group, std::string_view stream,
               std::span<const LogLine> lines, Instant now) {
    const auto found = LogGroupReader(database).find(owner, group);
    if (!found) return false;
    LogStreamWriter streams(database);
    auto stream_id = LogStreamReader(database).find_id(found->id, stream);
    if (!stream_id) stream_id = streams.create(found->id, stream, epoch_ms(now));
    ensure(stream_id.has_value(), "a stream that was not found can be made");
    if (lines.empty()) return true;

    std::vector<NewEvent> events;
    events.reserve(lines.size());
    StreamProgress progress{.first_event_time = epoch_ms(lines.front().timestamp),
                            .last_event_time = epoch_ms(lines.front().timestamp),
                            .ingestion_time = epoch_ms(now)};
    for (const LogLine& line : lines) {
        const std::int64_t timestamp = epoch_ms(line.timestamp);
        events.push_back({timestamp, line.message});
        progress.first_event_time = std::min(progress.first_event_time, timestamp);
        progress.last_event_time = std::max(progress.last_event_time, timestamp);
        progress.bytes += event_bytes(line.message);
    }
    EventWriter(database).append({found->id, *stream_id}, events, epoch_ms(now));
    streams.advance(*stream_id, progress);
    if (listener_.is_listening()) {
        database.after_commit(
            [this, taken = TakenLogs{
                       owner, std::string(group), std::string(stream), {lines.begin(), lines.end()}}] {
                listener_.taken(taken);
            });
    }
    return true;
}

}  // namespace rockwatch::logs
