#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "shell.hpp"

namespace rockwatch {

/// The signals that a person or a supervisor sends to a program, kept off all threads so that one place takes
/// them. Made before any thread starts and before the server raises its limit of open files; a command that
/// is run has both as they were.
class HeldSignals {
public:
    HeldSignals();

    /// Waits for a signal to stop: SIGINT, SIGTERM.
    void wait_for_stop() const;
    /// A second signal does not wait for calls in flight.
    void leave_on_second() const;

    /// Runs the command with these variables to its end, hands signals on to it, and gives its exit code as
    /// a shell would: its own, or 128 and the signal that ended it. Throws InputError when it cannot be run.
    int run(const std::vector<std::string>& command, const Variables& added) const;

private:
    pid_t start(const std::vector<std::string>& command, const Variables& added) const;
    [[noreturn]] void become(char* const* arguments, char* const* environment, pid_t parent,
                             int failure) const;

    using Handler = void (*)(int);

    sigset_t held_;
    sigset_t before_;  ///< what was blocked when the program started
    rlimit files_before_{};
    Handler pipe_before_ = nullptr;
    Handler child_before_ = nullptr;
};

}  // namespace rockwatch
