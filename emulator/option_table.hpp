#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "options.hpp"

namespace rockwatch {

/// A value that its option does not take: "must be …". Whoever knows where the value stood says so.
struct WrongValue : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One option: the command line, the environment, the --config file and --help are all made of these rows.
struct OptionRow {
    enum class Kind { value, list, flag };

    std::string_view name;   ///< max-body; also ROCKWATCH_MAX_BODY, and "max-body" in the file
    std::string_view takes;  ///< BYTES, as the help shows it
    std::string_view unset;  ///< the default as text; reading it changes nothing. Empty: none
    std::string_view meaning;
    Kind kind;
    void (*read)(Options&, const std::string& text);  ///< a list's once for each element; throws WrongValue
};

/// All but --config, which says where others stand.
std::span<const OptionRow> option_rows();
const OptionRow* find_option(std::string_view name);

/// ROCKWATCH_MAX_BODY for max-body.
std::string variable_of(std::string_view option);

/// What is wrong with options that are fine one by one. Throws InputError.
void check_together(const Options& options);

}  // namespace rockwatch
