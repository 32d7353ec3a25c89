#pragma once

#include <atomic>

namespace rockwatch {

/// A disk that fails on demand: SQLite's own VFS under the name `faulty`, with a switch for the log's writes
/// and for syncs. Registered for the life of the program; switched off again when a Faults ends.
class Faults {
public:
    static constexpr const char* vfs = "faulty";

    Faults();
    ~Faults();
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;

    /// Lets `count` more writes to the write-ahead log through, then fails all with `code`.
    void fail_log_writes_after(int count, int code);
    void fail_syncs(int code);
    void heal();
};

}  // namespace rockwatch
