#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "protocol/aws_chunked.hpp"
#include "protocol/identify.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

/// A request's body, and whom it is for.
struct Received {
    std::string body;  ///< freed of HTTP's codings; S3 gets it as it was sent
    Target target;     ///< as identify tells it
    std::optional<ServiceError>
        fault;  ///< why the body could not be had; to be answered in the target's protocol
};

/// Reads the whole body. `target`: as the head alone tells it. S3 gets the body in the coding it was sent in,
/// everyone else inflated.
Received receive(const ModelLibrary& models, HttpRequest& request, Target target);

/// Takes aws-chunked off an upload to S3; others stay as they are. `signatures`, where somebody wants them,
/// gets the chunks'. Throws ServiceError.
void take_chunks_off(HttpRequest& request, const Target& target, std::string& body,
                     ChunkSignatures* signatures);

/// What a request that could not be taken gets from its service: `status` as HTTP names the trouble, the code
/// as the protocol does.
ServiceError transport_error(Protocol protocol, int status, std::string message);

/// A client that hears that we are too busy is told when to come back.
void add_retry_after(HttpReply& reply);

}  // namespace rockwatch
