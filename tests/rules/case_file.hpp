#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "core/error.hpp"
#include "core/json.hpp"

namespace rockwatch {

/// The text of a file of the checkout.
inline std::string checkout_text(const std::string& path) {
    std::ifstream file(std::string(ROCKWATCH_SOURCE_DIR) + "/" + path);
    ensure(file.good(), "a case file can be read");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// A file of tests/cases.
inline Json case_file(const std::string& path) {
    const auto cases = parse_json(checkout_text("tests/cases/" + path));
    ensure(cases.has_value(), "a case file is JSON");
    return *cases;
}

}  // namespace rockwatch
