#pragma once

#include "options.hpp"

namespace rockwatch {

/// The commands of the command line. Each returns the program's exit code.
int serve(const Options& options);
int print_environment(const Options& options, const std::string& shell);
int run_command(Options options, const std::vector<std::string>& command);
int check_health(const Options& options, int wait_seconds);
int check_files(const Options& options, const std::vector<std::string>& files);
/// The README's tables of operations, as Markdown.
int print_coverage();

}  // namespace rockwatch
