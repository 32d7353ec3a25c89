#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"

namespace rockwatch::sqs {

/// A message as a queue holds it.
struct Message {
    std::int64_t sequence = 0;  ///< order of arrival over all queues; names the message in receipts
    std::string message_id;
    std::string body;
    Json attributes = Json::object();         ///< MessageAttributes, as the API has them
    Json system_attributes = Json::object();  ///< MessageSystemAttributes, as the API has them
    std::string sender_id;
    std::string group_id;  ///< empty: none
    Instant sent;
    Instant visible;  ///< may be received from then on
    int receive_count = 0;
    std::optional<Instant> first_received;
    std::string dead_letter_source;  ///< ARN of the queue it was moved from; empty: none
};

/// Lower-case hexadecimal MD5.
std::string md5_hex(std::string_view bytes);

/// MD5OfMessageAttributes; nullopt when there are none. Source: SQS developer guide, "Calculating the MD5
/// message digest for message attributes".
std::optional<std::string> md5_of_attributes(const Json& attributes);

/// Throws InvalidParameterValue, in AWS's words, when an attribute has no proper name, type or value, or
/// there are more than ten.
void check_attributes(const Json& attributes);

/// Throws when a body is empty or has characters that XML 1.0 has not.
void check_body(std::string_view body);

/// Body, and names, types and values of attributes, in bytes.
std::size_t message_bytes(std::string_view body, const Json& attributes);

/// The attributes that MessageAttributeNames asks for: names, All, .*, prefix.*
Json asked_attributes(const Json& attributes, const std::vector<std::string>& names);

/// Whether ReceiveMessage knows this system attribute.
bool is_system_attribute(std::string_view name);

/// The system attributes that a receiver asks for, as texts.
Json asked_system_attributes(const Message& message, const std::vector<std::string>& names);

/// Attributes as text for the store, and back: binary values as base64.
std::string attributes_text(const Json& attributes);
Json read_attributes(std::string_view text);

}  // namespace rockwatch::sqs
