#include "storage/storage.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.hpp"

namespace rockwatch {

namespace {

constexpr int application_id = 0x524f434b;  // "ROCK"
constexpr std::size_t idle_readers_max = 16;
constexpr int wal_pages_before_checkpoint = 4000;  // 16 MiB

/// Takes the lock beside the database, so that two servers never share a file. The descriptor is kept open.
int lock_beside(const std::string& path) {
    const std::string lock_path = path + "-lock";
    const int file = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        throw StorageUnusable(fmt::format("cannot write {}: {}. Name another file with --db, or use --db :memory:",
                                          lock_path, std::strerror(errno)));
    }
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        char owner[32] = {};
        const ssize_t count = ::read(file, owner, sizeof owner - 1);
        ::close(file);
        throw StorageUnusable(fmt::format("{} is in use by another server (process {}). Stop it, or name another file with --db",
                                          path, count > 0 ? owner : "unknown"));
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) < 0) {
        spdlog::warn("cannot write the process id to {}", lock_path);
    }
    return file;
}

std::int64_t single_integer(Database& database, std::string_view sql) {
    Rows rows = database.query(sql);
    return rows.step() ? rows.integer(0) : 0;
}

void migrate(Database& database, const std::string& path, const Migrations& migrations) {
    int reached = 0;
    {
        Rows rows = database.query("SELECT number FROM schema_version WHERE owner = ?", migrations.owner);
        if (rows.step()) reached = static_cast<int>(rows.integer(0));
    }
    const int newest = migrations.steps.empty() ? 0 : migrations.steps.back().number;
    if (reached > newest) {
        throw StorageUnusable(fmt::format("{} was written by a newer Rockwatch ({} tables are at version {}, this program knows {}). "
                                          "Use the newer program, or name another file with --db",
                                          path, migrations.owner, reached, newest));
    }
    for (const Migration& step : migrations.steps) {
        if (step.number <= reached) continue;
        database.execute(step.sql);
        database.run("INSERT INTO schema_version (owner, number) VALUES (?, ?) "
                     "ON CONFLICT (owner) DO UPDATE SET number = excluded.number",
                     migrations.owner, step.number);
    }
}

}  // namespace

Storage::Storage(StorageOptions options, std::span<const Migrations> migrations)
    : options_(std::move(options)), one_connection_(options_.path == ":memory:" || !options_.writer_thread) {
    if (options_.path != ":memory:") lock_file_ = lock_beside(options_.path);
    try {
        open_and_migrate(migrations);
    } catch (const DatabaseError& error) {
        writer_.reset();
        if (lock_file_ >= 0) ::close(lock_file_);
        throw StorageUnusable(fmt::format("{} cannot be used: {}. Restore it, or name another file with --db",
                                          options_.path, error.what()));
    } catch (...) {
        writer_.reset();
        if (lock_file_ >= 0) ::close(lock_file_);
        throw;
    }
    if (options_.writer_thread) thread_ = std::thread([this] { writer_loop(); });
}

void Storage::open_and_migrate(std::span<const Migrations> migrations) {
    const mode_t before = ::umask(077);  // the file and its -wal and -shm are the user's alone
    writer_ = std::make_unique<Database>(options_.path, Database::Mode::writer);
    writer_->execute("PRAGMA journal_mode = WAL");
    ::umask(before);
    writer_->execute(options_.durability == Durability::power ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    writer_->execute("PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON");
    writer_->watch_wal();

    const std::int64_t id = single_integer(*writer_, "PRAGMA application_id");
    const std::int64_t tables = single_integer(*writer_, "SELECT count(*) FROM sqlite_schema");
    if (id != application_id && tables > 0) {
        throw StorageUnusable(options_.path + " is a database of another program. Name another file with --db");
    }
    writer_->execute("BEGIN IMMEDIATE");
    writer_->execute("CREATE TABLE IF NOT EXISTS schema_version (owner TEXT PRIMARY KEY, number INTEGER NOT NULL)");
    for (const Migrations& owner : migrations) migrate(*writer_, options_.path, owner);
    writer_->execute(fmt::format("PRAGMA application_id = {}", application_id));
    writer_->execute("COMMIT");
}

Storage::~Storage() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        work_.notify_all();
        thread_.join();
    }
    idle_readers_.clear();
    try {
        writer_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const DatabaseError& error) {
        spdlog::warn("{}: the last checkpoint failed; nothing is lost, the next start does it: {}", options_.path, error.what());
    }
    writer_.reset();
    if (lock_file_ >= 0) ::close(lock_file_);
}

bool Storage::on_writer() const { return std::this_thread::get_id() == writer_id_; }

void Storage::run_and_wait(const Change& change) {
    if (on_writer() && writer_->in_transaction()) {
        change(*writer_);
        return;
    }
    ensure(!options_.writer_thread || !on_writer(), "what runs after a commit asks for no write: it would wait for itself");
    std::exception_ptr failure;
    if (!options_.writer_thread) {
        const std::lock_guard connection(connection_mutex_);
        std::deque<Job> batch;
        batch.push_back({change, [&](std::exception_ptr thrown) { failure = thrown; }, ++asked_});
        run_batch(batch);
    } else {
        std::mutex done_mutex;
        std::condition_variable done_changed;
        bool done = false;
        const auto on_done = [&](std::exception_ptr thrown) {
            const std::lock_guard lock(done_mutex);
            failure = thrown;
            done = true;
            done_changed.notify_one();  // under the lock: the waiter's stack holds both
        };
        {
            const std::lock_guard lock(mutex_);
            queue_.push_back({change, on_done, ++asked_});
        }
        work_.notify_one();
        std::unique_lock lock(done_mutex);
        done_changed.wait(lock, [&] { return done; });
    }
    if (failure) std::rethrow_exception(failure);
}

