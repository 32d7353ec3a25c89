#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// Checks an input against its shape: required, length, range, pattern, enum, one member of a union. Throws
/// one ServiceError with every finding, in the order of the model's members and in the words of the
/// operation's ValidationStyle: "2 validation errors detected: Value '…' at '…' failed to satisfy constraint:
/// …; …".
void validate(const ServiceModel& service, const OperationModel& operation, const Json& input);

}  // namespace rockwatch
