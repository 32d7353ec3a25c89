#include <charconv>

#include "services/logs/errors.hpp"
#include "services/logs/operations/naming.hpp"
#include "services/logs/operations/operations.hpp"
#include "services/logs/page_token.hpp"

namespace rockwatch::logs {

namespace {

constexpr int default_page = 50;

/// The group of DescribeLogStreams, which has an error of its own for two names.
LogGroup described_group(const Reading& logs, const Caller& caller, const Json& input) {
    if (input.contains("logGroupName") && input.contains("logGroupIdentifier")) {
        throw ServiceError("ValidationException",
                           "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
    }
    return group_of(logs, caller, input);
}

/// Source: facts/logs.md 3.1. storedBytes of a stream is always 0 since 2019.
Json described(const Reading& logs, const std::string& group_arn, const LogStream& stream) {
    Json entry = {{"logStreamName", stream.name},
                  {"creationTime", stream.creation_time},
                  {"arn", group_arn + ":log-stream:" + stream.name},
                  {"storedBytes", 0}};
    if (stream.first_event_time) entry["firstEventTimestamp"] = *stream.first_event_time;
    if (stream.last_event_time) entry["lastEventTimestamp"] = *stream.last_event_time;
    if (stream.last_ingestion_time) {
        entry["lastIngestionTime"] = *stream.last_ingestion_time;
        entry["uploadSequenceToken"] = sequence_token(stream.id, epoch_ms(logs.now));
    }
    return entry;
}

std::string last_event_position(const LogStream& stream) {
    return fmt::format("{}:{}", stream.last_event_time.value_or(0), stream.name);
}

LogStreamReader::LastEvent parse_last_event(std::string_view position) {
    LogStreamReader::LastEvent after;
    const auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), after.time);
    const auto length = static_cast<std::size_t>(end - position.data());
    if (error != std::errc{} || length >= position.size()) throw invalid_token();
    after.name = position.substr(length + 1);
    return after;
}

}  // namespace

Json create_log_stream(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    const auto& name = input.at("logStreamName").get_ref<const std::string&>();
    if (!logs.stream_writer.create(group.id, name, epoch_ms(logs.now))) throw stream_exists();
    return Json::object();
}

Json delete_log_stream(Writing& logs, const Caller& caller, const Json& input) {
    const LogGroup group = group_named(logs, caller, input.at("logGroupName").get_ref<const std::string&>());
    const auto stream =
        logs.streams.find_id(group.id, input.at("logStreamName").get_ref<const std::string&>());
    if (!stream) throw no_such_stream();
    // Deletion protection blocks all deletions in the group (API reference, PutLogGroupDeletionProtection).
    if (group.deletion_protection) throw deletion_protected(group.name);
    logs.event_writer.erase_stream(*stream);
    logs.stream_writer.erase(*stream);
    return Json::object();
}

Json describe_log_streams(Reading& logs, const Caller& caller, const Json& input) {
    const std::string prefix = text_or_empty(input, "logStreamNamePrefix");
    const bool by_time = text_or_empty(input, "orderBy") == "LastEventTime";
    if (by_time && !prefix.empty()) {
        throw invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    const Direction direction =
        value_or(input, "descending", false) ? Direction::descending : Direction::ascending;
    const LogGroup group = described_group(logs, caller, input);
    const std::string query = listing_query("DescribeLogStreams", caller, input);
    const auto position = resume_position(query, input);

    const auto limit = static_cast<std::size_t>(value_or(input, "limit", default_page));
    const int with_next = static_cast<int>(limit) + 1;  // one more tells whether there is a next page
    std::vector<LogStream> streams;
    if (by_time) {
        const auto after = position ? std::optional(parse_last_event(*position)) : std::nullopt;
        streams = logs.streams.by_last_event(group.id, after, direction, with_next);
    } else {
        streams = logs.streams.by_name(group.id, prefix, position, direction, with_next);
    }
    const bool more = streams.size() > limit;
    if (more) streams.pop_back();

    Json answer = {{"logStreams", Json::array()}};
    const std::string arn = group_arn(caller, group.name);
    for (const LogStream& stream : streams) answer["logStreams"].push_back(described(logs, arn, stream));
    if (more) {
        answer["nextToken"] =
            page_token(query, by_time ? last_event_position(streams.back()) : streams.back().name);
    }
    return answer;
}

}  // namespace rockwatch::logs
