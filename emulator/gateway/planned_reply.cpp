#include "gateway/planned_reply.hpp"

#include "protocol/event_stream.hpp"
#include "protocol/openai.hpp"

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

/// Clients take an exception that the operation's event stream does not have for an error without a name.
std::string error_in_stream(const Target& target, const ServiceError& error) {
    const std::string member = member_name(error.code);
    const Member* stream = target.operation == nullptr ? nullptr : target.operation->event_stream;
    if (stream == nullptr || stream->shape->member(member) == nullptr)
        return error_frame(error.code, error.message);
    return exception_frame(member, to_text(error_payload(error)));
}

/// Who sleeps although the clock stands still, since a rule wants it so, takes real time.
Milliseconds slept(const ReplyPlan& plan, const Clock& clock, Milliseconds emulated) {
    if (!plan.sleeps) return Milliseconds{0};
    return clock.mode() == ClockMode::frozen ? emulated : clock.real_duration(emulated);
}

/// One form of a stream on the wire.
struct Framing {
    const char* content_type;
    std::string (*event)(const PlannedEvent& event);
    std::string (*error)(const Target& target, const ServiceError& error);
    std::string_view end;  ///< behind the last event of a stream that is whole
};

const Framing event_stream = {
    "application/vnd.amazon.eventstream",
    [](const PlannedEvent& event) { return event_frame(event.type, to_text(event.payload)); },
    error_in_stream,
    {}};

/// Chosen: an error within a stream has the form of one that comes at once, as OpenAI's own clients read it.
const Framing server_sent = {
    "text/event-stream; charset=utf-8",
    [](const PlannedEvent& event) { return openai_event(event.payload.get_ref<const std::string&>()); },
    [](const Target& target, const ServiceError& error) {
        return openai_event(openai_error_text(*target.service, error));
    },
    openai_done};

void add_pieces(const ReplyPlan& plan, const Clock& clock, const Framing& framing, const Target& target,
                HttpReply& reply) {
    const auto due = [&](Milliseconds emulated) { return slept(plan, clock, emulated); };
    for (const PlannedEvent& event : plan.events) {
        const bool is_cut = plan.ending == Ending::truncate && reply.pieces.size() == plan.truncate_after;
        if (is_cut) return;
        reply.pieces.push_back({due(event.due), framing.event(event)});
    }
    if (plan.stream_error) {
        const auto& [at, error] = *plan.stream_error;
        reply.pieces.push_back({due(at), framing.error(target, error)});
    } else if (plan.ending == Ending::normal && !reply.pieces.empty()) {
        reply.pieces.back().bytes += framing.end;
    }
}

}  // namespace

Milliseconds first_byte_due(const ReplyPlan& plan, const Clock& clock) {
    return slept(plan, clock, plan.latency);
}

HttpReply planned_reply(const ReplyPlan& plan, const Clock& clock, const Target& target,
                        std::string_view request_id) {
    const bool is_openai = target.protocol == Protocol::openai;
    HttpReply reply;
    reply.due = first_byte_due(plan, clock);
    reply.headers.add("x-amzn-RequestId", std::string(request_id));
    if (is_openai) reply.headers.add("x-request-id", std::string(request_id));
    for (const auto& [name, value] : plan.headers) reply.headers.add(name, value);
    reply.ending = plan.ending;
    if (plan.streamed) {
        const Framing& framing = is_openai ? server_sent : event_stream;
        reply.streamed = true;
        reply.headers.add("Content-Type", framing.content_type);
        add_pieces(plan, clock, framing, target, reply);
    } else {
        reply.headers.add("Content-Type", plan.content_type);
        reply.truncate_after = plan.truncate_after;
    }
    return reply;
}

}  // namespace rockwatch
