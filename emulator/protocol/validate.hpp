#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

/// Checks an input against its shape: required, length, range, pattern, enum. Throws one ServiceError with every
/// finding, worded as AWS words it: "2 validation errors detected: Value '…' at '…' failed to satisfy
/// constraint: …; …". The code is the service's (ServiceModel::validation).
void validate(const ServiceModel& service, const OperationModel& operation, const Json& input);

}  // namespace rockwatch
