#include <algorithm>

#include "logs_bench.hpp"

namespace rockwatch::logs {

namespace {

using Messages = std::vector<std::string>;

/// The stream of the recording: A, A, B, B, C, C, D, E, F a second apart.
void put_letters(LogsBench& bench) {
    bench.make_stream("g", "s");
    std::int64_t ago = 10'000;
    for (const char* message : {"A", "B", "C", "D", "E", "F"}) bench.put("g", "s", message, ago -= 1000);
    ago = 10'000;
    for (const char* message : {"A", "B", "C"}) bench.put("g", "s", message, ago -= 1000);
}

Json read(Json more = Json::object()) {
    Json input = {{"logGroupName", "g"}, {"logStreamName", "s"}};
    input.update(more);
    return input;
}

Messages reversed(Messages messages) {
    std::reverse(messages.begin(), messages.end());
    return messages;
}

}  // namespace

TEST_CASE("reading from the head goes forward page by page, then the token repeats", "[logs][get]") {
    // stackd, ingestion.json, get-forward-page-0 to 4
    LogsBench bench;
    put_letters(bench);
    Json input = read({{"startFromHead", true}, {"limit", 3}});
    std::vector<Json> pages;
    for (int page = 0; page < 6; ++page) {
        pages.push_back(bench.call("GetLogEvents", input));
        input["nextToken"] = pages.back()["nextForwardToken"];
    }
    CHECK(messages_of(pages[0]) == Messages{"A", "A", "B"});
    CHECK(messages_of(pages[1]) == Messages{"B", "C", "C"});
    CHECK(messages_of(pages[2]) == Messages{"D", "E", "F"});
    CHECK(pages[3]["events"].empty());
    CHECK(pages[4]["events"].empty());
    CHECK(pages[3]["nextForwardToken"] != pages[2]["nextForwardToken"]);
    CHECK(pages[4]["nextForwardToken"] == pages[3]["nextForwardToken"]);
    // An empty page keeps the position that was sent for the other direction.
    CHECK(pages[3]["nextBackwardToken"].get<std::string>().substr(1) ==
          pages[2]["nextForwardToken"].get<std::string>().substr(1));
    CHECK(pages[4]["nextBackwardToken"].get<std::string>().substr(1) ==
          pages[3]["nextForwardToken"].get<std::string>().substr(1));
}

TEST_CASE("reading goes backward from the newest events by default, each page ascending", "[logs][get]") {
    // stackd, ingestion.json, get-backward-page-0 to 4
    LogsBench bench;
    put_letters(bench);
    Json input = read({{"limit", 3}});
    std::vector<Json> pages;
    for (int page = 0; page < 6; ++page) {
        pages.push_back(bench.call("GetLogEvents", input));
        input["nextToken"] = pages.back()["nextBackwardToken"];
    }
    CHECK(messages_of(pages[0]) == Messages{"D", "E", "F"});
    CHECK(messages_of(pages[1]) == Messages{"B", "C", "C"});
    CHECK(messages_of(pages[2]) == Messages{"A", "A", "B"});
    CHECK(pages[3]["events"].empty());
    CHECK(pages[3]["nextBackwardToken"] != pages[2]["nextBackwardToken"]);
    CHECK(pages[4]["nextBackwardToken"] == pages[3]["nextBackwardToken"]);
    CHECK(pages[3]["nextForwardToken"].get<std::string>().substr(1) ==
          pages[2]["nextBackwardToken"].get<std::string>().substr(1));
}

TEST_CASE("a walk backward shows the events of the walk forward in mirrored order", "[logs][get]") {
    LogsBench bench;
    put_letters(bench);
    const int limit = GENERATE(1, 2, 4, 9, 10);
    CAPTURE(limit);
    const auto walk = [&](bool forward) {
        const char* next = forward ? "nextForwardToken" : "nextBackwardToken";
        Messages all;
        Json input = read({{"startFromHead", forward}, {"limit", limit}});
        for (;;) {
            const Json page = bench.call("GetLogEvents", input);
            Messages messages = messages_of(page);
            if (!forward) messages = reversed(messages);
            all.insert(all.end(), messages.begin(), messages.end());
            if (input.contains("nextToken") && page[next] == input["nextToken"]) return all;
            input["nextToken"] = page[next];
        }
    };
    CHECK(walk(true) == Messages{"A", "A", "B", "B", "C", "C", "D", "E", "F"});
    CHECK(walk(false) == reversed(walk(true)));
}

TEST_CASE("the token's letter decides the direction, not startFromHead", "[logs][get]") {
    LogsBench bench;
    put_letters(bench);
    const Json page = bench.call("GetLogEvents", read({{"startFromHead", true}, {"limit", 3}}));
    CHECK(messages_of(
              bench.call("GetLogEvents", read({{"limit", 2}, {"nextToken", page["nextForwardToken"]}}))) ==
          Messages{"B", "C"});
    CHECK(bench
              .call("GetLogEvents",
                    read({{"startFromHead", true}, {"nextToken", page["nextBackwardToken"]}}))["events"]
              .empty());
}

TEST_CASE("events that come later are read with the token that was the end", "[logs][get]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.put("g", "s", "first");
    Json input = read({{"startFromHead", true}});
    input["nextToken"] = bench.call("GetLogEvents", input)["nextForwardToken"];
    const Json last_page_token = input["nextToken"];
    input["nextToken"] = bench.call("GetLogEvents", input)["nextForwardToken"];
    CHECK(bench.call("GetLogEvents", input)["events"].empty());

    bench.put("g", "s", "second");  // in the same millisecond: the clock is frozen
    CHECK(messages_of(bench.call("GetLogEvents", input)) == Messages{"second"});
    input["nextToken"] = last_page_token;
    CHECK(messages_of(bench.call("GetLogEvents", input)) == Messages{"second"});
}

TEST_CASE("an empty stream gives both tokens, and the forward one finds what comes", "[logs][get]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    const bool from_head = GENERATE(true, false);
    const Json empty = bench.call("GetLogEvents", read({{"startFromHead", from_head}}));
    CHECK(empty["events"].empty());
    const Json again = bench.call("GetLogEvents", read({{"nextToken", empty["nextForwardToken"]}}));
    CHECK(again["nextForwardToken"] == empty["nextForwardToken"]);
    CHECK(
        bench.call("GetLogEvents", read({{"nextToken", empty["nextBackwardToken"]}}))["nextBackwardToken"] ==
        empty["nextBackwardToken"]);
    bench.put("g", "s", "comes");
    CHECK(messages_of(bench.call("GetLogEvents", read({{"nextToken", empty["nextForwardToken"]}}))) ==
          Messages{"comes"});
}

TEST_CASE("a reader that starts after all events keeps its token, however late that is", "[logs][get]") {
    LogsBench bench;
    put_letters(bench);
    const auto start = GENERATE(as<std::int64_t>{}, 9'999'999'999'999, 1'767'225'600'000'000, INT64_MAX);
    const bool from_head = GENERATE(true, false);
    CAPTURE(start, from_head);
    const Json empty = bench.call("GetLogEvents", read({{"startTime", start}, {"startFromHead", from_head}}));
    CHECK(empty["events"].empty());
    for (const char* name : {"nextForwardToken", "nextBackwardToken"}) {
        const Json again =
            bench.call("GetLogEvents", read({{"startTime", start}, {"nextToken", empty[name]}}));
        CHECK(again["events"].empty());
        CHECK(again[name] == empty[name]);
    }
}

TEST_CASE("events of a year beyond 2112 are read page by page", "[logs][get]") {
    LogsBench bench;
    const auto year = GENERATE(as<std::string>{}, "2200", "9999");
    CAPTURE(year);
    bench.set_now(year + "-12-31T23:59:59.999Z");
    put_letters(bench);
    Json input = read({{"startFromHead", true}, {"limit", 5}});
    const Json first = bench.call("GetLogEvents", input);
    CHECK(messages_of(first) == Messages{"A", "A", "B", "B", "C"});
    input["nextToken"] = first["nextForwardToken"];
    CHECK(messages_of(bench.call("GetLogEvents", input)) == Messages{"C", "D", "E", "F"});

    Json search = {{"logGroupName", "g"}, {"limit", 5}};
    search["nextToken"] = bench.call("FilterLogEvents", search)["nextToken"];
    CHECK(messages_of(bench.call("FilterLogEvents", search)) == Messages{"C", "D", "E", "F"});
}

TEST_CASE("startTime is inclusive and endTime is not", "[logs][get]") {
    LogsBench bench;
    put_letters(bench);
    const std::int64_t b = bench.now_ms() - 8000;
    const auto between = [&](std::int64_t start, std::int64_t end) {
        return messages_of(bench.call("GetLogEvents", read({{"startTime", start}, {"endTime", end}})));
    };
    CHECK(between(b, b + 1000) == Messages{"B", "B"});
    CHECK(between(b + 1000, b + 1001) == Messages{"C", "C"});
    CHECK(between(b + 999, b + 1000).empty());
    CHECK(between(b, b).empty());
}

TEST_CASE("a page is a megabyte at most, and never empty while there are events", "[logs][get]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    for (const char letter : {'a', 'b', 'c'})
        bench.put("g", "s", std::string(500'000, letter), 1000 - letter);
    bench.put("g", "s", std::string(1'048'550, 'd'));
    Json input = read({{"startFromHead", true}});
    std::vector<std::size_t> sizes;
    for (int page = 0; page < 3; ++page) {
        const Json answer = bench.call("GetLogEvents", input);
        sizes.push_back(answer["events"].size());
        input["nextToken"] = answer["nextForwardToken"];
    }
    CHECK(sizes == std::vector<std::size_t>{2, 1, 1});
    CHECK(bench.call("GetLogEvents", read())["events"].size() == 1);
}

TEST_CASE("GetLogEvents refuses what does not exist and tokens it did not give", "[logs][get]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.check_refusal("GetLogEvents", {{"logGroupName", "absent"}, {"logStreamName", "s"}},
                        "ResourceNotFoundException", "The specified log group does not exist.");
    bench.check_refusal("GetLogEvents", {{"logGroupName", "g"}, {"logStreamName", "absent"}},
                        "ResourceNotFoundException", "The specified log stream does not exist.");
    bench.check_refusal("GetLogEvents", read({{"nextToken", "made up"}}), "InvalidParameterException",
                        "The specified nextToken is invalid.");
    bench.check_refusal("GetLogEvents", {{"logStreamName", "s"}}, "InvalidParameterException",
                        "Either logGroupName or logGroupIdentifier must be given.");
    bench.check_refusal("GetLogEvents", read({{"logGroupIdentifier", "g"}}), "InvalidParameterException",
                        "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
}

TEST_CASE("events of a group that is not of class STANDARD are not for GetLogEvents and FilterLogEvents",
          "[logs][get]") {
    LogsBench bench;
    bench.call("CreateLogGroup", {{"logGroupName", "g"}, {"logGroupClass", "INFREQUENT_ACCESS"}});
    bench.call("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    bench.check_refusal("FilterLogEvents", {{"logGroupName", "g"}}, "InvalidOperationException",
                        "The log group g is of log-group-class INFREQUENT_ACCESS. FilterLogEvents is not "
                        "supported for this log class.");
    bench.check_refusal("GetLogEvents", read(), "InvalidOperationException",
                        "The log group g is of log-group-class INFREQUENT_ACCESS. GetLogEvents is not "
                        "supported for this log class.");
}

TEST_CASE("a group may be named by its ARN", "[logs][get]") {
    LogsBench bench;
    bench.make_stream("g", "s");
    bench.put("g", "s", "m");
    const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    CHECK(
        bench.call("GetLogEvents", {{"logGroupIdentifier", arn}, {"logStreamName", "s"}})["events"].size() ==
        1);
    CHECK(bench.call("FilterLogEvents", {{"logGroupIdentifier", arn}})["events"].size() == 1);
    CHECK(bench.call("DescribeLogStreams", {{"logGroupIdentifier", arn}})["logStreams"].size() == 1);
}

}  // namespace rockwatch::logs
