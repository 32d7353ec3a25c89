#pragma once

#include <string>
#include <string_view>

#include "protocol/codec.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// What both REST protocols bind to labels, query string and headers.
struct RestRequest {
    const OperationModel& operation;
    const HttpRequest& request;
    std::string_view path;        ///< raw, with the bucket in front for S3
    std::string_view error_code;  ///< of what cannot be read
};

/// The members that stand outside the body. Query parameters that no member is bound to go into `ignored`.
Json read_bindings(const RestRequest& rest, Ignored& ignored);

/// Status and headers of a successful answer.
void write_bindings(const OperationModel& operation, const Json& output, HttpReply& reply);

/// The member that is the whole body; nullptr when there is none.
const Member* payload_of(const Shape& shape);

/// Members without a place of their own share the body.
bool has_body_members(const Shape& shape);

/// The output without what write_bindings has sent.
Json body_members(const Shape& shape, const Json& output);

}  // namespace rockwatch
