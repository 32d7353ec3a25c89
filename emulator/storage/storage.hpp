#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/histogram.hpp"
#include "storage/database.hpp"
#include "storage/file_lock.hpp"

namespace rockwatch {

/// What an acknowledged write survives.
enum class Durability { process, power };

struct StorageOptions {
    std::string path;  ///< a file, or ":memory:"
    Durability durability = Durability::process;
    /// False: everything runs on the caller's thread, for worlds of tests and scenarios.
    bool writer_thread = true;
    /// Largest size of the file; a change that needs more fails with SQLITE_FULL.
    std::optional<std::int64_t> bytes_max;
    /// Pages that gather in the write-ahead log before they are taken into the file: 16 MiB.
    int checkpoint_pages = 4000;
    /// A registered SQLite VFS; empty: the system's. On another one there is no lock against a second server.
    std::string vfs;
};

/// What the storage tells about itself.
struct StorageFigures {
    std::size_t queued = 0;     ///< changes that wait for the writer
    std::uint64_t changes = 0;  ///< in the batches committed or failed since the start
    Histogram batch_times;      ///< of each, COMMIT included
};

/// One SQLite database: one writer, a pool of readers.
///
/// The writer's connection does all commits and all checkpoints (SQLite 3.40.1 has a race otherwise,
/// threats.md 1.10). A change runs in a savepoint of the batch in progress; a batch is what gathered while
/// the last one committed, and callers go on after COMMIT. A throwing change is rolled back alone and throws
/// at its caller. Thread-safe.
class Storage {
public:
    /// Opens, locks and migrates. Throws StorageUnusable.
    Storage(StorageOptions options, std::span<const Migrations> migrations);
    /// Commits what is queued and closes.
    ~Storage();
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    using Change = std::function<void(Database&)>;

    /// Runs `change(Database&)` on the writer and returns what it returned, once it is committed. Called from
    /// within a change it runs at once, as part of it: what it throws undoes it alone, unless the outer
    /// change lets it through. Not to be called by what after_commit was given.
    template <class F>
    auto write(F&& change) {
        using Result = std::invoke_result_t<F&, Database&>;
        if constexpr (std::is_void_v<Result>) {
            run_and_wait([&](Database& database) { change(database); });
        } else {
            std::optional<Result> result;
            run_and_wait([&](Database& database) { result.emplace(change(database)); });
            return std::move(*result);
        }
    }

    /// Has a change run on the writer without waiting for it: together with the next change that somebody
    /// waits for, and at the latest `enqueued_for` after it was asked for. In its own right, also when called
    /// from within a change. What it throws goes to the log. Waits while the queue is full.
    /// `refused` is called on the writer when nothing of the change has been committed, because it threw or
    /// because its batch failed; it may enqueue.
    void enqueue(Change change, std::function<void()> refused = {});
    /// Gathered changes cost one commit, and many of them less each than alone.
    static constexpr std::chrono::milliseconds enqueued_for{10};

    /// The number of the newest change that was enqueued. Together with wait_for this is the read barrier: a
    /// reader waits for what was answered before its commit, not for those who wait for theirs.
    std::uint64_t position() const;
    /// Returns when every change up to `position` is committed (or was refused).
    void wait_for(std::uint64_t position);

    /// Returns when nothing is queued, not even by what was queued. Whoever is mentioned by queued changes
    /// calls it before it goes.
    void settle();

    StorageFigures figures() const;
    /// The size that the file may have; nullopt: any.
    std::optional<std::int64_t> bytes_max() const { return options_.bytes_max; }

    /// A reader's connection with a snapshot of its own, for as long as the lease lives. Where there is just
    /// one connection, its holder keeps all others off it.
    class ReadLease {
    public:
        ReadLease(Storage& storage, std::unique_ptr<Database> own);
        ReadLease(ReadLease&&) = delete;
        ~ReadLease();
        Database& operator*() const { return *database_; }

    private:
        Storage& storage_;
        std::unique_ptr<Database> own_;                  // a pooled connection, or
        std::unique_lock<std::recursive_mutex> shared_;  // the writer's, when there is just one
        std::thread::id holder_before_;
        Database* database_;
    };
    ReadLease read();

private:
    struct Job {
        Change change;
        std::function<void(std::exception_ptr)> done;  // empty: nobody waits
        std::function<void()> refused;                 // of those that nobody waits for
        std::uint64_t number;
    };

    void run_and_wait(const Change& change);
    void push(Change change, std::function<void(std::exception_ptr)> done,
              std::function<void()> refused = {});
    bool on_writer() const;
    bool drains_itself() const;
    void hurry();
    void writer_loop();
    bool wait_for_work();
    void drain();
    bool run_queued();
    void run_batch(std::deque<Job>& batch);
    void commit_batch(std::deque<Job>& batch, std::vector<std::exception_ptr>& failures);
    void put_back(std::deque<Job>& batch, std::size_t from);
    void in_savepoint(const Change& change);
    void undo_savepoint();
    void roll_back();
    void renew_writer();
    void run_after_commit();
    std::uint64_t newest() const;
    void announce(const std::deque<Job>& batch, std::vector<std::exception_ptr>& failures);
    void checkpoint_when_large();

    StorageOptions options_;
    std::optional<FileLock> lock_;
    std::unique_ptr<Database> writer_;       // one that broke stays until a new one can be opened
    bool one_connection_;                    // readers share the writer's: in memory, or without a thread
    std::recursive_mutex connection_mutex_;  // held for a batch, and by readers of the one connection
    int wal_pages_at_checkpoint_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::condition_variable room_;
    std::condition_variable committed_changed_;
    std::deque<Job> queue_;
    std::uint64_t asked_ = 0;
    std::uint64_t enqueued_ = 0;  // the newest of those that nobody waits for
    std::uint64_t committed_ = 0;
    StorageFigures figures_;
    bool stopping_ = false;
    bool is_awaited_ = false;  // somebody waits for what is queued
    std::vector<std::unique_ptr<Database>> idle_readers_;
    std::atomic<std::thread::id> writer_id_;          // who runs a batch now
    std::atomic<std::thread::id> connection_holder_;  // who reads through the one connection now
    std::thread thread_;
};

}  // namespace rockwatch
