#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "protocol/codec.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// Where in an input a value stands. Lives on the stack of the walk; made into text only when something is
/// said.
class Place {
public:
    explicit Place(std::string_view name) : name_(name) {}
    Place(const Place& up, std::string_view name) : up_(&up), name_(name), depth_(up.depth_ + 1) {}
    Place(const Place& up, std::size_t index) : up_(&up), index_(index), depth_(up.depth_ + 1) {}

    /// /input/logEvents/0/message
    std::string pointer() const;
    /// logEvents.1.member.message: names as Java spells members, indices from 1
    std::string dotted() const;
    /// LogEvents.member.1.Message: as the query protocol writes it
    std::string parameter() const;
    int depth() const { return depth_; }

private:
    bool is_index() const { return index_ != no_index; }
    static constexpr std::size_t no_index = std::size_t(-1);

    const Place* up_ = nullptr;
    std::string_view name_;
    std::size_t index_ = no_index;
    int depth_ = 0;
};

/// A value could not be read. `code` is the protocol's: SerializationException, MalformedInput, MalformedXML.
ServiceError unreadable(std::string_view code, const Place& place, std::string_view problem);

/// The format that counts for a timestamp: the member's, else the shape's, else the protocol's.
std::string_view timestamp_format(const Member& member, std::string_view fallback);

/// A scalar from text: form values, labels, query strings, headers, XML. Throws `unreadable` with `code`.
Json scalar_from_text(const Shape& shape, std::string_view text, const Place& place, std::string_view code);

/// A scalar as text, for the same places. `format` is for timestamps.
std::string scalar_to_text(const Shape& shape, const Json& value, std::string_view format);

/// Epoch seconds, exact to the millisecond, from a JSON or CBOR number; nullopt when it is not a number or no
/// time.
std::optional<std::int64_t> milliseconds_of_seconds(const Json& seconds);

/// 1704164645.678, or 1704164645 when whole.
std::string seconds_text(std::int64_t milliseconds);

/// In iso8601 (with milliseconds when there are any, or always: iso8601-milliseconds), rfc822 or
/// unixTimestamp.
std::string time_text(std::int64_t milliseconds, std::string_view format);

std::string_view bytes_of(const Json& binary);
Json binary_of(std::string_view bytes);

/// What the wire says of an error, whatever the protocol.
struct ErrorFacts {
    const Shape* shape = nullptr;  ///< nullptr: no model knows it
    std::string shape_name;        ///< ResourceNotFound
    std::string type;              ///< with namespace, as __type has it
    std::string query_code;        ///< what the query protocol calls it
    std::string message_name = "message";
    int status = 400;
    bool sender_fault = true;
};

/// `protocol` decides which status counts; `query_mode` whether a query-compatible service shows its own.
ErrorFacts facts_of(const ServiceModel& service, const ServiceError& error, Protocol protocol,
                    bool query_mode);

/// x-amzn-query-mode: true
bool is_query_mode(const HttpRequest& request);

/// The error's members beside the message that are to be sent, with the message under its modelled name.
Json error_body(const ErrorFacts& facts, const ServiceError& error);

}  // namespace rockwatch
