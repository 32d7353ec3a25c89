#include <algorithm>

#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

using Messages = std::vector<std::string>;

Json search(Json more = Json::object()) {
    Json input = {{"logGroupName", "g"}};
    input.update(more);
    return input;
}

struct Walk {
    Messages messages;
    int pages = 0;
};

Walk walk(LogsBench& bench, Json input) {
    Walk walk;
    for (;;) {
        const Json page = bench.call("FilterLogEvents", input);
        ++walk.pages;
        for (std::string& message : messages_of(page)) walk.messages.push_back(std::move(message));
        if (!page.contains("nextToken")) return walk;
        input["nextToken"] = page["nextToken"];
        REQUIRE(walk.pages < 1000);
    }
}

void put_mixture(LogsBench& bench) {
    for (const char* stream : {"a1", "a2", "b"}) bench.make_stream("g", stream);
    bench.put("g", "b", "ERROR three", 3000);
    bench.put("g", "a1", "ERROR one", 5000);
    bench.put("g", "a2", "INFO two", 4000);
    bench.put("g", "a1", "WARN four", 2000);
}

}  // namespace

TEST_CASE("FilterLogEvents interleaves the streams by time and says what each event is", "[logs][filter]") {
    LogsBench bench;
    put_mixture(bench);
    const Json answer = bench.call("FilterLogEvents", search());
    CHECK(messages_of(answer) == Messages{"ERROR one", "INFO two", "ERROR three", "WARN four"});
    CHECK(answer["searchedLogStreams"] == Json::array());
    CHECK_FALSE(answer.contains("nextToken"));
    const Json& first = answer["events"][0];
    CHECK(first["logStreamName"] == "a1");
    CHECK(first["timestamp"] == bench.now_ms() - 5000);
    CHECK(first["ingestionTime"] == bench.now_ms());
    CHECK(first["eventId"].get<std::string>().size() == 56);
    CHECK(std::is_sorted(answer["events"].begin(), answer["events"].end(),
                         [](const Json& a, const Json& b) { return a["eventId"] < b["eventId"]; }));
}

