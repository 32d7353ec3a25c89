#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/text_time.hpp"

namespace rockwatch {

namespace {

/// The options as text, before they are read; filled by CLI11 from flags and the environment.
struct Raw {
    Options options;
    std::string durability = "process";
    std::string invocation_log = "async";
    std::string auth = "off";
    std::string credentials;
    std::string iam = "lenient";
    std::string unmatched = "answer";
    std::string unknown_models = "reject";
    std::string latency = "none";
    std::string clock;
    std::string now;
    std::string log_format = "text";
    std::string config;
    std::vector<std::string> destinations;
    std::string max_db_size;
    bool watch = false;
};

InputError bad_option(const std::string& message) { return {400, "InvalidOption", message}; }

std::string variable_of(std::string_view flag) {
    std::string name = "ROCKWATCH_";
    for (const char letter : flag)
        name +=
            letter == '-' ? '_' : static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
    return name;
}

template <class Target>
CLI::Option* add(CLI::App& app, const std::string& name, Target& target, const std::string& meaning) {
    return app.add_option("--" + name, target, meaning)->envname(variable_of(name))->capture_default_str();
}

CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<std::string>& target,
                      const std::string& meaning) {
    // A comma separates in the environment and in the file; a flag is repeated instead.
    return app.add_option("--" + name, target, meaning)
        ->envname(variable_of(name))
        ->delimiter(',')
        ->expected(1, -1)
        ->allow_extra_args(false);
}

void add_world_options(CLI::App& app, Raw& raw) {
    Options& o = raw.options;
    add(app, "db", o.db, "SQLite file; :memory: for a throw-away run");
    add(app, "durability", raw.durability,
        "what an acknowledged write survives: a killed process, or lost power")
        ->check(CLI::IsMember({"process", "power"}));
    add(app, "invocation-log", raw.invocation_log,
        "an invocation's log record: committed within 50 ms of the answer, or before it")
        ->check(CLI::IsMember({"async", "sync"}));
    add_list(app, "rules", o.rules, "rules loaded at start: a file, or a directory of .json files");
    add_list(app, "setup", o.setup, "calls made before the port opens");
    add(app, "region", o.region, "used when a request names none (else AWS_REGION)");
    add(app, "account", o.account, "used when a request names none");
    add(app, "iam", raw.iam, "lenient: an unknown role is accepted; strict: it must exist")
        ->check(CLI::IsMember({"lenient", "strict"}));
    add(app, "unmatched", raw.unmatched, "an invocation that no rule answers")
        ->check(CLI::IsMember({"answer", "reject"}));
    add(app, "unknown-models", raw.unknown_models, "a model id outside the catalogue")
        ->check(CLI::IsMember({"accept", "reject"}));
    add(app, "latency", raw.latency, "latency when no rule gives one")
        ->check(CLI::IsMember({"none", "realistic"}));
    add(app, "clock", raw.clock,
        "start mode of the clock: real, frozen, scaled:N (default: as the database has it, else real)");
    add(app, "now", raw.now, "start reading of the clock, ISO 8601 or epoch milliseconds");
    add(app, "seed", o.seed, "seed of everything random");
    add(app, "journal", o.journal, "how many calls the journal keeps")->check(CLI::Range(1, 10'000'000));
    add_list(app, "allow-outbound", o.allow_outbound,
             "hosts that SNS and webhooks may reach beside loopback and single-label names");
    add_list(app, "destination", raw.destinations,
             "ARN=URL: where deliveries to Lambda, Kinesis and Firehose go");
    add(app, "max-db-size", raw.max_db_size, "largest size of the database in bytes");
    app.add_flag("--watch", raw.watch, "read --rules again when they change");
}

void add_front_options(CLI::App& app, Raw& raw) {
    Options& o = raw.options;
    add(app, "host", o.host, "address to bind; localhost is 127.0.0.1 and ::1");
    add(app, "port", o.port, "0 picks a free port")->check(CLI::Range(0, 65535));
    add(app, "port-file", o.port_file, "file that gets the port once the server accepts connections");
    add(app, "auth", raw.auth, "whether signatures are verified")->check(CLI::IsMember({"off", "verify"}));
    add(app, "credentials", raw.credentials, "credentials file for --auth verify");
    add(app, "keep-alive", o.keep_alive_seconds, "seconds that an idle connection stays open")
        ->check(CLI::Range(1, 86400));
    add(app, "max-body", o.max_body, "largest request body in bytes")
        ->check(CLI::Range(std::int64_t{1024}, std::int64_t{1} << 40));
    add(app, "max-connections", o.max_connections, "connections open at once")
        ->check(CLI::Range(1, 1'000'000));
    add(app, "workers-max", o.workers_max, "calls in flight at once")->check(CLI::Range(1, 100'000));
    add_list(app, "host-name", o.host_names, "a Host that is accepted beside the local ones");
    add_list(app, "cors-origin", o.cors_origins, "an Origin whose pages may call");
    add(app, "control-token", o.control_token, "bearer token that /_rockwatch/ asks for");
    add(app, "config", raw.config, "the same options as a JSON file");
    add(app, "log-level", o.log_level, "trace, debug, info, warn, error or off");
    add(app, "log-format", raw.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// Gives options that neither a flag nor the environment set what the file says.
void apply_file(CLI::App& app, const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) throw bad_option(fmt::format("--config {}: cannot be read", path));
    std::string what;
    const auto json = parse_json(text.str(), &what);
    if (!json || !json->is_object())
        throw bad_option(fmt::format("--config {}: {}", path, json ? "must be a JSON object" : what));
    for (const auto& [name, value] : json->items()) {
        CLI::Option* option = app.get_option_no_throw("--" + name);
        if (option == nullptr || name == "config" || name == "help" || name == "version") {
            throw bad_option(fmt::format("--config {}: there is no option {} (at /{})", path, name, name));
        }
        if (option->count() > 0) continue;
        std::vector<std::string> texts;
        if (value.is_array()) {
            for (const auto& one : value) texts.push_back(text_of(one));
        } else {
            texts.push_back(text_of(value));
        }
        try {
            option->add_result(texts);
            option->run_callback();
        } catch (const CLI::Error& error) {
            throw bad_option(fmt::format("--config {}: {} (at /{})", path, error.what(), name));
        }
    }
}

void read_clock(const Raw& raw, Options& options) {
    if (raw.clock == "real") options.clock = ClockMode::real;
    if (raw.clock == "frozen") options.clock = ClockMode::frozen;
    if (raw.clock.starts_with("scaled:")) {
        options.clock = ClockMode::scaled;
        char* end = nullptr;
        options.speed = std::strtod(raw.clock.c_str() + 7, &end);
        if (*end != '\0' || !(options.speed > 0 && options.speed <= 1e6)) {
            throw bad_option(
                fmt::format("--clock {}: the speed must be above 0 and at most 1000000", raw.clock));
        }
    }
    if (!raw.clock.empty() && !options.clock)
        throw bad_option(fmt::format("--clock {}: it is real, frozen or scaled:N", raw.clock));
    if (raw.now.empty()) return;
    options.now = parse_iso(raw.now);
    if (!options.now) {
        char* end = nullptr;
        const long long ms = std::strtoll(raw.now.c_str(), &end, 10);
        if (*end != '\0')
            throw bad_option(fmt::format("--now {}: it is ISO 8601 with Z, or epoch milliseconds", raw.now));
        options.now = from_epoch_ms(ms);
    }
}

void refuse_unsupported(const Raw& raw) {
    if (raw.auth != "off") throw bad_option("--auth verify is not supported yet: leave it off");
    if (!raw.credentials.empty()) throw bad_option("--credentials is not supported yet");
    if (!raw.destinations.empty()) throw bad_option("--destination is not supported yet");
    if (!raw.max_db_size.empty()) throw bad_option("--max-db-size is not supported yet");
    if (raw.watch)
        throw bad_option("--watch is not supported yet: PUT the rules to /_rockwatch/rules instead");
}

bedrock_runtime::RuntimeOptions runtime_options(const Raw& raw) {
    using namespace bedrock_runtime;
    RuntimeOptions options;
    if (raw.unmatched == "reject") options.unmatched = Unmatched::reject;
    if (raw.unknown_models == "accept") options.unknown_models = UnknownModels::accept;
    if (raw.latency == "realistic") options.latency = DefaultLatency::realistic;
    if (raw.invocation_log == "sync") options.invocation_log = InvocationLog::sync;
    return options;
}

Options finish(Raw& raw, CLI::App& app) {
    if (!raw.config.empty()) apply_file(app, raw.config);
    refuse_unsupported(raw);
    Options options = raw.options;
    options.durability = raw.durability == "power" ? Durability::power : Durability::process;
    options.iam = raw.iam == "strict" ? IamMode::strict : IamMode::lenient;
    options.runtime = runtime_options(raw);
    options.log_format = raw.log_format == "json" ? LogFormat::json : LogFormat::text;
    read_clock(raw, options);
    const char* aws_region = std::getenv("AWS_REGION");
    if (app.get_option("--region")->count() == 0 && aws_region != nullptr && *aws_region != '\0')
        options.region = aws_region;
    if (options.account.size() != 12 ||
        options.account.find_first_not_of("0123456789") != std::string::npos) {
        throw bad_option(fmt::format("--account {}: an account id has 12 digits", options.account));
    }
    return options;
}

}  // namespace

std::optional<Invocation> read_command_line(int count, char** values, int& exit_code) {
    CLI::App app("Rockwatch: Amazon Bedrock and CloudWatch on your own machine, for tests.", "rockwatch");
    app.set_version_flag("--version", std::string("rockwatch ") + ROCKWATCH_VERSION);
    app.require_subcommand(0, 1);
    app.fallthrough();
    Raw raw;
    add_front_options(app, raw);
    add_world_options(app, raw);
    Invocation invocation;

    app.add_subcommand("serve", "start the server (the default)");
    CLI::App* env = app.add_subcommand("env", "print the variables that point SDKs here");
    env->add_option("--shell", invocation.shell, "form of the lines")
        ->check(CLI::IsMember({"sh", "fish", "powershell", "dotenv", "json"}));
    CLI::App* exec =
        app.add_subcommand("exec", "start a throw-away server, run a command against it, exit with its code");
    exec->add_option("command", invocation.arguments, "the command and its arguments, after --")->required();
    CLI::App* healthcheck = app.add_subcommand("healthcheck", "exit 0 when a server answers");
    healthcheck->add_option("--wait", invocation.wait_seconds, "seconds to wait for it")
        ->check(CLI::Range(0, 86400));
    CLI::App* validate = app.add_subcommand("validate", "check rule files");
    validate->add_option("files", invocation.arguments, "files to check")->required();
    CLI::App* coverage =
        app.add_subcommand("coverage", "print the table of operations, as the README has it");
    for (const char* later : {"test", "simulate"}) {
        app.add_subcommand(later, "not supported yet")->allow_extras()->callback([later] {
            throw bad_option(fmt::format("the command {} is not supported yet", later));
        });
    }
    try {
        app.parse(count, values);
    } catch (const CLI::CallForHelp& call) {
        exit_code = app.exit(call);
        return std::nullopt;
    } catch (const CLI::CallForVersion& call) {
        exit_code = app.exit(call);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        throw bad_option(fmt::format("{}. See rockwatch --help", error.what()));
    }
    if (env->parsed()) invocation.command = Command::env;
    if (exec->parsed()) invocation.command = Command::exec;
    if (healthcheck->parsed()) invocation.command = Command::healthcheck;
    if (validate->parsed()) invocation.command = Command::validate;
    if (coverage->parsed()) invocation.command = Command::coverage;
    invocation.options = finish(raw, app);
    return invocation;
}

}  // namespace rockwatch
