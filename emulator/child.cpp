#include "child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "core/error.hpp"

namespace rockwatch {

namespace {

constexpr int stop_signals[] = {SIGINT, SIGTERM};
/// What is said to a program beside that: an exec hands it on, a server has no use for it.
constexpr int other_signals[] = {SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};

template <std::size_t count>
sigset_t set_of(const int (&numbers)[count]) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : numbers) sigaddset(&set, number);
    return set;
}

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
    all.reserve(texts.size() + 1);
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

/// The terminal's keys reach every process of the group by themselves: handed on, they would come twice.
bool comes_from_terminal(const siginfo_t& info) { return info.si_code == SI_KERNEL; }

/// Tells the parent why the command does not run; closed without a word by the exec that succeeds.
struct FailurePipe {
    int ends[2] = {-1, -1};

    FailurePipe() { ensure(::pipe2(ends, O_CLOEXEC) == 0, "a process that starts has two files left"); }
    ~FailurePipe() {
        close_end(0);
        close_end(1);
    }
    FailurePipe(const FailurePipe&) = delete;
    FailurePipe& operator=(const FailurePipe&) = delete;

    void close_end(int which) {
        if (ends[which] >= 0) ::close(std::exchange(ends[which], -1));
    }
    /// 0 when the command runs.
    int wait_for_error() {
        close_end(1);
        int error = 0;
        while (::read(ends[0], &error, sizeof error) < 0 && errno == EINTR) {
        }
        return error;
    }
};

}  // namespace

HeldSignals::HeldSignals() : held_(set_of(stop_signals)) {
    sigaddset(&held_, SIGCHLD);
    for (const int number : other_signals) sigaddset(&held_, number);
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
    getrlimit(RLIMIT_NOFILE, &files_before_);
    pipe_before_ = signal(SIGPIPE, SIG_IGN);
    // Where it is ignored, as some supervisors leave it, a child's end is neither told nor waited for.
    child_before_ = signal(SIGCHLD, SIG_DFL);
}

void HeldSignals::wait_for_stop() const {
    // A terminal that closes ends no server. The others do as they always do.
    signal(SIGHUP, SIG_IGN);
    const sigset_t others = set_of(other_signals);
    pthread_sigmask(SIG_UNBLOCK, &others, nullptr);
    const sigset_t stop = set_of(stop_signals);
    int number = 0;
    sigwait(&stop, &number);
}

void HeldSignals::leave_on_second() const {
    std::thread([] {
        const sigset_t stop = set_of(stop_signals);
        int number = 0;
        sigwait(&stop, &number);
        _exit(128 + number);
    }).detach();
}

/// In the child, between fork and exec: other threads' locks may be held for ever here, so nothing but calls
/// that take none.
void HeldSignals::become(char* const* arguments, char* const* environment, pid_t parent, int failure) const {
    signal(SIGPIPE, pipe_before_);
    signal(SIGCHLD, child_before_);
    // Programs that use select() count on the usual 1024.
    ::setrlimit(RLIMIT_NOFILE, &files_before_);
    // The command must not live on without its server. Who has lost it before this line leaves now.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) _exit(1);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    ::execvpe(arguments[0], arguments, environment);
    const int error = errno;
    [[maybe_unused]] const auto told = ::write(failure, &error, sizeof error);
    _exit(1);
}

pid_t HeldSignals::start(const std::vector<std::string>& command, const Variables& added) const {
    std::vector<std::string> texts = command;
    std::vector<std::string> variables = environment_with(added);
    const auto arguments = pointers(texts);
    const auto environment = pointers(variables);
    FailurePipe failure;
    const pid_t parent = ::getpid();
    // Not posix_spawn: it cannot give an ignored signal back, nor tie the child's life to ours.
    const pid_t child = ::fork();
    if (child == 0) become(arguments.data(), environment.data(), parent, failure.ends[1]);
    const int error = child < 0 ? errno : failure.wait_for_error();
    if (error == 0) return child;
    if (child > 0) ::waitpid(child, nullptr, 0);
    throw InputError(400, "InvalidCommand",
                     fmt::format("exec: {} cannot be run: {}", command[0], std::strerror(error)));
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
        const pid_t ended = waitpid(child, &status, WNOHANG);
        ensure(ended >= 0, "nobody else waits for the command");
        if (ended != child) continue;
        if (WIFEXITED(status)) return WEXITSTATUS(status);
        if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    }
}

}  // namespace rockwatch
