#include <fmt/format.h>

#include <algorithm>

#include "four_doors.hpp"
#include "support/catch.hpp"

/// What the contract says of faults (control-api.md, "Rules: canned answers, latency and faults"), each
/// member through each of the four operations.
namespace rockwatch::bedrock_runtime {

TEST_CASE(
    "an error is answered on every operation, with what it says and Bedrock's own where it says nothing",
    "[runtime][contract]") {
    struct Row {
        Json error;
        std::string message;
        int status;
    };
    const auto row = GENERATE(values<Row>({
        {{{"name", "ThrottlingException"}}, "Too many requests, please wait before trying again.", 0},
        {{{"name", "ModelTimeoutException"}},
         "Model has timed out in processing the request. Try your request again.",
         0},
        {{{"name", "ThrottlingException"}, {"message", "Slow down."}}, "Slow down.", 0},
        {{{"name", "ThrottlingException"}, {"status", 503}},
         "Too many requests, please wait before trying again.",
         503},
        {{{"name", "OfOurOwnException"}, {"message", "x"}, {"status", 418}}, "x", 418},
    }));
    for (const std::string& operation : all_operations) {
        CAPTURE(operation, row.error.dump());
        RuntimeWorld world;
        world.book.add({{"id", "fails"}, {"error", row.error}});
        world.book.add({{"latency", 90}});
        const ReplyPlan plan = ask(world, operation);
        REQUIRE(plan.error);
        CHECK(plan.error->code == row.error.at("name").get<std::string>());
        CHECK(plan.error->message == row.message);
        CHECK(plan.error->status == row.status);
        CHECK(plan.latency.count() == 90);
        CHECK(plan.body.empty());
        CHECK(plan.events.empty());
        CHECK(world.last_record().at("errorCode") == plan.error->code);
    }
}

TEST_CASE(
    "an error placed within a stream breaks streams there, and is a plain error where nothing is streamed",
    "[runtime][contract]") {
    struct Row {
        Json place;
        std::size_t sent;
        std::int64_t due;
    };
    const auto row = GENERATE(values<Row>({{{{"afterChunks", 0}}, 0, 0},
                                           {{{"afterChunks", 1}}, 1, 100},
                                           {{{"afterChunks", 3}}, 3, 120},
                                           {{{"afterMs", 0}}, 0, 0},
                                           {{{"afterMs", 115}}, 2, 115},
                                           {{{"afterMs", 5'000}}, 5, 5'000}}));
    for (const std::string& operation : all_operations) {
        CAPTURE(operation, row.place.dump());
        RuntimeWorld world;
        Json error = row.place;
        error["name"] = "ModelStreamErrorException";
        world.book.add({{"error", error},
                        {"respond", {{"text", "one two three four five"}}},
                        {"stream", {{"firstTokenMs", 100}, {"interTokenMs", 10}, {"tokensPerChunk", 1}}}});
        const ReplyPlan plan = ask(world, operation);
        if (!is_streamed(operation)) {
            REQUIRE(plan.error);
            CHECK(plan.error->code == "ModelStreamErrorException");
            continue;
        }
        CHECK_FALSE(plan.error);
        const auto sent = pieces(plan, operation);
        CHECK(sent.size() ==
              row.sent + (row.place.value("afterMs", 0) == 5'000 ? sent.size() - row.sent : 0));
        REQUIRE(plan.stream_error);
        CHECK(plan.stream_error->first.count() == row.due);
        CHECK(plan.stream_error->second.code == "ModelStreamErrorException");
        CHECK(world.metrics.values("InvocationClientErrors", haiku) == std::vector<double>{1});
    }
}

TEST_CASE("a connection fault breaks the way back of every operation", "[runtime][contract]") {
    struct Row {
        std::string connection;
        Ending ending;
    };
    const auto row = GENERATE(
        values<Row>({{"reset", Ending::reset}, {"hang", Ending::hang}, {"truncate", Ending::truncate}}));
    for (const std::string& operation : all_operations) {
        CAPTURE(operation, row.connection);
        RuntimeWorld world;
        world.book.add({{"id", "cut"},
                        {"error", {{"connection", row.connection}}},
                        {"respond", {{"text", std::string(100, 'x')}}}});
        const ReplyPlan plan = ask(world, operation);
        CHECK(plan.ending == row.ending);
        CHECK_FALSE(plan.error);
        const std::size_t whole = plan.streamed ? plan.events.size() : plan.body.size();
        if (row.ending == Ending::truncate) {
            CHECK(plan.truncate_after > 0);
            CHECK(plan.truncate_after < whole);
        } else {
            CHECK(whole == 0);
        }
        if (!is_streamed(operation)) continue;
        // After some chunks: they are sent first, and nothing is said.
        world.book.put("cut", {{"error", {{"connection", row.connection}, {"afterChunks", 2}}},
                               {"respond", {{"text", std::string(100, 'x')}}},
                               {"stream", {{"tokensPerChunk", 1}}}});
        const ReplyPlan later = ask(world, operation);
        CHECK(later.ending == row.ending);
        CHECK(pieces(later, operation).size() == 2);
        CHECK_FALSE(later.stream_error);
    }
}

}  // namespace rockwatch::bedrock_runtime
