#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "deliveries/delivery.hpp"
#include "services/bedrock_runtime/service.hpp"
#include "services/ports.hpp"
#include "storage/storage.hpp"

namespace rockwatch {

enum class Auth { off, verify };

/// What the command line, the environment and the --config file say together: flags win over the environment,
/// the environment over the file. Source of names and defaults: control-api.md.
struct Options {
    std::string host = "localhost";
    int port = 4566;
    std::string port_file;
    std::string db = "rockwatch.db";
    Durability durability = Durability::process;
    std::vector<std::string> rules;
    bool watch = false;
    std::vector<std::string> setup;
    std::string region = "us-east-1";
    std::string account = "000000000000";
    Auth auth = Auth::off;
    std::string credentials;
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
    std::optional<std::int64_t> max_db_size;
    std::int64_t journal = 10000;
    std::vector<std::string> host_names;
    std::vector<std::string> cors_origins;
    std::string control_token;
    std::vector<std::string> allow_outbound;
    std::vector<deliveries::Destination> destinations;
    std::string log_level = "info";
    LogFormat log_format = LogFormat::text;

    bool is_port_given = false;  ///< exec takes a free one otherwise
    bool is_db_given = false;    ///< exec keeps nothing otherwise
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

/// Reads a command line, the environment and the --config file. Prints help and version itself and returns
/// the exit code then, in `exit_code`. Throws InputError (exit code 2) with one line that says which option
/// is wrong, where it stands, and what it takes.
std::optional<Invocation> read_command_line(int count, char** values, int& exit_code);

/// Throws FileError at the first member of a --config file that is no option, or a value that it does not
/// take.
void check_config(const Json& config, const std::string& path);

}  // namespace rockwatch
