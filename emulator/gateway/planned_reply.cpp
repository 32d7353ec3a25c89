#include "gateway/planned_reply.hpp"

#include "protocol/event_stream.hpp"

namespace rockwatch {

namespace {

/// throttlingException for ThrottlingException, as the event stream's members are named.
std::string member_name(std::string code) {
    if (!code.empty() && code[0] >= 'A' && code[0] <= 'Z') code[0] = static_cast<char>(code[0] + ('a' - 'A'));
    return code;
}

Json error_payload(const ServiceError& error) {
    Json payload = error.members;
    payload["message"] = error.message;
    return payload;
}

/// Who sleeps although the clock stands still, since a rule wants it so, takes real time.
Milliseconds slept(const ReplyPlan& plan, const Clock& clock, Milliseconds emulated) {
    if (!plan.sleeps) return Milliseconds{0};
    return clock.mode() == ClockMode::frozen ? emulated : clock.real_duration(emulated);
}

void add_frames(const ReplyPlan& plan, const Clock& clock, HttpReply& reply) {
    const auto due = [&](Milliseconds emulated) { return slept(plan, clock, emulated); };
    for (const PlannedEvent& event : plan.events) {
        const bool is_cut = plan.ending == Ending::truncate && reply.pieces.size() == plan.truncate_after;
        if (is_cut) return;
        reply.pieces.push_back({due(event.due), event_frame(event.type, to_text(event.payload))});
    }
    if (!plan.stream_error) return;
    const auto& [at, error] = *plan.stream_error;
    reply.pieces.push_back(
        {due(at), exception_frame(member_name(error.code), to_text(error_payload(error)))});
}

}  // namespace

Milliseconds first_byte_due(const ReplyPlan& plan, const Clock& clock) {
    return slept(plan, clock, plan.latency);
}

HttpReply planned_reply(const ReplyPlan& plan, const Clock& clock, std::string_view request_id) {
    HttpReply reply;
    reply.due = first_byte_due(plan, clock);
    reply.headers.add("x-amzn-RequestId", std::string(request_id));
    for (const auto& [name, value] : plan.headers) reply.headers.add(name, value);
    reply.ending = plan.ending;
    if (plan.streamed) {
        reply.streamed = true;
        reply.headers.add("Content-Type", "application/vnd.amazon.eventstream");
        add_frames(plan, clock, reply);
    } else {
        reply.headers.add("Content-Type", plan.content_type);
        reply.truncate_after = plan.truncate_after;
    }
    return reply;
}

}  // namespace rockwatch
