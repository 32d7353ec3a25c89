#include "storage/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "storage/database.hpp"

namespace rockwatch {

namespace {

/// The process id in the first line, the machine's start in the second.
struct Holder {
    std::string process = "unknown";
    std::string boot;
};

Holder holder_in(int file) {
    char text[128] = {};
    if (::pread(file, text, sizeof text - 1, 0) <= 0) return {};
    const std::string_view lines(text);
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return {.process = std::string(lines)};
    return {.process = std::string(lines.substr(0, end)), .boot = std::string(lines.substr(end + 1))};
}

/// Empty where the system does not say.
std::string this_boot() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

}  // namespace

FileLock::FileLock(const std::string& path) : path_(path + "-lock") {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) {
        throw StorageUnusable(
            fmt::format("cannot write {}: {}. Name another file with --db, or use --db :memory:", path_,
                        std::strerror(errno)));
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        const std::string holder = holder_in(file_).process;
        ::close(file_);
        if (reason != EWOULDBLOCK) {
            throw StorageUnusable(fmt::format("cannot lock {}: {}. Name a file on a local disk with --db",
                                              path_, std::strerror(reason)));
        }
        throw StorageUnusable(fmt::format(
            "{} is in use by another server (process {}). Stop it, or name another file with --db", path,
            holder));
    }
    const std::string boot = holder_in(file_).boot;
    of_this_boot_ = !boot.empty() && boot == this_boot();
    // Whoever refuses the file, or ends before it has been looked at, vouches for nothing.
    write(of_this_boot_ ? boot : std::string());
}

void FileLock::vouch() {
    if (!of_this_boot_) write(this_boot());
}

void FileLock::write(const std::string& boot) {
    const std::string text = fmt::format("{}\n{}", ::getpid(), boot);
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, text.data(), text.size(), 0) < 0) {
        spdlog::warn("cannot write the process id to {}", path_);
    }
}

FileLock::~FileLock() { ::close(file_); }

}  // namespace rockwatch
