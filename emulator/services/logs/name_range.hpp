#pragma once

#include <string>
#include <string_view>

namespace rockwatch::logs {

/// Behind every name that starts with `prefix`, and before every other that is greater: 0xF5 is no byte of
/// UTF-8.
inline std::string behind_prefix(std::string_view prefix) { return std::string(prefix) + '\xF5'; }

}  // namespace rockwatch::logs
