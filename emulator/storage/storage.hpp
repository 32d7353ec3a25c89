#pragma once

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

#include "storage/database.hpp"

namespace rockwatch {

/// What an acknowledged write survives.
enum class Durability { process, power };

struct StorageOptions {
    std::string path;  ///< a file, or ":memory:"
    Durability durability = Durability::process;
    /// False: everything runs on the caller's thread, for worlds of tests and scenarios.
    bool writer_thread = true;
};

/// The file cannot be used: damaged, newer than the program, held by another server, not writable. One line for
/// a person; the program ends with exit code 4.
struct StorageUnusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One SQLite database: one writer, a pool of readers.
///
/// The writer's connection does all commits and all checkpoints (SQLite 3.40.1 has a race otherwise, threats.md
/// 1.10). A change runs in a savepoint of the batch in progress; a batch is what gathered while the last one
/// committed, and callers go on after COMMIT. A throwing change is rolled back alone and throws at its caller.
/// Thread-safe.
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
    /// within a change it runs at once, as part of it.
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

    /// Has a change run on the writer without waiting for it. What it throws goes to the log.
    void enqueue(Change change);

    /// The number of the newest change asked for. Together with wait_for this is the read barrier.
    std::uint64_t position() const;
    /// Returns when every change up to `position` is committed.
    void wait_for(std::uint64_t position);

    /// A reader's connection with a snapshot of its own, for as long as the lease lives.
    class ReadLease {
    public:
        ReadLease(Storage& storage, std::unique_ptr<Database> own);
        ReadLease(ReadLease&&) = delete;
        ~ReadLease();
        Database& operator*() const { return *database_; }

    private:
        Storage& storage_;
        std::unique_ptr<Database> own_;            // a pooled connection, or
        std::unique_lock<std::recursive_mutex> shared_;  // the writer's, when there is just one
        Database* database_;
    };
    ReadLease read();

private:
    struct Job {
        Change change;
        std::function<void(std::exception_ptr)> done;  // empty: nobody waits
        std::uint64_t number;
    };

    void run_and_wait(const Change& change);
    bool on_writer() const;
    void writer_loop();
    void run_batch(std::deque<Job>& batch);
    void apply(Job& job, std::exception_ptr& failure);
    void checkpoint_when_large();
    void open_and_migrate(std::span<const Migrations> migrations);

    StorageOptions options_;
    int lock_file_ = -1;
    std::unique_ptr<Database> writer_;
    bool one_connection_;  // readers share the writer's: in memory, or without a thread
    std::recursive_mutex connection_mutex_;  // held for a batch, and by readers of the one connection

    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::condition_variable committed_changed_;
    std::deque<Job> queue_;
    std::uint64_t asked_ = 0;
    std::uint64_t committed_ = 0;
    bool stopping_ = false;
    std::vector<std::unique_ptr<Database>> idle_readers_;
    std::thread thread_;
    std::thread::id writer_id_;
};

}  // namespace rockwatch
