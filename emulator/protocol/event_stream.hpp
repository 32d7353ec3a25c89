#pragma once

#include <string>
#include <string_view>

namespace rockwatch {

struct OperationModel;

/// Whether the request's body is such a stream. Its client sends on and on, and may wait for our first word.
bool takes_event_stream(const OperationModel& operation);

/// Frames of application/vnd.amazon.eventstream (facts: protocols.md 3.1, bedrock.md 3.1), with both CRCs.

/// :event-type, :content-type application/json, :message-type event, in Bedrock's order.
std::string event_frame(std::string_view event_type, std::string_view payload);
/// A modelled exception; `exception_type` is the member's name: throttlingException.
std::string exception_frame(std::string_view exception_type, std::string_view payload);
/// An error that no model knows; ends the stream.
std::string error_frame(std::string_view error_code, std::string_view error_message);

}  // namespace rockwatch