TEST_CASE("FilterLogEvents searches the streams that are named or that start alike", "[logs][filter]") {
    LogsBench bench;
    put_mixture(bench);
    const auto found = [&](const Json& more) {
        return messages_of(bench.call("FilterLogEvents", search(more)));
    };
    CHECK(found({{"logStreamNames", {"b"}}}) == Messages{"ERROR three"});
    CHECK(found({{"logStreamNames", {"b", "a2"}}}) == Messages{"INFO two", "ERROR three"});
    CHECK(found({{"logStreamNamePrefix", "a"}}) == Messages{"ERROR one", "INFO two", "WARN four"});
    CHECK(found({{"logStreamNamePrefix", "a2"}}) == Messages{"INFO two"});
    CHECK(found({{"logStreamNamePrefix", "x"}}).empty());
    bench.check_refusal("FilterLogEvents", search({{"logStreamNames", {"b", "absent"}}}),
                        "ResourceNotFoundException", "The specified log stream does not exist.");
    bench.check_refusal("FilterLogEvents", search({{"logStreamNames", {"b"}}, {"logStreamNamePrefix", "b"}}),
                        "InvalidParameterException",
                        "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
}

TEST_CASE("FilterLogEvents applies its pattern and refuses a bad one in its own words", "[logs][filter]") {
    LogsBench bench;
    put_mixture(bench);
    CHECK(messages_of(bench.call("FilterLogEvents", search({{"filterPattern", "ERROR -one"}}))) ==
          Messages{"ERROR three"});
    CHECK(messages_of(bench.call("FilterLogEvents", search({{"filterPattern", " "}}))).size() == 4);
    CHECK(messages_of(bench.call("FilterLogEvents", search({{"filterPattern", "[level = WARN, word]"}}))) ==
          Messages{"WARN four"});
    bench.check_refusal("FilterLogEvents", search({{"filterPattern", "{ $.v IS NOT NULL }"}}),
                        "InvalidParameterException", "Invalid filter pattern");
    bench.check_refusal("FilterLogEvents", search({{"filterPattern", "ERR*"}}), "InvalidParameterException",
                        "Invalid character(s) in term '*'");
    bench.check_refusal("FilterLogEvents", {{"logGroupName", "absent"}}, "ResourceNotFoundException",
                        "The specified log group does not exist.");
}

TEST_CASE("both ends of FilterLogEvents' time range are inclusive", "[logs][filter]") {
    LogsBench bench;
    put_mixture(bench);
    const std::int64_t now = bench.now_ms();
    CHECK(messages_of(
              bench.call("FilterLogEvents", search({{"startTime", now - 4000}, {"endTime", now - 3000}}))) ==
          Messages{"INFO two", "ERROR three"});
    CHECK(messages_of(
              bench.call("FilterLogEvents", search({{"startTime", now - 2999}, {"endTime", now - 2001}})))
              .empty());
}

TEST_CASE("pages of FilterLogEvents give each match once, and a token only when more remain",
          "[logs][filter]") {
    LogsBench bench;
    put_mixture(bench);
    for (int index = 0; index < 5; ++index) bench.put("g", "b", "ERROR at once");
    const int limit = GENERATE(1, 2, 3, 7, 8);
    CAPTURE(limit);
    const Walk errors = walk(bench, search({{"filterPattern", "ERROR"}, {"limit", limit}}));
    CHECK(errors.messages.size() == 7);
    CHECK(errors.messages.front() == "ERROR one");
    CHECK(errors.pages == (7 + limit - 1) / limit);
    const Walk of_streams = walk(bench, search({{"logStreamNames", {"a1", "b"}}, {"limit", limit}}));
    CHECK(of_streams.messages.size() == 8);
}

TEST_CASE("a token of FilterLogEvents is refused with another query", "[logs][filter]") {
    LogsBench bench;
    put_mixture(bench);
    const Json token = bench.call("FilterLogEvents", search({{"limit", 1}}))["nextToken"];
    CHECK(bench.call("FilterLogEvents", search({{"limit", 10}, {"nextToken", token}}))["events"].size() == 3);
    const std::string message = "The specified nextToken is invalid.";
    bench.check_refusal("FilterLogEvents", search({{"filterPattern", "ERROR"}, {"nextToken", token}}),
                        "InvalidParameterException", message);
    bench.check_refusal("FilterLogEvents", search({{"nextToken", "x"}}), "InvalidParameterException",
                        message);
}

TEST_CASE("one call looks at ten megabytes at most, then hands out a token", "[logs][filter]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.make_stream("g", "t");
    const std::string filler(1'000'000, 'x');
    for (int index = 0; index < 25; ++index) bench.put("g", "s", filler, 1000 - index);
    bench.put("g", "s", "needle");
    bench.put("g", "t", "other");
    const Json first = bench.call("FilterLogEvents", search({{"filterPattern", "needle"}}));
    CHECK(first["events"].empty());
    CHECK(first.contains("nextToken"));
    const Walk all = walk(bench, search({{"filterPattern", "needle"}}));
    CHECK(all.messages == Messages{"needle"});
    CHECK(all.pages == 3);
    // Streams that are passed over cost the same.
    CHECK(walk(bench, search({{"logStreamNamePrefix", "t"}})).pages == 1);
    bench.make_stream("g", "t2");
    CHECK(walk(bench, search({{"logStreamNamePrefix", "t"}})).messages == Messages{"other"});
}

TEST_CASE("a page of matches is a megabyte at most", "[logs][filter]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    for (int index = 0; index < 4; ++index) bench.put("g", "s", std::string(400'000, 'x'));
    CHECK(bench.call("FilterLogEvents", search())["events"].size() == 2);
    CHECK(walk(bench, search()).messages.size() == 4);
}

}  // namespace rockwatch::logs
