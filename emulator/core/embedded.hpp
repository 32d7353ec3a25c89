#pragma once

#include <string_view>

namespace rockwatch {

/// A file that emulator/embed.cmake put into the binary.
struct EmbeddedFile {
    std::string_view name;  ///< without its folder: logs.json
    std::string_view bytes;
};

}  // namespace rockwatch
