#include "gateway/planned_reply.hpp"

#include "protocol/event_stream.hpp"
#include "protocol/model.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

Target converse_stream() {
    static const ModelLibrary models;
    const ServiceModel* runtime = models.find("bedrock-runtime");
    return {.service = runtime, .operation = runtime->operation("ConverseStream")};
}

ReplyPlan stream_plan() {
    ReplyPlan plan;
    plan.latency = Milliseconds{300};
    plan.streamed = true;
    plan.events = {{Milliseconds{300}, "messageStart", {{"role", "assistant"}}},
                   {Milliseconds{320}, "messageStop", {{"stopReason", "end_turn"}}}};
    return plan;
}

}  // namespace

TEST_CASE("a streamed plan becomes frames at the plan's times", "[gateway][plan]") {
    const VirtualClock clock([] { return from_epoch_ms(0); });
    const HttpReply reply = planned_reply(stream_plan(), clock, converse_stream(), "id");
    CHECK(reply.streamed);
    CHECK(reply.headers.get("Content-Type") == "application/vnd.amazon.eventstream");
    CHECK(reply.due == Milliseconds{300});
    REQUIRE(reply.pieces.size() == 2);
    CHECK(reply.pieces[1].due == Milliseconds{320});
    CHECK(reply.pieces[0].bytes == event_frame("messageStart", R"({"role":"assistant"})"));
}

TEST_CASE("where OpenAI is spoken, a stream is one of server-sent events", "[gateway][plan][openai]") {
    const VirtualClock clock([] { return from_epoch_ms(0); });
    const ModelLibrary models;
    const Target target{.service = models.find("bedrock-runtime"), .protocol = Protocol::openai};
    ReplyPlan plan;
    plan.streamed = true;
    plan.events = {{Milliseconds{5}, "data", R"({"id":1})"}, {Milliseconds{9}, "data", R"({"id":2})"}};

    const HttpReply whole = planned_reply(plan, clock, target, "id");
    CHECK(whole.headers.get("Content-Type") == "text/event-stream; charset=utf-8");
    CHECK(whole.headers.get("x-request-id") == "id");
    REQUIRE(whole.pieces.size() == 2);
    CHECK(whole.pieces[0].bytes == "data: {\"id\":1}\n\n");
    CHECK(whole.pieces[1].bytes == "data: {\"id\":2}\n\ndata: [DONE]\n\n");
    CHECK(whole.pieces[1].due == Milliseconds{9});

    plan.ending = Ending::truncate;
    plan.truncate_after = 1;
    CHECK(planned_reply(plan, clock, target, "id").pieces.size() == 1);
    CHECK(planned_reply(plan, clock, target, "id").pieces[0].bytes == "data: {\"id\":1}\n\n");

    plan.ending = Ending::normal;
    plan.stream_error.emplace(Milliseconds{12}, ServiceError("ThrottlingException", "slow down"));
    const HttpReply broken = planned_reply(plan, clock, target, "id");
    REQUIRE(broken.pieces.size() == 3);
    CHECK(broken.pieces[2].due == Milliseconds{12});
    CHECK(broken.pieces[2].bytes ==
          "data: {\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\",\"param\":null,"
          "\"type\":\"rate_limit_error\"}}\n\n");
}

TEST_CASE(
    "nobody waits for a plan that does not sleep, and one that does while the clock is frozen takes real "
    "time",
    "[gateway][plan]") {
    VirtualClock clock([] { return from_epoch_ms(0); });
    clock.set(ClockMode::frozen, from_epoch_ms(0));
    ReplyPlan plan = stream_plan();
    CHECK(planned_reply(plan, clock, converse_stream(), "id").due == Milliseconds{300});
    plan.sleeps = false;
    const HttpReply reply = planned_reply(plan, clock, converse_stream(), "id");
    CHECK(reply.due == Milliseconds{0});
    CHECK(reply.pieces[1].due == Milliseconds{0});
}

TEST_CASE("a scaled clock divides a plan's times by its speed", "[gateway][plan]") {
    VirtualClock clock([] { return from_epoch_ms(0); });
    clock.set(ClockMode::scaled, from_epoch_ms(0), 10);
    CHECK(planned_reply(stream_plan(), clock, converse_stream(), "id").pieces[1].due == Milliseconds{32});
}

TEST_CASE("a stream's error is an exception frame named after the member", "[gateway][plan]") {
    const VirtualClock clock([] { return from_epoch_ms(0); });
    ReplyPlan plan = stream_plan();
    plan.stream_error = {Milliseconds{400}, ServiceError("ThrottlingException", "slow down")};
    const HttpReply reply = planned_reply(plan, clock, converse_stream(), "id");
    REQUIRE(reply.pieces.size() == 3);
    CHECK(reply.pieces[2].bytes == exception_frame("throttlingException", R"({"message":"slow down"})"));
}

TEST_CASE("a stream's error that the operation's stream has no member for goes out under its own name",
          "[gateway][plan]") {
    const VirtualClock clock([] { return from_epoch_ms(0); });
    ReplyPlan plan = stream_plan();
    plan.stream_error = {Milliseconds{400}, ServiceError("ModelTimeoutException", "too late")};
    CHECK(planned_reply(plan, clock, converse_stream(), "id").pieces.at(2).bytes ==
          error_frame("ModelTimeoutException", "too late"));
    // The stream of native chunks has that member.
    Target native = converse_stream();
    native.operation = native.service->operation("InvokeModelWithResponseStream");
    CHECK(planned_reply(plan, clock, native, "id").pieces.at(2).bytes ==
          exception_frame("modelTimeoutException", R"({"message":"too late"})"));
}

TEST_CASE("a truncated stream ends after the events that the rule lets through", "[gateway][plan]") {
    const VirtualClock clock([] { return from_epoch_ms(0); });
    ReplyPlan plan = stream_plan();
    plan.ending = Ending::truncate;
    plan.truncate_after = 1;
    const HttpReply reply = planned_reply(plan, clock, converse_stream(), "id");
    CHECK(reply.pieces.size() == 1);
    CHECK(reply.ending == Ending::truncate);
}
