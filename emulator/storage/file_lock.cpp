#include "storage/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/database.hpp"

namespace rockwatch {

namespace {

std::string holder_of(int file) {
    char pid[32] = {};
    const ssize_t count = ::pread(file, pid, sizeof pid - 1, 0);
    return count > 0 ? std::string(pid) : "unknown";
}

}  // namespace

FileLock::FileLock(const std::string& path) {
    const std::string lock_path = path + "-lock";
    file_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) {
        throw StorageUnusable(
            fmt::format("cannot write {}: {}. Name another file with --db, or use --db :memory:", lock_path,
                        std::strerror(errno)));
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        const std::string holder = holder_of(file_);
        ::close(file_);
        if (reason != EWOULDBLOCK) {
            throw StorageUnusable(fmt::format("cannot lock {}: {}. Name a file on a local disk with --db",
                                              lock_path, std::strerror(reason)));
        }
        throw StorageUnusable(fmt::format(
            "{} is in use by another server (process {}). Stop it, or name another file with --db", path,
            holder));
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, pid.data(), pid.size(), 0) < 0) {
        spdlog::warn("cannot write the process id to {}", lock_path);
    }
}

FileLock::~FileLock() { ::close(file_); }

}  // namespace rockwatch
