#include "commands.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <filesystem>

#include "banner.hpp"
#include "child.hpp"
#include "core/error.hpp"
#include "core/text_time.hpp"
#include "credentials_file.hpp"
#include "deliveries/sender.hpp"
#include "files.hpp"
#include "http/health_client.hpp"
#include "port_file.hpp"
#include "server.hpp"
#include "validate.hpp"
#include "world/world.hpp"

namespace rockwatch {

namespace {

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

std::optional<Credentials> credentials_of(const Options& options) {
    if (options.auth == Auth::off) return std::nullopt;
    ::prctl(PR_SET_DUMPABLE, 0);  // no core file and no debugger gets to see the secrets (threats.md T18)
    return read_credentials_file(options.credentials, {options.account, options.region});
}

const Credentials* pointer_to(const std::optional<Credentials>& credentials) {
    return credentials ? &*credentials : nullptr;
}

/// Empty: it runs as clocks do.
std::string clock_text(const ClockState& clock) {
    const std::string now = iso_seconds(clock.now);
    if (clock.mode == ClockMode::frozen) return fmt::format("frozen at {}", now);
    if (clock.mode == ClockMode::scaled) return fmt::format("{} times as fast, from {}", clock.speed, now);
    const bool is_set = clock.offset <= -std::chrono::seconds{1} || clock.offset >= std::chrono::seconds{1};
    return is_set ? fmt::format("set to {}", now) : std::string{};
}

/// How large the database is that is there already; 0 when there is none.
std::int64_t kept_bytes(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : static_cast<std::int64_t>(size);
}

BannerFacts banner_facts(const Options& options, const Credentials* credentials) {
    BannerFacts facts{.version = ROCKWATCH_VERSION,
                      .database = options.db,
                      .kept_bytes = kept_bytes(options.db),
                      .rule_paths = options.rules,
                      .watches_rules = options.watch,
                      .defaults = {options.account, options.region},
                      .credentials = options.credentials,
                      .is_open_to_all = options.host == "0.0.0.0" || options.host == "::"};
    if (credentials != nullptr) facts.callers = credentials->keys.size() + credentials->tokens.size();
    return facts;
}

/// Without what is secret: the banner lands in logs.
Variables shown_variables(const Options& options, const std::string& endpoint) {
    Variables all = variables_for(options, endpoint, nullptr);
    if (options.auth == Auth::verify)
        std::erase_if(all, [](const auto& one) { return one.first.find("KEY") != std::string::npos; });
    return all;
}

/// The port that the server has: with --port 0 its port file knows.
int known_port(const Options& options, const char* command) {
    if (options.port != 0) return options.port;
    if (!options.port_file.empty()) return read_port_file(options.port_file);
    throw InputError(
        400, "InvalidOption",
        fmt::format("--port 0: {} cannot know which port the server took: name it, or its --port-file",
                    command));
}

}  // namespace

int serve(const Options& options) {
    const HeldSignals signals;
    const auto credentials = credentials_of(options);
    PortFile port_file(options.port_file);
    BannerFacts facts = banner_facts(options, pointer_to(credentials));
    Server server(options, pointer_to(credentials));
    facts.addresses = server.addresses();
    for (const auto& address : facts.addresses) spdlog::info("listening on {}", address);
    facts.rules = server.start_rules();
    facts.clock = clock_text(server.clock());
    facts.variables = shown_variables(options, endpoint_of(options.host, server.port()));
    port_file.write(server.port());
    print(banner(facts));
    signals.wait_for_stop();
    signals.leave_on_second();
    if (!server.stop()) std::_Exit(0);
    return 0;
}

int print_environment(const Options& options, const std::string& shell) {
    const auto credentials = credentials_of(options);
    const std::string endpoint = endpoint_of(options.host, known_port(options, "env"));
    print(assignments(shell, variables_for(options, endpoint, pointer_to(credentials))));
    return 0;
}

int run_command(Options options, const std::vector<std::string>& command) {
    const HeldSignals signals;
    const auto credentials = credentials_of(options);
    if (!options.is_port_given) options.port = 0;
    if (!options.is_db_given) options.db = ":memory:";
    PortFile port_file(options.port_file);
    Server server(options, pointer_to(credentials));
    port_file.write(server.port());
    const std::string endpoint = endpoint_of(options.host, server.port());
    const int code = signals.run(command, variables_for(options, endpoint, pointer_to(credentials)));
    if (!server.stop()) std::_Exit(code);
    return code;
}

int check_health(const Options& options, int wait_seconds) {
    const bool is_in_file = options.port == 0 && !options.port_file.empty();
    std::string where;
    const auto look = [&]() -> std::optional<int> {
        if (!is_in_file) {
            const int port = known_port(options, "healthcheck");
            where = fmt::format("at {}", endpoint_of(options.host, port));
            return port;
        }
        try {
            const int port = read_port_file(options.port_file);
            where = fmt::format("at {}", endpoint_of(options.host, port));
            return port;
        } catch (const FileError& error) {  // a server that starts writes it last
            where = fmt::format("yet: {}", error.what());
            return std::nullopt;
        }
    };
    if (wait_for_health(reachable_host(options.host), look, std::chrono::seconds{wait_seconds})) return 0;
    std::fputs(fmt::format("rockwatch: no server answers {}\n", where).c_str(), stderr);
    return 1;
}

int check_files(const Options& options, const std::vector<std::string>& files) {
    int code = 0;
    for (const Finding& finding : validate_files(options, files)) {
        std::fputs((finding.line + "\n").c_str(), finding.is_wrong ? stderr : stdout);
        if (finding.is_wrong) code = 1;
    }
    return code;
}

int print_coverage() {
    deliveries::HttpSender sender({});
    World world({}, sender);
    std::string supported = "| service | operations |\n| --- | --- |\n";
    std::string refused = "| service | answered with 501 NotImplemented |\n| --- | --- |\n";
    for (const auto& one : world.gateway().coverage()) {
        if (!one.supported.empty())
            supported += fmt::format("| {} | {} |\n", one.service, fmt::join(one.supported, ", "));
        if (!one.refused.empty())
            refused += fmt::format("| {} | {} |\n", one.service, fmt::join(one.refused, ", "));
    }
    print(fmt::format("{}\n<details><summary>Known and refused by name</summary>\n\n{}\n</details>\n",
                      supported, refused));
    return 0;
}

}  // namespace rockwatch
