#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

/// CloudWatch's errors. Codes are the model's shape names; `ValidationError` is in no model.
namespace rockwatch::cloudwatch {

/// Alarm operations and GetMetricData.
inline ServiceError validation_error(std::string message) { return {"ValidationError", std::move(message)}; }

/// PutMetricData, GetMetricStatistics, dashboards, tags.
inline ServiceError invalid_value(std::string message) {
    return {"InvalidParameterValueException", std::move(message)};
}

inline ServiceError invalid_combination(std::string message) {
    return {"InvalidParameterCombinationException", std::move(message)};
}

inline ServiceError missing_parameter(std::string message) {
    return {"MissingRequiredParameterException", std::move(message)};
}

/// SetAlarmState and DeleteAlarms say no word with it.
inline ServiceError no_such_alarm() { return {"ResourceNotFound", ""}; }

inline ServiceError no_such_resource(std::string_view type, std::string_view arn) {
    return {"ResourceNotFoundException", "",
            Json{{"ResourceType", std::string(type)}, {"ResourceId", std::string(arn)}}};
}

inline ServiceError no_such_dashboard(std::string_view name) {
    return {"DashboardNotFoundError", "Dashboard " + std::string(name) + " does not exist"};
}

inline ServiceError invalid_next_token() {
    return {"InvalidNextToken", "The parameter NextToken is invalid for this request."};
}

inline ServiceError invalid_format(std::string message) { return {"InvalidFormatFault", std::move(message)}; }

}  // namespace rockwatch::cloudwatch
