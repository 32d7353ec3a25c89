#include "child.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "core/error.hpp"

extern char** environ;

namespace rockwatch {

namespace {

constexpr int stop_signals[] = {SIGINT, SIGTERM};

sigset_t set_of_stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : stop_signals) sigaddset(&set, number);
    return set;
}

/// True when the signal was not ignored before.
bool ignore(int number) { return signal(number, SIG_IGN) != SIG_IGN; }

std::vector<std::string> environment_with(const Variables& added) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto name = text.substr(0, text.find('='));
        const bool replaced =
            std::any_of(added.begin(), added.end(), [&](const auto& one) { return one.first == name; });
        if (!replaced && !leads_elsewhere(name)) all.emplace_back(text);
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

/// The terminal's keys reach every process of the group by themselves: handed on, they would come twice.
bool comes_from_terminal(const siginfo_t& info) { return info.si_code == SI_KERNEL; }

}  // namespace

HeldSignals::HeldSignals() : held_(set_of_stop_signals()) {
    for (const int number : {SIGCHLD, SIGQUIT}) sigaddset(&held_, number);
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
    sigemptyset(&ours_to_restore_);
    for (const int number : {SIGPIPE, SIGHUP}) {
        if (ignore(number)) sigaddset(&ours_to_restore_, number);
    }
}

void HeldSignals::wait_for_stop() const {
    // A server without a command to run has no use for the others: SIGQUIT ends it as it always does.
    sigset_t others;
    sigemptyset(&others);
    sigaddset(&others, SIGQUIT);
    pthread_sigmask(SIG_UNBLOCK, &others, nullptr);
    const sigset_t stop = set_of_stop_signals();
    int number = 0;
    sigwait(&stop, &number);
}

void HeldSignals::leave_on_second() const {
    std::thread([] {
        const sigset_t stop = set_of_stop_signals();
        int number = 0;
        sigwait(&stop, &number);
        _exit(128 + number);
    }).detach();
}

pid_t HeldSignals::start(const std::vector<std::string>& command, const Variables& added) const {
    std::vector<std::string> arguments = command;
    std::vector<std::string> environment = environment_with(added);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &before_);
    posix_spawnattr_setsigdefault(&attributes, &ours_to_restore_);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    const int error = posix_spawnp(&child, arguments[0].c_str(), nullptr, &attributes,
                                   pointers(arguments).data(), pointers(environment).data());
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        throw InputError(400, "InvalidCommand",
                         fmt::format("exec: {} cannot be run: {}", command[0], std::strerror(error)));
    }
    return child;
}

int HeldSignals::run(const std::vector<std::string>& command, const Variables& added) const {
    const pid_t child = start(command, added);
    for (;;) {
        siginfo_t info{};
        const int number = sigwaitinfo(&held_, &info);
        if (number < 0) continue;  // EINTR: stopped and continued
        if (number != SIGCHLD) {
            if (!comes_from_terminal(info)) ::kill(child, number);
            continue;
        }
        int status = 0;
        if (waitpid(child, &status, WNOHANG) != child) continue;
        if (WIFEXITED(status)) return WEXITSTATUS(status);
        if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    }
}

}  // namespace rockwatch
