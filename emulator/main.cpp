#include <fmt/format.h>

#include <cstdio>

#include "commands.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "options.hpp"
#include "server.hpp"

namespace {

/// Source of the codes: control-api.md, "Command line".
enum ExitCode { bad_option = 2, port_in_use = 3, database_unusable = 4, broken = 70 };

int run(const rockwatch::Invocation& invocation) {
    using rockwatch::Command;
    const auto& options = invocation.options;
    switch (invocation.command) {
        case Command::serve:
            return rockwatch::serve(options);
        case Command::env:
            return rockwatch::print_environment(options, invocation.shell);
        case Command::exec:
            return rockwatch::run_command(options, invocation.arguments);
        case Command::healthcheck:
            return rockwatch::check_health(options, invocation.wait_seconds);
        case Command::validate:
            return rockwatch::check_files(options, invocation.arguments);
        case Command::coverage:
            return rockwatch::print_coverage();
    }
    return broken;
}

int fail(ExitCode code, const char* what) {
    std::fputs(fmt::format("rockwatch: {}\n", what).c_str(), stderr);
    return code;
}

}  // namespace

int main(int count, char* values[]) {
    try {
        int exit_code = 0;
        const auto invocation = rockwatch::read_command_line(count, values, exit_code);
        if (!invocation) return exit_code;
        rockwatch::set_up_log(invocation->options.log_level, invocation->options.log_format);
        return run(*invocation);
    } catch (const rockwatch::InputError& error) {
        return fail(bad_option, error.what());
    } catch (const rockwatch::PortInUse& error) {
        return fail(port_in_use, error.what());
    } catch (const rockwatch::StorageUnusable& error) {
        return fail(database_unusable, error.what());
    } catch (const std::exception& error) {
        return fail(broken, error.what());
    }
}
