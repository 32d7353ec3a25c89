#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

/// An event of a streamed answer. `due` counts emulated milliseconds from the call's arrival.
struct PlannedEvent {
    Milliseconds due{0};
    std::string type;  ///< the event stream's member: contentBlockDelta, chunk
    Json payload;      ///< as it goes on the wire, padding included; a text: JSON that goes out as it is
};

/// What the journal tells about an invocation, beside request and answer.
struct InvocationNotes {
    struct NearMiss {
        std::string rule;
        std::string failed;  ///< JSON pointer to the rule's first condition that did not hold
    };

    std::string model_id;            ///< as the caller named it
    Milliseconds latency{0};         ///< as reported to client, log and metrics
    std::vector<std::string> rules;  ///< ids of the rules that took part
    std::vector<NearMiss> near_misses;
};

/// What an invocation answers, when, how it ends, and what to do then. Made by bedrock_runtime, turned into
/// bytes by the gateway, waited for by http alone. A test plays it instantly.
struct ReplyPlan {
    /// Before the first byte. Emulated milliseconds; not slept when `sleeps` is false.
    Milliseconds latency{0};
    bool sleeps = true;

    /// Exactly one of error, body and events (with streamed) is the answer.
    std::optional<ServiceError> error;
    Headers headers;   ///< beside Content-Type and the request id
    std::string body;  ///< a plain answer's, finished: Converse's JSON or the native body
    std::string content_type = "application/json";
    bool streamed = false;
    std::vector<PlannedEvent> events;
    std::optional<std::pair<Milliseconds, ServiceError>>
        stream_error;  ///< after the events, as a frame of its own

    Ending ending = Ending::normal;
    /// For Ending::truncate: how many events, or bytes of a plain body, go out first.
    std::size_t truncate_after = 0;

    InvocationNotes notes;

    /// Writes the record and the metrics. Called exactly once.
    std::function<void()> on_complete;
};

}  // namespace rockwatch
