#pragma once

#include <string_view>

#include "core/clock.hpp"
#include "protocol/codec.hpp"
#include "protocol/identify.hpp"
#include "rules/reply_plan.hpp"

namespace rockwatch {

/// The wire form of an invocation's plan: statuses, headers and frames, offsets in real milliseconds. An
/// error of the plan is left to the codec: `plan.error` must be empty. `on_complete` stays with the plan.
/// A stream is one of AWS's event stream, or of server-sent events where `target` speaks as OpenAI does.
HttpReply planned_reply(const ReplyPlan& plan, const Clock& clock, const Target& target,
                        std::string_view request_id);

/// When the first byte of a plan may go out, in real milliseconds after the request's arrival.
Milliseconds first_byte_due(const ReplyPlan& plan, const Clock& clock);

}  // namespace rockwatch
