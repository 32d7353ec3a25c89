#include "storage/storage.hpp"

#include <spdlog/spdlog.h>

#include <iterator>

#include "core/error.hpp"
#include "core/waiting.hpp"
#include "storage/opening.hpp"

namespace rockwatch {

namespace {

constexpr std::size_t idle_readers_max = 16;
constexpr std::size_t queue_max = 2000;  // then those who do not wait for their change wait for room

/// SQLite gave the whole transaction up by itself: disk full, I/O error, no memory.
struct TransactionLost {};

std::int64_t pragma(Database& database, std::string_view sql) {
    Rows rows = database.query(sql);
    return rows.step() ? rows.integer(0) : 0;
}

/// As large as the file will be, with what is not committed yet.
std::int64_t size_of(Database& database) {
    return pragma(database, "PRAGMA page_count") * pragma(database, "PRAGMA page_size");
}

/// SQLite has a limit of its own (max_page_count), which takes the other changes of a batch with the one that
/// is too much. What frees pages, or makes do with free ones, is no growth.
void expect_room(Database& database, std::int64_t bytes_max, std::int64_t bytes_before) {
    const std::int64_t bytes = size_of(database);
    if (bytes > bytes_max && bytes > bytes_before)
        throw DatabaseError(SQLITE_FULL, fmt::format("the database may have {} bytes", bytes_max));
}

std::string text_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "something that is no exception";
    }
}

/// The same failure for one more caller: they read and free theirs on threads of their own.
std::exception_ptr another(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const DatabaseError& error) {
        return std::make_exception_ptr(DatabaseError(error.code, error.what()));
    } catch (...) {
        return failure;
    }
}

}  // namespace

Storage::Storage(StorageOptions options, std::span<const Migrations> migrations)
    : options_(std::move(options)), one_connection_(options_.path == ":memory:" || !options_.writer_thread) {
    if (options_.path.empty())
        throw StorageUnusable("the database needs a name. Use --db FILE, or --db :memory:");
    if (is_system_file(options_)) lock_.emplace(options_.path);
    idle_readers_.reserve(idle_readers_max);
    const bool power_stayed = lock_ && lock_->is_of_this_boot();
    writer_ = open_storage(options_, migrations, power_stayed ? Power::stayed : Power::may_have_gone);
    if (lock_) lock_->vouch();
    if (options_.writer_thread) thread_ = std::thread([this] { writer_loop(); });
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
    idle_readers_.clear();  // the writer closes last: it alone touches the log (threats.md 1.10)
    try {
        renew_writer();
        close_cleanly(*writer_);
    } catch (const DatabaseError& error) {
        spdlog::warn("{}: the last checkpoint failed; nothing is lost, the next start does it: {}",
                     options_.path, error.what());
    }
}

bool Storage::on_writer() const { return writer_id_.load() == std::this_thread::get_id(); }

/// Without a thread, or as the one who keeps the thread off the only connection, nobody else would run it.
bool Storage::drains_itself() const {
    return !options_.writer_thread || connection_holder_.load() == std::this_thread::get_id();
}

void Storage::push(Change change, std::function<void(std::exception_ptr)> done,
                   std::function<void()> refused) {
    bool wakes_writer = false;
    {
        const std::lock_guard lock(mutex_);
        const bool is_awaited = static_cast<bool>(done);
        wakes_writer = queue_.empty() || (is_awaited && !is_awaited_);
        is_awaited_ = is_awaited_ || is_awaited;
        queue_.push_back({std::move(change), std::move(done), std::move(refused), ++asked_});
        if (!is_awaited) enqueued_ = asked_;
    }
    if (on_writer()) return;  // whoever runs this batch runs the next one
    if (!drains_itself()) {
        if (wakes_writer) work_.notify_one();
        return;
    }
    const std::lock_guard connection(connection_mutex_);
    drain();
}

void Storage::run_and_wait(const Change& change) {
    if (on_writer()) {
        ensure(writer_->in_transaction(),
               "what runs after a commit asks for no write: it would wait for itself");
        in_savepoint(change);
        return;
    }
    std::mutex done_mutex;
    std::condition_variable done_changed;
    bool done = false;
    std::exception_ptr failure;
    push(change, [&](std::exception_ptr thrown) {
        const std::lock_guard lock(done_mutex);
        failure = std::move(thrown);
        done = true;
        done_changed.notify_one();  // under the lock: the waiter's stack holds both
    });
    const Waiting waiting;
    std::unique_lock lock(done_mutex);
    done_changed.wait(lock, [&] { return done; });
    if (failure) std::rethrow_exception(failure);
}

