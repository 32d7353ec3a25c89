#pragma once

#include "services/logs/service.hpp"

namespace rockwatch::logs {

/// Most events in a page of GetLogEvents or FilterLogEvents, and its default.
inline constexpr int page_events_max = 10'000;

/// The events from `from` on (or the oldest that the group's retention leaves) and before `before`, both
/// epoch ms.
EventWindow reading_window(const LogGroup& group, Instant now, std::int64_t from, std::int64_t before);

/// Throws InvalidOperationException when the group's class keeps its events from being read.
void check_readable(const LogGroup& group, std::string_view operation);

}  // namespace rockwatch::logs
