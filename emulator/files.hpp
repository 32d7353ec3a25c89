#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "world/world.hpp"

namespace rockwatch {

/// The files that the command line names. Each throws InputError naming the file and the place in it.

/// Rules of files, or of directories' .json files in the order of their names.
std::vector<Json> read_rule_files(const std::vector<std::string>& paths);
/// `[{"service":"logs","operation":"CreateLogGroup","input":{…},"region":"…"}]`
std::vector<SetupCall> read_setup_files(const std::vector<std::string>& paths);

}  // namespace rockwatch
