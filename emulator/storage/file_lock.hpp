#pragma once

#include <string>

namespace rockwatch {

/// Keeps two servers off one database: holds `<path>-lock`, which names the process and the machine's start,
/// until it is destroyed or the process ends, however that is. Throws StorageUnusable when it is taken.
class FileLock {
public:
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    /// Whether who held it before ran since the machine was started: then nothing that was written can have
    /// been lost with the power.
    bool is_of_this_boot() const { return of_this_boot_; }

    /// The database has been looked at and is sound: from now on whoever holds the lock next may rely on it.
    void vouch();

private:
    void write(const std::string& boot);

    std::string path_;
    int file_;
    bool of_this_boot_ = false;
};

}  // namespace rockwatch
