#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rockwatch {

/// SQLite said no. `code` is its primary result code (SQLITE_FULL, SQLITE_BUSY, ...).
struct DatabaseError : std::runtime_error {
    DatabaseError(int code, const std::string& message) : std::runtime_error(message), code(code) {}
    int code;
};

/// The file cannot be used: damaged, newer than the program, held by another server, not writable. One line
/// for a person; the program ends with exit code 4.
struct StorageUnusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A BLOB to bind; TEXT is bound from std::string and std::string_view.
struct Blob {
    std::string_view bytes;
};

class Database;

/// A prepared statement on loan, and the shelf of its connection where it goes back to (none: it is closed).
struct LentStatement {
    sqlite3_stmt* statement = nullptr;
    std::vector<sqlite3_stmt*>* shelf = nullptr;
};

/// A running query: rows one after the other, columns by number. The statement goes back to its connection
/// when this ends.
class Rows {
public:
    Rows(Database& database, LentStatement lent)
        : database_(&database), statement_(lent.statement), shelf_(lent.shelf) {}
    Rows(Rows&& other) noexcept
        : database_(other.database_),
          statement_(std::exchange(other.statement_, nullptr)),
          shelf_(other.shelf_),
          ended_(other.ended_) {}
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    Rows& operator=(Rows&&) = delete;
    ~Rows();

    /// Goes to the next row; false when there is none, and from then on.
    bool step();

    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    double real(int column) const { return sqlite3_column_double(statement_, column); }
    bool boolean(int column) const { return integer(column) != 0; }
    bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::string text(int column) const { return std::string(view(column)); }
    /// Text or blob; valid until the next step.
    std::string_view view(int column) const;
    std::optional<std::int64_t> optional_integer(int column) const;
    std::optional<double> optional_real(int column) const;
    std::optional<std::string> optional_text(int column) const;

private:
    Database* database_;
    sqlite3_stmt* statement_;
    std::vector<sqlite3_stmt*>* shelf_;
    bool ended_ = false;  // SQLite would run the statement again
};

/// One SQLite connection. Statements are prepared once and kept by their text. Not thread-safe: one thread at
/// a time has it.
class Database {
public:
    enum class Mode { writer, reader };

    /// `vfs` names a registered SQLite VFS; empty: the system's.
    Database(const std::string& path, Mode mode, const std::string& vfs = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs a query with its `?` bound in order: as many values as the text has parameters.
    template <class... Values>
    Rows query(std::string_view sql, const Values&... values) {
        const LentStatement lent = take(sql);
        Rows rows(*this, lent);
        expect_parameters(lent.statement, sizeof...(values));
        int index = 0;
        (expect_bound(bind(lent.statement, ++index, values)), ...);
        return rows;
    }

    /// Runs a statement to its end; how many rows it changed.
    template <class... Values>
    int run(std::string_view sql, const Values&... values) {
        Rows rows = query(sql, values...);
        while (rows.step()) {
        }
        return sqlite3_changes(connection_);
    }

    /// Several statements without values: schema, pragmas.
    void execute(const std::string& sql);

    std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(connection_); }
    bool in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

    /// Runs `action` after the transaction in progress was committed, before its callers go on; forgotten
    /// when the savepoint it was asked in rolls back. Only within a write. It asks for no write itself (it
    /// may enqueue one).
    void after_commit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }

    /// For the writer: what after_commit gathered.
    std::vector<std::function<void()>> take_after_commit() { return std::exchange(after_commit_, {}); }
    std::size_t after_commit_count() const { return after_commit_.size(); }
    void drop_after_commit(std::size_t from) { after_commit_.resize(from); }

    /// False after an error that leaves open what the connection believes about the file: it is to be closed
    /// and opened again (threats.md 7).
    bool is_trusted() const { return trusted_; }

    /// From begin_batch to end_batch nothing runs outside of the transaction: where SQLite rolled it back by
    /// itself (disk full, I/O error, no memory), what comes after would be committed alone.
    void begin_batch();
    void end_batch() { needs_transaction_ = false; }

    /// Has every commit note how many pages the write-ahead log holds.
    void watch_wal();
    int wal_pages() const { return wal_pages_; }

private:
    friend class Rows;

    LentStatement take(std::string_view sql);
    sqlite3_stmt* prepare(std::string_view sql);
    void expect_transaction();
    static void give_back(LentStatement lent) noexcept;
    static void expect_parameters(sqlite3_stmt* statement, std::size_t count);
    void expect_bound(int result) {
        if (result != SQLITE_OK) fail("bind");
    }
    [[noreturn]] void fail(const char* what);

    static int bind(sqlite3_stmt* s, int i, std::int64_t value) { return sqlite3_bind_int64(s, i, value); }
    static int bind(sqlite3_stmt* s, int i, int value) { return sqlite3_bind_int64(s, i, value); }
    static int bind(sqlite3_stmt* s, int i, bool value) { return sqlite3_bind_int64(s, i, value ? 1 : 0); }
    static int bind(sqlite3_stmt* s, int i, double value) { return sqlite3_bind_double(s, i, value); }
    static int bind(sqlite3_stmt* s, int i, std::nullptr_t) { return sqlite3_bind_null(s, i); }
    static int bind(sqlite3_stmt* s, int i, const char* value) { return bind(s, i, std::string_view(value)); }
    static int bind(sqlite3_stmt* s, int i, const std::string& value) {
        return bind(s, i, std::string_view(value));
    }
    static int bind(sqlite3_stmt* s, int i, std::string_view value) {
        return sqlite3_bind_text64(s, i, value.data() == nullptr ? "" : value.data(), value.size(),
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    static int bind(sqlite3_stmt* s, int i, Blob value) {
        return sqlite3_bind_blob64(s, i, value.bytes.data() == nullptr ? "" : value.bytes.data(),
                                   value.bytes.size(), SQLITE_TRANSIENT);
    }
    template <class T>
    static int bind(sqlite3_stmt* s, int i, const std::optional<T>& value) {
        return value ? bind(s, i, *value) : bind(s, i, nullptr);
    }

    sqlite3* connection_ = nullptr;
    int wal_pages_ = 0;
    bool trusted_ = true;
    bool needs_transaction_ = false;
    std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> shelves_;  // idle statements by SQL text
    std::vector<std::function<void()>> after_commit_;
};

/// A numbered step of one owner's tables. Once landed it is never edited.
struct Migration {
    int number;
    const char* sql;
};

/// All steps of one owner, in order. `owner` is the service's name.
struct Migrations {
    std::string_view owner;
    std::span<const Migration> steps;
};

}  // namespace rockwatch
