#pragma once

#include <fstream>
#include <string>

#include "core/json.hpp"

namespace rockwatch::test {

/// The cases of tests/cases/http/<name>.
inline Json http_cases(const std::string& name) {
    std::ifstream file(ROCKWATCH_SOURCE_DIR "/tests/cases/http/" + name);
    return Json::parse(file);
}

/// A text, or a list of texts and {"repeat", "times"}.
inline std::string bytes_of(const Json& parts) {
    if (parts.is_string()) return parts.get<std::string>();
    std::string bytes;
    for (const Json& part : parts) {
        const std::string text =
            part.is_string() ? part.get<std::string>() : part.at("repeat").get<std::string>();
        const int times = part.is_string() ? 1 : part.at("times").get<int>();
        for (int count = 0; count < times; ++count) bytes += text;
    }
    return bytes;
}

}  // namespace rockwatch::test
