#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "logs_model.hpp"
#include "paging.hpp"
#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

using Event = LogsModel::Event;

struct Expected {
    const Event* event;
    Readable readable;
};

std::string message_of(const Json& told, const Event& event) {
    const std::string message = told.at("message");
    if (!event.is_record) return message;
    const Json record = Json::parse(message, nullptr, false);
    return record.is_object() ? text_or_empty(record, "requestId") : message;
}

bool is(const Json& told, const Event& event) {
    return told.at("timestamp") == event.timestamp && told.at("ingestionTime") == event.ingestion_time &&
           message_of(told, event) == event.message;
}

std::vector<Expected> in_order(std::vector<Expected> events) {
    std::stable_sort(events.begin(), events.end(), [](const Expected& a, const Expected& b) {
        return a.event->timestamp < b.event->timestamp;
    });
    return events;
}

/// What is told must be what is expected, in its order, without those that must not be read and with or
/// without those that may be gone.
void compare(const Json& told, const std::vector<Expected>& expected, const std::string& where) {
    std::size_t at = 0;
    for (const Expected& one : expected) {
        const bool same = at < told.size() && is(told[at], *one.event);
        if (same && one.readable == Readable::no) {
            throw Violation("I8", fmt::format("{}: past its retention: {}", where, to_text(told[at])));
        }
        if (same) ++at;
        demand(same || one.readable != Readable::yes, "I1", [&] {
            return fmt::format("{}: the event {} of {} is not there; in its place {}", where,
                               one.event->message, one.event->timestamp,
                               at < told.size() ? to_text(told[at]) : "the end");
        });
    }
    demand(at == told.size(), "I1",
           [&] { return fmt::format("{}: one too many: {}", where, to_text(told[at])); });
}

Json stream_input(const std::string& group, const std::string& stream, std::size_t limit, bool from_head) {
    return {
        {"logGroupName", group}, {"logStreamName", stream}, {"limit", limit}, {"startFromHead", from_head}};
}

/// All pages in one direction, to the token that repeats; oldest first.
Json walk(Stage& stage, std::size_t who, Json input, bool forward, std::string& last_token) {
    const char* next = forward ? "nextForwardToken" : "nextBackwardToken";
    std::vector<Json> pages;
    for (std::string token;;) {
        Json answer = stage.ask(who, "logs", "GetLogEvents", input);
        const std::string after = answer.at(next);
        if (after == token) {
            demand(answer.at("events").empty(), "I3", [] { return "a token repeats before the end"; });
            break;
        }
        demand(pages.size() < 500, "I3", [] { return "the tokens of GetLogEvents never repeat"; });
        token = after;
        input["nextToken"] = token;
        pages.push_back(std::move(answer.at("events")));
    }
    if (!forward) std::reverse(pages.begin(), pages.end());
    Json all = Json::array();
    for (const Json& page : pages) all.insert(all.end(), page.begin(), page.end());
    last_token = input.at("nextToken");
    return all;
}

/// I3: forwards from the head, then backwards from the end of that.
void check_stream(Stage& stage, std::size_t who, const std::string& group, const std::string& stream,
                  const std::vector<Expected>& expected, std::uint64_t luck) {
    const std::size_t limit = page_size(expected.size(), luck);
    const std::string where = fmt::format("GetLogEvents of {}/{} by {}", group, stream, limit);
    std::string token;
    const Json forward = walk(stage, who, stream_input(group, stream, limit, true), true, token);
    compare(forward, expected, where);
    Json input = stream_input(group, stream, page_size(expected.size(), luck / 7), true);
    const Json turned = stage.ask(who, "logs", "GetLogEvents",
                                  {{"logGroupName", group}, {"logStreamName", stream}, {"nextToken", token}});
    input["nextToken"] = turned.at("nextBackwardToken");
    const Json backward = walk(stage, who, std::move(input), false, token);
    demand(backward == forward, "I3", [&] {
        return fmt::format("{}: backwards it tells\n  {}\nforwards\n  {}", where, to_text(backward),
                           to_text(forward));
    });
}

