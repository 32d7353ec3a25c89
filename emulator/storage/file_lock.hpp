#pragma once

#include <string>

namespace rockwatch {

/// Keeps two servers off one database: holds `<path>-lock`, which names the process, until it is destroyed or
/// the process ends, however that happens. Throws StorageUnusable when another one holds it.
class FileLock {
public:
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int file_;
};

}  // namespace rockwatch
