#pragma once

#include <string>
#include <string_view>

namespace rockwatch {

enum class LogFormat { text, json };

/// Sets the emulator's own log up: lines on standard error, at `level` (trace, debug, info, warn, error, off)
/// and above. False when there is no such level.
bool set_up_log(std::string_view level, LogFormat format);

/// One line's worth of what others sent us: at most 512 bytes of it, with whatever moves a terminal's cursor
/// or turns a line around (control characters, line and paragraph separators, marks of direction) and invalid
/// UTF-8 escaped.
///
/// Source: threats.md T17.
std::string log_safe(std::string_view text);

}  // namespace rockwatch
