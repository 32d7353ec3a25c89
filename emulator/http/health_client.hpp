#pragma once

#include <chrono>
#include <string>

namespace rockwatch {

/// Whether a server's health answers, asked again until `patience` has passed.
bool wait_for_health(const std::string& host, int port, std::chrono::seconds patience);

}  // namespace rockwatch
