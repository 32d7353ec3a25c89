#pragma once

#include <string>
#include <vector>

#include "options.hpp"

namespace rockwatch {

/// What `rockwatch validate` says: a line a file, for standard output or, where it is wrong, standard error.
struct Finding {
    bool is_wrong = false;
    std::string line;
};

/// Takes each file for what it looks like and reads it as a server with these options would. Set-up calls are
/// made, one file after the other, in an emulator in memory from which nothing goes out.
std::vector<Finding> validate_files(const Options& options, const std::vector<std::string>& files);

}  // namespace rockwatch