void Storage::enqueue(Change change, std::function<void()> refused) {
    if (!on_writer() && !drains_itself()) {
        std::unique_lock lock(mutex_);
        if (queue_.size() >= queue_max) hurry();
        room_.wait(lock, [&] { return queue_.size() < queue_max; });
    }
    push(std::move(change), {}, std::move(refused));
}

std::uint64_t Storage::position() const {
    const std::lock_guard lock(mutex_);
    return enqueued_;
}

std::uint64_t Storage::newest() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

void Storage::wait_for(std::uint64_t position) {
    if (on_writer()) return;  // it would wait for itself
    if (drains_itself()) {
        const std::lock_guard connection(connection_mutex_);
        drain();
    }
    {
        const std::lock_guard lock(mutex_);
        if (committed_ >= position) return;
        hurry();
    }
    const Waiting waiting;
    std::unique_lock lock(mutex_);
    committed_changed_.wait(lock, [&] { return committed_ >= position; });
}

void Storage::settle() {
    for (std::uint64_t reached = newest();; reached = newest()) {
        wait_for(reached);
        if (reached == newest()) return;
    }
}

StorageFigures Storage::figures() const {
    const std::lock_guard lock(mutex_);
    StorageFigures figures = figures_;
    figures.queued = queue_.size();
    return figures;
}

/// Somebody waits for what is queued. The caller holds the mutex.
void Storage::hurry() {
    if (std::exchange(is_awaited_, true)) return;
    work_.notify_one();
}

void Storage::writer_loop() {
    while (wait_for_work()) {
        const std::lock_guard connection(connection_mutex_);
        run_queued();
    }
}

/// Until there is work that somebody waits for, or that has gathered long enough; false when there will be
/// none.
bool Storage::wait_for_work() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    const auto until = std::chrono::steady_clock::now() + enqueued_for;
    work_.wait_until(lock, until, [&] { return stopping_ || is_awaited_; });
    return !queue_.empty() || !stopping_;
}

/// Runs what is queued, batch after batch. The caller holds the connection.
void Storage::drain() {
    while (run_queued()) {
    }
}

/// Runs what is queued now as one batch; false when there is nothing. The caller holds the connection.
bool Storage::run_queued() {
    std::deque<Job> batch;
    {
        const std::lock_guard lock(mutex_);
        is_awaited_ = false;
        if (queue_.empty()) return false;
        batch.swap(queue_);
    }
    room_.notify_all();
    run_batch(batch);
    checkpoint_when_large();
    return true;
}

void Storage::run_batch(std::deque<Job>& batch) {
    writer_id_ = std::this_thread::get_id();
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::exception_ptr> failures(batch.size());
    commit_batch(batch, failures);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    run_after_commit();
    {
        const std::lock_guard lock(mutex_);
        figures_.changes += batch.size();
        figures_.batch_times.add(taken.count());
    }
    announce(batch, failures);
    writer_id_ = std::thread::id{};
}

void Storage::run_after_commit() {
    for (const auto& action : writer_->take_after_commit()) {
        try {
            action();
        } catch (
            const std::exception& error) {  // the change is on disk: its caller must not hear that it failed
            spdlog::error("a step after a commit failed: {}", error.what());
        }
    }
}

void Storage::commit_batch(std::deque<Job>& batch, std::vector<std::exception_ptr>& failures) {
    std::exception_ptr broken;
    std::size_t tried = 0;
    try {
        renew_writer();
        writer_->begin_batch();
        for (; tried < batch.size(); ++tried) {
            try {
                in_savepoint(batch[tried].change);
            } catch (...) {
                failures[tried] = std::current_exception();
                if (!writer_->in_transaction()) throw TransactionLost{};
            }
        }
        writer_->run("COMMIT");
        writer_->end_batch();
        return;
    } catch (const TransactionLost&) {
        broken = std::make_exception_ptr(
            DatabaseError(SQLITE_ABORT, "another change of the same batch made SQLite roll everything back"));
        put_back(batch, tried + 1);
    } catch (...) {
        broken = std::current_exception();
        roll_back();
    }
    // Nothing of this batch is known to be on disk: every caller hears so (threats.md 7).
    for (std::size_t index = 0; index < batch.size(); ++index) {
        if (!failures[index]) failures[index] = another(broken);
    }
    writer_->end_batch();
    writer_->drop_after_commit(0);
    spdlog::error("{}: a batch of {} changes could not be committed: {}", options_.path, batch.size(),
                  text_of(broken));
}

