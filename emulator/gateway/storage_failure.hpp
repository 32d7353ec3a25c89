#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "protocol/model.hpp"
#include "storage/database.hpp"

namespace rockwatch {

/// What a person is told of a change that the database did not take, and what to do about it. `bytes_max`:
/// --max-db-size.
std::string storage_failure_text(const DatabaseError& broken, std::optional<std::int64_t> bytes_max);

/// The same as the service's answer. Chosen: a full database is a limit of the account, not a server that is
/// busy; no SDK tries for minutes what cannot succeed until somebody makes room. Other faults are a 503.
ServiceError storage_failure(const DatabaseError& broken, const ServiceModel& service,
                             std::optional<std::int64_t> bytes_max);

}  // namespace rockwatch
