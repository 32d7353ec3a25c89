#include "logs_model.hpp"

#include <algorithm>
#include <set>

#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t day = 24 * hour;
constexpr const char* bad_parameter = "InvalidParameterException";
constexpr const char* not_found = "ResourceNotFoundException";
constexpr const char* exists = "ResourceAlreadyExistsException";

/// Which events of a batch are taken: [first, end).
struct Taken {
    std::size_t first = 0;
    std::size_t end = 0;
};

Taken taken(const Json& events, const std::optional<std::int64_t>& retention_days, std::int64_t now) {
    Taken span{0, events.size()};
    for (std::size_t index = 0; index < events.size(); ++index) {
        const std::int64_t timestamp = events[index].at("timestamp");
        const bool too_old = timestamp < now - 14 * day;
        const bool expired = retention_days && timestamp < now - *retention_days * day;
        if (too_old || expired) span.first = index + 1;
        if (timestamp > now + 2 * hour) span.end = std::min(span.end, index);
    }
    return span;
}

std::string batch_error(const Json& events, const std::optional<std::int64_t>& retention_days,
                        std::int64_t now) {
    for (std::size_t index = 1; index < events.size(); ++index) {
        if (events[index].at("timestamp") < events[index - 1].at("timestamp")) return bad_parameter;
    }
    const Taken span = taken(events, retention_days, now);
    if (span.first >= span.end) return {};
    const std::int64_t first = events[span.first].at("timestamp");
    const std::int64_t last = events[span.end - 1].at("timestamp");
    return last - first > day ? bad_parameter : std::string();
}

void check_rejections(const Json& events, const std::optional<std::int64_t>& retention_days, std::int64_t now,
                      const Json& output) {
    const Taken span = taken(events, retention_days, now);
    const Json info = value_or(output, "rejectedLogEventsInfo", Json::object());
    const std::size_t old_end = std::max(value_or<std::size_t>(info, "tooOldLogEventEndIndex", 0),
                                         value_or<std::size_t>(info, "expiredLogEventEndIndex", 0));
    const auto new_start = value_or<std::size_t>(info, "tooNewLogEventStartIndex", events.size());
    demand(old_end == span.first && new_start == span.end, "I1", [&] {
        return "PutLogEvents rejected " + to_text(info) + " of " + to_text(events) + " at " +
               std::to_string(now);
    });
}

}  // namespace

Readable readable(const LogsModel::Group& group, const LogsModel::Event& event, std::int64_t now) {
    if (!group.retention_days) return event.doomed ? Readable::maybe : Readable::yes;
    const std::int64_t cutoff = now - *group.retention_days * day;
    if (event.timestamp < cutoff - day) return Readable::no;
    return event.timestamp < cutoff || event.doomed ? Readable::maybe : Readable::yes;
}

const LogsModel::Stream* LogsModel::find_stream(std::size_t who, const std::string& group,
                                                const std::string& stream) const {
    const auto found = owners_.at(who).find(group);
    if (found == owners_.at(who).end()) return nullptr;
    const auto its = found->second.streams.find(stream);
    return its == found->second.streams.end() ? nullptr : &its->second;
}

std::string LogsModel::expected_error(std::size_t who, const std::string& operation, const Json& input,
                                      std::int64_t now) const {
    const std::string name = input.at("logGroupName");
    const std::string stream = text_or_empty(input, "logStreamName");
    if (name.find('!') != std::string::npos || stream.find(':') != std::string::npos) return bad_parameter;
    static const std::set<std::int64_t> odd_days{0, 2, 8};
    if (operation == "PutRetentionPolicy" && odd_days.contains(input.at("retentionInDays")))
        return bad_parameter;
    const auto group = owners_.at(who).find(name);
    const bool there = group != owners_.at(who).end();
    if (operation == "CreateLogGroup") return there ? exists : std::string();
    if (!there) return not_found;
    const bool stream_there = group->second.streams.contains(stream);
    if (operation == "CreateLogStream") return stream_there ? exists : std::string();
    if (operation == "DeleteLogStream") return stream_there ? std::string() : not_found;
    if (operation != "PutLogEvents") return {};
    if (!stream_there) return not_found;
    return batch_error(input.at("logEvents"), group->second.retention_days, now);
}

void LogsModel::accepted(std::size_t who, const std::string& operation, const Json& input, const Json& output,
                         std::int64_t now) {
    Groups& groups = owners_.at(who);
    const std::string name = input.at("logGroupName");
    const std::string stream = text_or_empty(input, "logStreamName");
    if (operation == "CreateLogGroup") {
        groups[name].tags = value_or(input, "tags", std::map<std::string, std::string>());
    } else if (operation == "DeleteLogGroup") {
        groups.erase(name);
    } else if (operation == "PutRetentionPolicy") {
        groups[name].retention_days = input.at("retentionInDays").get<std::int64_t>();
    } else if (operation == "DeleteRetentionPolicy") {
        groups[name].retention_days.reset();
    } else if (operation == "CreateLogStream") {
        groups[name].streams[stream];
    } else if (operation == "DeleteLogStream") {
        groups[name].streams.erase(stream);
    } else if (operation == "PutLogEvents") {
        const Json& events = input.at("logEvents");
        check_rejections(events, groups[name].retention_days, now, output);
        const Taken span = taken(events, groups[name].retention_days, now);
        for (std::size_t index = span.first; index < span.end; ++index) {
            groups[name].streams[stream].events.push_back({.timestamp = events[index].at("timestamp"),
                                                           .ingestion_time = now,
                                                           .message = events[index].at("message"),
                                                           .arrival = ++arrivals_});
        }
    }
    time_is(now);
}

bool LogsModel::write(std::size_t who, const std::string& group, Event event) {
    const auto found = owners_.at(who).find(group);
    if (found == owners_.at(who).end()) return false;
    event.arrival = ++arrivals_;
    found->second.streams["aws/bedrock/modelinvocations"].events.push_back(std::move(event));
    return true;
}

void LogsModel::time_is(std::int64_t now) {
    for (Groups& groups : owners_) {
        for (auto& [name, group] : groups) {
            if (!group.retention_days) continue;
            for (auto& [stream_name, stream] : group.streams) {
                for (Event& event : stream.events)
                    event.doomed = event.doomed || event.timestamp < now - *group.retention_days * day;
            }
        }
    }
}

}  // namespace rockwatch::simulation
