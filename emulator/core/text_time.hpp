#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/instant.hpp"

namespace rockwatch {

/// 2026-01-01T00:00:00.000Z
std::string iso_ms(Instant instant);
/// 2026-01-01T00:00:00Z
std::string iso_seconds(Instant instant);
/// 2026-01-01T00:00:00.000+0000, as CloudWatch's alarm messages write it
std::string iso_offset(Instant instant);
/// 01/01/26 00:00:00 (day first), as CloudWatch's state reasons write it
std::string reason_time(Instant instant);
/// Thu, 01 Jan 2026 00:00:00 GMT
std::string http_date(Instant instant);

/// ISO 8601 with `Z` or an offset and any fraction, or a date alone; nullopt when it is none of these or its
/// fields are out of range. Fractions beyond milliseconds are cut.
std::optional<Instant> parse_iso(std::string_view text);
/// Thu, 01 Jan 2026 00:00:00 GMT
std::optional<Instant> parse_http_date(std::string_view text);
/// 90s, 19m, 2h, 1d, 1500ms
std::optional<Milliseconds> parse_duration(std::string_view text);

}  // namespace rockwatch
