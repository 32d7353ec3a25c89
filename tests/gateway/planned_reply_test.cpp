#include "gateway/planned_reply.hpp"

#include "protocol/event_stream.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

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
    const HttpReply reply = planned_reply(stream_plan(), clock, "id");
    CHECK(reply.streamed);
    CHECK(reply.headers.get("Content-Type") == "application/vnd.amazon.eventstream");
    CHECK(reply.due == Milliseconds{300});
    REQUIRE(reply.pieces.size() == 2);
    CHECK(reply.pieces[1].due == Milliseconds{320});
    CHECK(reply.pieces[0].bytes == event_frame("messageStart", R"({"role":"assistant"})"));
}

TEST_CASE(
    "nobody waits for a plan that does not sleep, and one that does while the clock is frozen takes real "
    "time",
    "[gateway][plan]") {
    VirtualClock clock([] { return from_epoch_ms(0); });
    clock.set(ClockMode::frozen, from_epoch_ms(0));
    ReplyPlan plan = stream_plan();
    CHECK(planned_reply(plan, clock, "id").due == Milliseconds{300});
    plan.sleeps = false;
    const HttpReply reply = planned_reply(plan, clock, "id");
    CHECK(reply.due == Milliseconds{0});
    CHECK(reply.pieces[1].due == Milliseconds{0});
}

TEST_CASE("a scaled clock divides a plan's times by its speed", "[gateway][plan]") {
    VirtualClock clock([] { return from_epoch_ms(0); });
    clock.set(ClockMode::scaled, from_epoch_ms(0), 10);
    CHECK(planned_reply(stream_plan(), clock, "id").pieces[1].due == Milliseconds{32});
}

TEST_CASE("a stream's error is an exception frame named after the member", "[gateway][plan]") {
    const VirtualClock clock([] { return from_epoch_ms(0); });
    ReplyPlan plan = stream_plan();
    plan.stream_error = {Milliseconds{400}, ServiceError("ThrottlingException", "slow down")};
    const HttpReply reply = planned_reply(plan, clock, "id");
    REQUIRE(reply.pieces.size() == 3);
    CHECK(reply.pieces[2].bytes == exception_frame("throttlingException", R"({"message":"slow down"})"));
}

TEST_CASE("a truncated stream ends after the events that the rule lets through", "[gateway][plan]") {
    const VirtualClock clock([] { return from_epoch_ms(0); });
    ReplyPlan plan = stream_plan();
    plan.ending = Ending::truncate;
    plan.truncate_after = 1;
    const HttpReply reply = planned_reply(plan, clock, "id");
    CHECK(reply.pieces.size() == 1);
    CHECK(reply.ending == Ending::truncate);
}