void Storage::enqueue(Change change) {
    if (on_writer() && writer_->in_transaction() && !options_.writer_thread) {
        change(*writer_);
        return;
    }
    if (!options_.writer_thread) {
        const std::lock_guard connection(connection_mutex_);
        std::deque<Job> batch;
        batch.push_back({std::move(change), {}, ++asked_});
        run_batch(batch);
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back({std::move(change), {}, ++asked_});
    }
    work_.notify_one();
}

std::uint64_t Storage::position() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

void Storage::wait_for(std::uint64_t position) {
    if (on_writer()) return;
    std::unique_lock lock(mutex_);
    committed_changed_.wait(lock, [&] { return committed_ >= position; });
}

void Storage::writer_loop() {
    {
        const std::lock_guard lock(mutex_);
        writer_id_ = std::this_thread::get_id();
    }
    for (;;) {
        std::deque<Job> batch;
        {
            std::unique_lock lock(mutex_);
            work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            batch.swap(queue_);
        }
        const std::lock_guard connection(connection_mutex_);
        run_batch(batch);
        checkpoint_when_large();
    }
}

void Storage::apply(Job& job, std::exception_ptr& failure) {
    const std::size_t actions_before = writer_->after_commit_count();
    writer_->run("SAVEPOINT change");
    try {
        job.change(*writer_);
        writer_->run("RELEASE change");
    } catch (...) {
        failure = std::current_exception();
        writer_->drop_after_commit(actions_before);
        // Some errors (disk full, I/O) make SQLite roll the whole transaction back by itself.
        if (writer_->in_transaction()) {
            writer_->run("ROLLBACK TO change");
            writer_->run("RELEASE change");
        } else {
            throw DatabaseError(SQLITE_ABORT, "SQLite rolled the whole batch back");
        }
    }
}

void Storage::run_batch(std::deque<Job>& batch) {
    if (!options_.writer_thread) writer_id_ = std::this_thread::get_id();
    std::vector<std::exception_ptr> failures(batch.size());
    std::vector<std::function<void()>> actions;
    try {
        writer_->run("BEGIN IMMEDIATE");
        for (std::size_t index = 0; index < batch.size(); ++index) apply(batch[index], failures[index]);
        writer_->run("COMMIT");
        actions = writer_->take_after_commit();
    } catch (...) {
        // Nothing of this batch is known to be on disk: every caller hears so (threats.md 7).
        const std::exception_ptr broken = std::current_exception();
        for (auto& failure : failures) {
            if (!failure) failure = broken;
        }
        writer_->drop_after_commit(0);
        if (writer_->in_transaction()) writer_->execute("ROLLBACK");
        spdlog::error("a batch of {} changes could not be committed", batch.size());
    }
    for (const auto& action : actions) action();

    {
        const std::lock_guard lock(mutex_);
        committed_ = batch.back().number;
    }
    committed_changed_.notify_all();
    for (std::size_t index = 0; index < batch.size(); ++index) {
        if (batch[index].done) {
            batch[index].done(failures[index]);
        } else if (failures[index]) {
            try {
                std::rethrow_exception(failures[index]);
            } catch (const std::exception& error) {
                spdlog::error("a change that nobody waits for failed: {}", error.what());
            }
        }
    }
}

void Storage::checkpoint_when_large() {
    if (writer_->wal_pages() < wal_pages_before_checkpoint) return;
    // Passive: takes what no reader needs, waits for nobody.
    Rows rows = writer_->query("PRAGMA wal_checkpoint(PASSIVE)");
    while (rows.step()) {
    }
    writer_->forget_wal_pages();
}

Storage::ReadLease::ReadLease(Storage& storage, std::unique_ptr<Database> own)
    : storage_(storage), own_(std::move(own)), database_(own_.get()) {
    if (own_) {
        own_->run("BEGIN");
        return;
    }
    shared_ = std::unique_lock(storage.connection_mutex_);
    database_ = storage.writer_.get();
}

Storage::ReadLease::~ReadLease() {
    if (!own_) return;
    try {
        own_->run("COMMIT");
    } catch (const DatabaseError& error) {
        spdlog::error("a reader's connection broke: {}", error.what());
        return;
    }
    const std::lock_guard lock(storage_.mutex_);
    if (storage_.idle_readers_.size() < idle_readers_max) storage_.idle_readers_.push_back(std::move(own_));
}

Storage::ReadLease Storage::read() {
    if (one_connection_) return {*this, nullptr};
    {
        const std::lock_guard lock(mutex_);
        if (!idle_readers_.empty()) {
            auto reader = std::move(idle_readers_.back());
            idle_readers_.pop_back();
            return {*this, std::move(reader)};
        }
    }
    auto reader = std::make_unique<Database>(options_.path, Database::Mode::reader);
    reader->execute("PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
    return {*this, std::move(reader)};
}

}  // namespace rockwatch
