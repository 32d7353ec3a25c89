#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace rockwatch::cloudwatch {

struct DashboardFinding {
    std::string data_path;  ///< /widgets/1/properties/metrics/0
    std::string message;
};

struct DashboardCheck {
    std::vector<DashboardFinding> errors;    ///< any of these and the dashboard is refused
    std::vector<DashboardFinding> warnings;  ///< answered beside a stored dashboard
};

/// Checks a dashboard's body. `body` is any JSON object.
///
/// Source: messages measured against AWS by cdk-preflight, and quoted deployment errors.
/// Chosen: what no source knows is a warning, not an error.
DashboardCheck check_dashboard(const Json& body);

/// `The dashboard body is invalid, there are 2 validation errors:` and the list.
std::string dashboard_error_text(const std::vector<DashboardFinding>& errors);

}  // namespace rockwatch::cloudwatch
