#include "gateway/storage_failure.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rockwatch {

namespace {

/// The error by which services say that there may be no more of something; each has one of them at most that
/// fits.
constexpr const char* limit_errors[] = {"LimitExceededException", "LimitExceededFault",
                                        "ServiceQuotaExceededException", "OverLimit"};

bool is_full(const DatabaseError& broken, std::optional<std::int64_t> bytes_max) {
    return broken.code == SQLITE_FULL && bytes_max;
}

}  // namespace

std::string storage_failure_text(const DatabaseError& broken, std::optional<std::int64_t> bytes_max) {
    if (!is_full(broken, bytes_max))
        return fmt::format("The database could not take the change: {}", broken.what());
    return fmt::format(
        "The database has reached its {} bytes (--max-db-size): delete something, reset the emulator, or "
        "start "
        "it with a larger size.",
        *bytes_max);
}

ServiceError storage_failure(const DatabaseError& broken, const ServiceModel& service,
                             std::optional<std::int64_t> bytes_max) {
    std::string text = storage_failure_text(broken, bytes_max);
    if (!is_full(broken, bytes_max)) {
        ServiceError error("ServiceUnavailable", std::move(text));
        error.status = 503;
        return error;
    }
    const auto* const known = std::find_if(std::begin(limit_errors), std::end(limit_errors),
                                           [&](const char* name) { return service.error(name) != nullptr; });
    return {known == std::end(limit_errors) ? "LimitExceeded" : *known, std::move(text)};
}

}  // namespace rockwatch