const std::string& pattern_at(std::uint64_t luck) {
    static const std::array<std::string, 20> patterns{"",
                                                      "ERROR",
                                                      "timeout",
                                                      "ERROR timeout",
                                                      "?ERROR ?INFO",
                                                      "?WARN ?timeout",
                                                      "-ERROR",
                                                      "INFO -timeout",
                                                      "\"user 1\"",
                                                      "\"user 1\" ERROR",
                                                      "?INFO ERROR",
                                                      "error",
                                                      "{ $.x = 1 }",
                                                      "{ $.x != 1 }",
                                                      "{ $.x > 1 }",
                                                      "{ $.x <= 2 }",
                                                      "{ $.level = \"ERROR\" }",
                                                      "{ $.level = \"INFO\" && $.x >= 2 }",
                                                      "{ $.x = 3 || $.level = \"ERROR\" }",
                                                      "{ $.y = 1 }"};
    return patterns[luck % patterns.size()];
}

void check_filter(Stage& stage, std::size_t who, const std::string& name,
                  const std::vector<Expected>& expected, const std::string& pattern, std::uint64_t luck) {
    std::vector<Expected> matching;
    for (const Expected& one : expected) {
        if (one.event->is_record && !pattern.empty()) return;  // its text is not the model's
        if (plainly_matches(pattern, one.event->message)) matching.push_back(one);
    }
    Json input{{"logGroupName", name}, {"limit", page_size(matching.size(), luck)}};
    if (!pattern.empty()) input["filterPattern"] = pattern;
    const Json told = all_pages(stage, who, {"logs", "FilterLogEvents", "events", "nextToken"}, input);
    try {
        compare(told, matching, fmt::format("FilterLogEvents of {} for '{}'", name, pattern));
    } catch (const Violation& violation) {
        if (pattern.empty()) throw;
        throw Violation("I5", violation.what());
    }
}

void check_group(Stage& stage, std::size_t who, const std::string& name, const LogsModel::Group& group,
                 std::uint64_t luck) {
    std::vector<Expected> all;
    std::vector<std::string> names;
    for (const auto& [stream_name, stream] : group.streams) {
        std::vector<Expected> own;
        for (const Event& event : stream.events) own.push_back({&event, readable(group, event, stage.now())});
        all.insert(all.end(), own.begin(), own.end());
        check_stream(stage, who, name, stream_name, in_order(std::move(own)), luck + names.size());
        names.push_back(stream_name);
    }
    // Across streams only the arrival decides between equal times: sort by that first.
    std::stable_sort(all.begin(), all.end(), [](const Expected& a, const Expected& b) {
        return a.event->arrival < b.event->arrival;
    });
    all = in_order(std::move(all));
    check_filter(stage, who, name, all, "", luck / 3);
    for (std::uint64_t index = 0; index < 3; ++index)
        check_filter(stage, who, name, all, pattern_at(luck / 11 + index * 7), luck / 5);

    const Json streams =
        all_pages(stage, who, {"logs", "DescribeLogStreams", "logStreams", "nextToken"},
                  {{"logGroupName", name}, {"limit", page_size(names.size(), luck) % 50 + 1}});
    demand(column(streams, "logStreamName") == names, "I4",
           [&] { return fmt::format("the streams of {}: {}", name, to_text(streams)); });
}

void check_tags(Stage& stage, std::size_t who, const std::string& name, const LogsModel::Group& group) {
    const Owner& owner = owner_at(who);
    const Json told = stage.ask(
        who, "logs", "ListTagsForResource",
        {{"resourceArn", fmt::format("arn:aws:logs:{}:{}:log-group:{}", owner.region, owner.account, name)}});
    demand(told.at("tags") == Json(group.tags), "I24",
           [&] { return fmt::format("the tags of {}: {}", name, to_text(told)); });
}

}  // namespace

void check_logs(Stage& stage, const LogsModel& model, std::size_t who, std::uint64_t luck) {
    std::vector<std::string> names;
    std::vector<std::int64_t> retentions;
    for (const auto& [name, group] : model.groups(who)) {
        names.push_back(name);
        check_group(stage, who, name, group, luck + names.size() * 31);
        check_tags(stage, who, name, group);
    }
    const Json told = all_pages(stage, who, {"logs", "DescribeLogGroups", "logGroups", "nextToken"},
                                {{"limit", luck % 4 + 1}});
    demand(column(told, "logGroupName") == names, "I4",
           [&] { return fmt::format("the groups of owner {}: {}", who, to_text(told)); });
    for (const Json& one : told) {
        const auto& days = model.groups(who).at(one.at("logGroupName")).retention_days;
        demand(value_or<std::int64_t>(one, "retentionInDays", 0) == days.value_or(0), "I8",
               [&] { return "a group's retention is told as " + to_text(one); });
    }
}

}  // namespace rockwatch::simulation
