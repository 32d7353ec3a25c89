#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "protocol/message.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// Members that the model does not know, as JSON pointers: /input/unknownMember. AWS ignores them; so do we,
/// and the journal says so.
using Ignored = std::vector<std::string>;

/// One AWS wire format. Pure: bytes and trees in, trees and bytes out. Thread-safe, without state.
///
/// Inside, blobs are Json::binary and timestamps int64 epoch milliseconds; only codecs know the wire's forms.
class Codec {
public:
    virtual ~Codec() = default;

    /// The input as the model's tree. Throws ServiceError (SerializationException or what the protocol has)
    /// when the body is malformed or a value has the wrong type.
    virtual Json parse(const OperationModel& operation, const HttpRequest& request, std::string_view body,
                       Ignored& ignored) const = 0;

    /// A successful answer. `output` is shaped by operation.output.
    virtual HttpReply serialise(const ServiceModel& service, const OperationModel& operation,
                                const Json& output, std::string_view request_id) const = 0;

    /// An error answer: status from `error.status`, else from the model's shape of that name, else 400.
    virtual HttpReply serialise_error(const ServiceModel& service, const HttpRequest& request,
                                      const ServiceError& error, std::string_view request_id) const = 0;
};

/// The one codec of a protocol.
const Codec& codec_for(Protocol protocol);

/// The JSON text of a value shaped by `shape`, in the form of the JSON protocols: blobs base64, timestamps as
/// the shape says. The record of an invocation and events of a stream use it too.
Json to_wire_json(const Shape* shape, const Json& value);

}  // namespace rockwatch
