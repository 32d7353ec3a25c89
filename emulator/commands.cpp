#include "commands.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "core/error.hpp"
#include "deliveries/sender.hpp"
#include "files.hpp"
#include "http/health_client.hpp"
#include "rules/rule_book.hpp"
#include "server.hpp"
#include "world/world.hpp"

extern char** environ;

namespace rockwatch {

namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

Variables variables(const Options& options, int port) {
    return {{"AWS_ENDPOINT_URL", fmt::format("http://127.0.0.1:{}", port)},
            {"AWS_REGION", options.region},
            {"AWS_DEFAULT_REGION", options.region},
            {"AWS_ACCESS_KEY_ID", "test"},
            {"AWS_SECRET_ACCESS_KEY", "test"}};
}

std::string line(const std::string& shell, const std::string& name, const std::string& value) {
    if (shell == "fish") return fmt::format("set -gx {} '{}'\n", name, value);
    if (shell == "powershell") return fmt::format("$Env:{} = '{}'\n", name, value);
    if (shell == "dotenv") return fmt::format("{}={}\n", name, value);
    return fmt::format("export {}='{}'\n", name, value);
}

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

/// Written beside and renamed, so that a reader sees no port or the whole one.
void write_port_file(const std::string& path, int port) {
    const std::string beside = path + ".new";
    std::ofstream file(beside, std::ios::trunc);
    file << port << '\n';
    file.close();
    if (!file || std::rename(beside.c_str(), path.c_str()) != 0) {
        throw InputError(400, "InvalidOption",
                         fmt::format("--port-file {}: cannot be written: {}", path, std::strerror(errno)));
    }
}

void print_banner(const Options& options, int port) {
    std::string text =
        fmt::format("Rockwatch {}: Amazon Bedrock and CloudWatch on this machine\n\n", ROCKWATCH_VERSION);
    text += fmt::format("  endpoint   http://127.0.0.1:{}\n", port);
    text += fmt::format("  database   {}\n",
                        options.db == ":memory:" ? "in memory, gone at the end" : options.db);
    text += fmt::format("  account    {}, region {}\n\n", options.account, options.region);
    for (const auto& [name, value] : variables(options, port)) text += "  " + line("sh", name, value);
    if (options.host == "0.0.0.0" || options.host == "::") {
        text +=
            "\n  Warning: every machine that reaches this one can call it. In a container publish it on "
            "loopback: -p 127.0.0.1:4566:4566\n";
    }
    print(text + "\nReady.\n");
}

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

/// Blocks the stop signals in this and all later threads, so that one place takes them.
void block_stop_signals() {
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

/// A second signal does not wait for calls in flight.
void leave_on_second_signal() {
    std::thread([] {
        const sigset_t set = stop_signals();
        int signal_number = 0;
        sigwait(&set, &signal_number);
        _exit(130);
    }).detach();
}

std::vector<std::string> environment_with(const Variables& added) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto name = text.substr(0, text.find('='));
        const bool replaced =
            std::any_of(added.begin(), added.end(), [&](const auto& one) { return one.first == name; });
        if (!replaced) all.emplace_back(text);
    }
    for (const auto& [name, value] : added) all.push_back(fmt::format("{}={}", name, value));
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

/// Runs the command to its end and gives its exit code, as a shell would.
int run_child(const std::vector<std::string>& command, const Variables& added) {
    std::vector<std::string> arguments = command;
    std::vector<std::string> environment = environment_with(added);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t child = 0;
    const int error = posix_spawnp(&child, arguments[0].c_str(), nullptr, &attributes,
                                   pointers(arguments).data(), pointers(environment).data());
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        throw InputError(400, "InvalidCommand",
                         fmt::format("{} cannot be run: {}", command[0], std::strerror(error)));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int serve(const Options& options) {
    block_stop_signals();
    Server server(options);
    if (!options.port_file.empty()) write_port_file(options.port_file, server.port());
    print_banner(options, server.port());
    const sigset_t set = stop_signals();
    int signal_number = 0;
    sigwait(&set, &signal_number);
    leave_on_second_signal();
    if (!server.stop()) std::_Exit(0);
    return 0;
}

int print_environment(const Options& options, const std::string& shell) {
    const Variables all = variables(options, options.port);
    if (shell == "json") {
        Json object = Json::object();
        for (const auto& [name, value] : all) object[name] = value;
        print(object.dump(2) + "\n");
        return 0;
    }
    std::string text;
    for (const auto& [name, value] : all) text += line(shell, name, value);
    print(text);
    return 0;
}

int run_command(Options options, const std::vector<std::string>& command) {
    block_stop_signals();
    options.port = 0;
    if (options.db == Options{}.db) options.db = ":memory:";
    Server server(options);
    const int code = run_child(command, variables(options, server.port()));
    if (!server.stop()) std::_Exit(code);
    return code;
}

int check_health(const Options& options, int wait_seconds) {
    const bool everywhere = options.host == "0.0.0.0" || options.host == "localhost" || options.host == "::";
    const std::string host = everywhere ? "127.0.0.1" : options.host;
    if (wait_for_health(host, options.port, std::chrono::seconds{wait_seconds})) return 0;
    std::fputs(fmt::format("rockwatch: no server answers at http://{}:{}\n", host, options.port).c_str(),
               stderr);
    return 1;
}

int validate_files(const std::vector<std::string>& files) {
    int wrong = 0;
    for (const std::string& file : files) {
        try {
            const std::size_t count = read_rule_files({file}).size();
            print(fmt::format("{}: {} rule{}\n", file, count, count == 1 ? "" : "s"));
        } catch (const InputError& error) {
            std::fputs(fmt::format("{}\n", error.what()).c_str(), stderr);
            wrong = 1;
        }
    }
    return wrong;
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
