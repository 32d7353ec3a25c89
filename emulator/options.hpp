#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/log.hpp"
#include "services/bedrock_runtime/service.hpp"
#include "services/ports.hpp"
#include "storage/storage.hpp"

namespace rockwatch {

/// What the command line, the environment and the --config file say together: flags win over the environment,
/// the environment over the file. Source of names and defaults: control-api.md.
struct Options {
    std::string host = "localhost";
    int port = 4566;
    std::string port_file;
    std::string db = "rockwatch.db";
    Durability durability = Durability::process;
    std::vector<std::string> rules;
    std::vector<std::string> setup;
    std::string region = "us-east-1";
    std::string account = "000000000000";
    IamMode iam = IamMode::lenient;
    bedrock_runtime::RuntimeOptions runtime;
    std::optional<ClockMode> clock;
    double speed = 1;
    std::optional<Instant> now;
    std::uint64_t seed = 1;
    int keep_alive_seconds = 75;
    std::int64_t max_body = 64LL << 20;
    int max_connections = 10000;
    int workers_max = 4096;
    std::int64_t journal = 10000;
    std::vector<std::string> host_names;
    std::vector<std::string> cors_origins;
    std::string control_token;
    std::vector<std::string> allow_outbound;
    std::string log_level = "info";
    LogFormat log_format = LogFormat::text;
};

enum class Command { serve, env, exec, healthcheck, validate, coverage };

/// One run of the program.
struct Invocation {
    Command command = Command::serve;
    Options options;
    std::string shell = "sh";            ///< env
    int wait_seconds = 0;                ///< healthcheck
    std::vector<std::string> arguments;  ///< validate: files; exec: the command and its arguments
};

/// Reads a command line. Prints help and version itself and returns the exit code then, in `exit_code`.
/// Throws InputError (exit code 2) with one line that says which option is wrong and what it takes.
std::optional<Invocation> read_command_line(int count, char** values, int& exit_code);

}  // namespace rockwatch
