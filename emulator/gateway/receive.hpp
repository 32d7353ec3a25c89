#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "protocol/identify.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

/// A request's body, and whom it is for.
struct Received {
    std::string body;  ///< freed of codings that are not the service's: gzip, aws-chunked
    Target target;     ///< as identify tells it
    std::optional<ServiceError>
        fault;  ///< why the body could not be had; to be answered in the target's protocol
};

/// Reads the whole body. S3 gets it in the coding it was sent in, everyone else inflated.
Received receive(const ModelLibrary& models, HttpRequest& request);

/// What a request that could not be taken gets from its service: `status` as HTTP names the trouble, the code
/// as the protocol does.
ServiceError transport_error(Protocol protocol, int status, std::string message);

/// A client that hears that we are too busy is told when to come back.
void add_retry_after(HttpReply& reply);

}  // namespace rockwatch