/// What was not tried yet goes on in the next batch, in its old place.
void Storage::put_back(std::deque<Job>& batch, std::size_t from) {
    const auto first = batch.begin() + static_cast<std::ptrdiff_t>(from);
    const std::lock_guard lock(mutex_);
    is_awaited_ = true;
    queue_.insert(queue_.begin(), std::make_move_iterator(first), std::make_move_iterator(batch.end()));
    batch.erase(first, batch.end());
}

void Storage::in_savepoint(const Change& change) {
    const std::size_t actions_before = writer_->after_commit_count();
    const std::int64_t bytes_before = options_.bytes_max ? size_of(*writer_) : 0;
    writer_->run("SAVEPOINT change");
    try {
        change(*writer_);
        if (options_.bytes_max) expect_room(*writer_, *options_.bytes_max, bytes_before);
        writer_->run("RELEASE change");
    } catch (...) {
        writer_->drop_after_commit(actions_before);
        undo_savepoint();
        throw;
    }
}

void Storage::undo_savepoint() {
    if (!writer_->in_transaction()) return;
    try {
        writer_->run("ROLLBACK TO change");
        writer_->run("RELEASE change");
    } catch (const DatabaseError& error) {
        spdlog::error("a change could not be undone alone: {}", error.what());
        roll_back();
    }
}

void Storage::roll_back() {
    if (!writer_->in_transaction()) return;
    try {
        writer_->run("ROLLBACK");
    } catch (const DatabaseError& error) {
        spdlog::error("a transaction could not be rolled back: {}", error.what());
    }
}

/// After an I/O error what the connection believes about the file is not to be trusted (threats.md 7): the
/// next batch begins with a new one. Throws DatabaseError when there is none to be had: the old one stays,
/// and the batch after that tries again.
void Storage::renew_writer() {
    if (writer_->is_trusted()) return;
    if (options_.path == ":memory:") return;  // there is nothing to be opened again
    const bool is_lent = connection_holder_.load() != std::thread::id{};
    if (is_lent) return;  // under a reader's hands it stays, and goes with the next batch
    // The old one closes after the new one is there: the last to close would let the next one find in the log
    // what was refused because it could not be synced.
    writer_ = open_again(options_);
    wal_pages_at_checkpoint_ = 0;
    spdlog::warn("{} was opened again after an error", options_.path);
}

void Storage::announce(const std::deque<Job>& batch, std::vector<std::exception_ptr>& failures) {
    // First whoever may ask again: a settled storage owes nobody anything.
    for (std::size_t index = 0; index < batch.size(); ++index) {
        if (batch[index].done || !failures[index]) continue;
        spdlog::error("a change that nobody waits for failed: {}", text_of(failures[index]));
        if (batch[index].refused) batch[index].refused();
    }
    {
        const std::lock_guard lock(mutex_);
        committed_ = batch.back().number;
    }
    committed_changed_.notify_all();
    for (std::size_t index = 0; index < batch.size(); ++index) {
        if (batch[index].done) batch[index].done(std::move(failures[index]));
    }
}

void Storage::checkpoint_when_large() {
    const int pages = writer_->wal_pages();
    if (pages < wal_pages_at_checkpoint_) wal_pages_at_checkpoint_ = 0;  // the log began anew
    if (pages - wal_pages_at_checkpoint_ < options_.checkpoint_pages) return;
    wal_pages_at_checkpoint_ = pages;
    try {
        // Passive: takes what no reader needs, waits for nobody.
        writer_->run("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (const DatabaseError& error) {
        spdlog::error("{}: a checkpoint failed, and will be tried again: {}", options_.path, error.what());
        wal_pages_at_checkpoint_ = 0;
    }
}

Storage::ReadLease::ReadLease(Storage& storage, std::unique_ptr<Database> own)
    : storage_(storage), own_(std::move(own)), database_(own_.get()) {
    if (own_) {
        own_->run("BEGIN");
        return;
    }
    shared_ = std::unique_lock(storage.connection_mutex_);
    storage.renew_writer();
    holder_before_ = storage.connection_holder_.exchange(std::this_thread::get_id());
    database_ = storage.writer_.get();
}

Storage::ReadLease::~ReadLease() {
    if (!own_) {
        storage_.connection_holder_ = holder_before_;
        return;
    }
    try {
        own_->run("COMMIT");
    } catch (const DatabaseError& error) {
        spdlog::error("a reader's connection broke: {}", error.what());
        return;
    }
    if (!own_->is_trusted()) return;  // the next reader gets a new one
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
    auto reader = std::make_unique<Database>(options_.path, Database::Mode::reader, options_.vfs);
    reader->execute("PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
    return {*this, std::move(reader)};
}

}  // namespace rockwatch
