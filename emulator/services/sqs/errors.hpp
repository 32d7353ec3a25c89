#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.hpp"

/// The errors of SQS, each made by a named function. Codes are the shapes' names; the codec adds the codes of
/// the query protocol. InvalidParameterValue and MissingParameter are codes that no shape has.
namespace rockwatch::sqs {

inline ServiceError no_such_queue() { return {"QueueDoesNotExist", "The specified queue does not exist."}; }

inline ServiceError no_such_address(std::string_view url) {
    return {"InvalidAddress", fmt::format("The address {} is not valid for this endpoint.", url)};
}

inline ServiceError queue_exists(std::string_view attribute) {
    return {"QueueNameExists",
            fmt::format("A queue already exists with the same name and a different value for attribute {}",
                        attribute)};
}

inline ServiceError unknown_attribute(std::string_view name) {
    return {"InvalidAttributeName", fmt::format("Unknown Attribute {}.", name)};
}

inline ServiceError invalid_attribute_value(std::string_view name) {
    return {"InvalidAttributeValue", fmt::format("Invalid value for the parameter {}.", name)};
}

inline ServiceError invalid_parameter(std::string message) {
    return {"InvalidParameterValue", std::move(message)};
}

template <class Value>
ServiceError invalid_value(const Value& value, std::string_view parameter, std::string_view reason) {
    return invalid_parameter(
        fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, parameter, reason));
}

inline ServiceError missing_parameter(std::string_view parameter) {
    return {"MissingParameter", fmt::format("The request must contain the parameter {}.", parameter)};
}

inline ServiceError invalid_contents() {
    return {
        "InvalidMessageContents",
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to "
        "#xFFFD | #x10000 to #x10FFFF"};
}

inline ServiceError invalid_receipt_handle(std::string_view handle) {
    return {"ReceiptHandleIsInvalid",
            fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle)};
}

inline ServiceError message_not_inflight() {
    return {"MessageNotInflight", "The message referred to is not in flight."};
}

inline ServiceError purge_in_progress(std::string_view queue) {
    return {"PurgeQueueInProgress",
            fmt::format("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue)};
}

inline ServiceError empty_batch(std::string_view entry_shape) {
    return {"EmptyBatchRequest", fmt::format("There should be at least one {} in the request.", entry_shape)};
}

inline ServiceError too_many_entries(std::size_t count) {
    return {"TooManyEntriesInBatchRequest",
            fmt::format("Maximum number of entries per request are 10. You have sent {}.", count)};
}

inline ServiceError ids_not_distinct(std::string_view id) {
    return {"BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", id)};
}

inline ServiceError invalid_entry_id() {
    return {"InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be "
            "at most 80 "
            "letters long."};
}

inline ServiceError batch_too_long(std::size_t bytes_max, std::size_t bytes) {
    return {"BatchRequestTooLong",
            fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.", bytes_max,
                        bytes)};
}

}  // namespace rockwatch::sqs
