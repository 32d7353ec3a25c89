#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace rockwatch {

/// Whether a server's health answers, asked again until `patience` has passed. `port` is asked each time,
/// too: a server that starts may not have told it yet.
bool wait_for_health(const std::string& host, const std::function<std::optional<int>()>& port,
                     std::chrono::seconds patience);

}  // namespace rockwatch
