#include <algorithm>

#include "generator.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

std::string message(Luck& luck) {
    if (luck.percent(40)) {
        Json document{{"x", luck.below(5)}};
        if (luck.percent(70)) document["level"] = luck.one_of({"ERROR", "INFO", "WARN"});
        return to_text(document);
    }
    std::string text;
    for (std::uint64_t words = 1 + luck.below(4); words > 0; --words) {
        if (!text.empty()) text += ' ';
        text +=
            luck.one_of({"ERROR", "INFO", "WARN", "timeout", "user 1", "user 12", "error", "TERRORS", "-"});
    }
    return text;
}

}  // namespace

void CallMaker::put_events(const std::string& group, const std::string& stream) {
    const std::int64_t base =
        luck.percent(70)
            ? luck.one_of<std::int64_t>({0, -1, -5'000, -minute, hour, -hour})
            : luck.one_of<std::int64_t>({-23 * hour, -3 * day, -8 * day, -13 * day, -14 * day - 5, -15 * day,
                                         2 * hour, 2 * hour + 1, 5 * hour});
    std::vector<std::int64_t> times;
    for (std::uint64_t count = 1 + luck.below(4); count > 0; --count) {
        times.push_back(base + luck.one_of<std::int64_t>({0, 0, 0, 1, 7, 1000, minute, hour}));
    }
    if (luck.percent(5)) times.push_back(base + luck.one_of<std::int64_t>({day, day + hour, 2 * day}));
    if (!luck.percent(4)) std::sort(times.begin(), times.end());
    Json events = Json::array();
    for (const std::int64_t time : times)
        events.push_back({{"timestamp", {{"$now", time}}}, {"message", message(luck)}});
    add("logs", "PutLogEvents", {{"logGroupName", group}, {"logStreamName", stream}, {"logEvents", events}});
}

void CallMaker::logs() {
    const std::string group =
        luck.percent(2) ? "bad!name" : luck.one_of<std::string>({"g0", "g0", "g0", "g1", "g1", "g2"});
    const std::string stream =
        luck.percent(2) ? "a:b" : luck.one_of<std::string>({"s0", "s0", "s0", "s0", "s1", "s1", "s2"});
    const std::uint64_t draw = luck.below(100);
    if (draw < 60) {
        put_events(group, stream);
    } else if (draw < 68) {
        Json input{{"logGroupName", group}};
        if (luck.percent(50)) input["tags"] = {{luck.name("k", 3), luck.name("v", 3)}};
        add("logs", "CreateLogGroup", std::move(input));
    } else if (draw < 78) {
        add("logs", "CreateLogStream", {{"logGroupName", group}, {"logStreamName", stream}});
    } else if (draw < 82) {
        add("logs", "DeleteLogGroup", {{"logGroupName", group}});
    } else if (draw < 87) {
        add("logs", "DeleteLogStream", {{"logGroupName", group}, {"logStreamName", stream}});
    } else if (draw < 96) {
        add("logs", "PutRetentionPolicy",
            {{"logGroupName", group}, {"retentionInDays", luck.one_of({1, 1, 3, 7, 14, 2, 30})}});
    } else {
        add("logs", "DeleteRetentionPolicy", {{"logGroupName", group}});
    }
}

}  // namespace rockwatch::simulation
