#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.hpp"

/// The errors of SNS, each made by a named function. Codes are the shapes' names; the codec sends the query
/// protocol's codes (NotFound, InvalidParameter).
namespace rockwatch::sns {

inline ServiceError no_such_topic() { return {"NotFoundException", "Topic does not exist"}; }

inline ServiceError no_such_subscription() { return {"NotFoundException", "Subscription does not exist"}; }

inline ServiceError no_such_resource() { return {"ResourceNotFoundException", "Resource does not exist"}; }

/// `what` is the parameter's name, or the whole reason.
inline ServiceError invalid_parameter(std::string_view what) {
    return {"InvalidParameterException", fmt::format("Invalid parameter: {}", what)};
}

inline ServiceError invalid_parameter(std::string_view name, std::string_view reason) {
    return {"InvalidParameterException", fmt::format("Invalid parameter: {} Reason: {}", name, reason)};
}

inline ServiceError invalid_attribute_value(std::string message) {
    return {"InvalidParameterValueException", std::move(message)};
}

inline ServiceError unsubscribe_needs_signature() {
    return {"AuthorizationErrorException",
            "The subscription was confirmed with AuthenticateOnUnsubscribe: sign the request"};
}

inline ServiceError empty_batch() {
    return {"EmptyBatchRequestException", "The batch request doesn't contain any entries."};
}

inline ServiceError too_many_entries() {
    return {"TooManyEntriesInBatchRequestException",
            "The batch request contains more entries than permissible."};
}

inline ServiceError ids_not_distinct() {
    return {"BatchEntryIdsNotDistinctException",
            "Two or more batch entries in the request have the same Id."};
}

inline ServiceError invalid_entry_id(std::string_view id) {
    const std::string_view fault = id.size() > 80 ? "is too long" : "contains an impermissible character";
    return {"InvalidBatchEntryIdException",
            fmt::format("The Id of a batch entry in the batch request {}: {}", fault, id)};
}

inline ServiceError batch_too_long() {
    return {"BatchRequestTooLongException",
            "The length of all the messages put together is more than the limit."};
}

inline ServiceError too_many_tags() {
    return {"TagLimitExceededException", "Could not complete request: tag quota of per resource exceeded"};
}

}  // namespace rockwatch::sns
