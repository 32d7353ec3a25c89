#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/disk_file.hpp"

namespace rockwatch::test {

/// What SQLite asks of a disk, each call being one point where the disk may fail or the power may go.
enum class Io { open, read, write, sync, truncate, remove };

/// One failing point, or all from there on.
struct DiskFault {
    std::uint64_t after = 0;     ///< so many matching points are let through
    std::optional<Io> kind;      ///< empty: any
    std::optional<int> code;     ///< empty: SQLITE_IOERR_READ for a read, _WRITE for a write, ...
    bool lasting = false;        ///< until heal()
    std::string file_ends_with;  ///< "-wal": the log alone; empty: every file
};

/// How far a commit has come in a write-ahead log: its last frame is written, or the log is synced after
/// that.
enum class CommitPoint { written, synced };

/// A disk in memory with named files, for SQLite: it can lose power, fail, and survive a killed process. The
/// same seed and the same calls (from one thread) give the same points of I/O and leave the same; the salts
/// of a write-ahead log alone come from SQLite's own random source, which all share.
///
///     MemoryDisk disk(seed);
///     { Storage storage({.path = "test.db", .vfs = disk.vfs()}, tables);
///       storage.write(...);
///       disk.cut(7); }       // from here all I/O fails; whoever had files open must go
///     disk.start();          // the power is back: what survived is there
///
/// As Linux does it: what is written and not synced may be lost at a cut, sector by sector (see DiskFile); a
/// file nobody synced may be absent, one removed without its folder's sync may be back; after a failed sync
/// the next one does not try the same bytes again. All connections close before the disk goes. Thread-safe.
class MemoryDisk {
public:
    explicit MemoryDisk(std::uint64_t seed = 1);
    ~MemoryDisk();
    MemoryDisk(const MemoryDisk&) = delete;
    MemoryDisk& operator=(const MemoryDisk&) = delete;

    /// For StorageOptions::vfs. Registered as long as the disk lives.
    const std::string& vfs() const { return name_; }

    /// The power goes now: what survives is chosen by `seed`, and all I/O fails until start().
    void cut(std::uint64_t seed);
    /// The power goes at a point of I/O: so many are let through first.
    void cut_after(std::uint64_t points, std::uint64_t seed);
    /// The process is killed: everything written stays, as written; all I/O fails until start().
    void kill();
    void kill_after(std::uint64_t points);
    /// The power goes, or the process is killed, as soon as the next commit has come so far. SQLite hears of
    /// an error: its caller cannot know that the commit stands in the log.
    void cut_at_commit(CommitPoint point, std::uint64_t seed);
    void kill_at_commit(CommitPoint point);
    /// The machine or the process is there again. Files that were open stay dead for those who had them.
    void start();
    bool is_off() const;

    void fail(const DiskFault& fault);
    void heal();
    /// Whether the fault has struck.
    bool has_failed() const;
    /// Points of I/O so far.
    std::uint64_t points() const;

    std::vector<std::string> files() const;
    bool has(const std::string& file) const;
    /// As written.
    std::string read(const std::string& file) const;
    /// Makes or replaces a file, synced. Nobody has it open.
    void put(const std::string& file, std::string_view bytes);
    void remove(const std::string& file);

private:
    friend struct DiskCalls;

    int point(Io kind, const std::string& file);
    void commit_is(CommitPoint point);
    void end_now();
    void sync_folder();
    void end_epoch();
    void cut_now(std::uint64_t seed);
    void kill_now();

    mutable std::mutex mutex_;
    std::string name_;
    sqlite3_vfs vfs_{};
    std::mt19937_64 random_;
    std::map<std::string, std::shared_ptr<DiskFile>> files_;
    std::map<std::string, std::shared_ptr<DiskFile>> removed_;  // and the folder not synced since
    bool off_ = false;
    std::uint64_t points_ = 0;
    std::optional<DiskFault> fault_;
    bool has_failed_ = false;
    std::optional<std::uint64_t> end_at_;       // a count of points: then the power goes, or the process
    std::optional<CommitPoint> end_at_commit_;  // likewise
    std::optional<std::uint64_t> cut_seed_;     // empty: the process
};

}  // namespace rockwatch::test
