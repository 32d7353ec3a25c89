#include "storage/database.hpp"

#include <utility>

#include "core/error.hpp"

namespace rockwatch {

namespace {

// Texts that are put together at run time must not fill the memory with statements that nobody asks for
// again.
constexpr std::size_t texts_kept_max = 512;

}  // namespace

Rows::~Rows() {
    if (statement_ != nullptr) Database::give_back({statement_, shelf_});
}

bool Rows::step() {
    if (ended_) return false;
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    ended_ = true;
    if (result != SQLITE_DONE) database_->fail("step");
    return false;
}

std::string_view Rows::view(int column) const {
    // Blob first: asking for text would convert a blob in place.
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? std::string_view{} : std::string_view(bytes, size);
}

std::optional<std::int64_t> Rows::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<double> Rows::optional_real(int column) const {
    if (is_null(column)) return std::nullopt;
    return real(column);
}

std::optional<std::string> Rows::optional_text(int column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

Database::Database(const std::string& path, Mode mode, const std::string& vfs) {
    const int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
        (mode == Mode::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (sqlite3_open_v2(path.c_str(), &connection_, flags, vfs.empty() ? nullptr : vfs.c_str()) !=
        SQLITE_OK) {
        const DatabaseError error(sqlite3_errcode(connection_) & 0xff, sqlite3_errmsg(connection_));
        sqlite3_close_v2(connection_);
        throw error;
    }
    // A hostile file must not run code or fool the schema (threats.md T24).
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_exec(connection_, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);
    sqlite3_limit(connection_, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(connection_, SQLITE_LIMIT_TRIGGER_DEPTH, 1);  // we have none
    sqlite3_busy_timeout(connection_, 5000);
}

Database::~Database() {
    for (auto& [sql, shelf] : shelves_) {
        for (sqlite3_stmt* statement : shelf) sqlite3_finalize(statement);
    }
    sqlite3_close_v2(connection_);
}

void Database::execute(const std::string& sql) {
    expect_transaction();
    if (sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("execute");
}

void Database::begin_batch() {
    run("BEGIN IMMEDIATE");
    needs_transaction_ = true;
}

void Database::expect_transaction() {
    if (!needs_transaction_ || in_transaction()) return;
    throw DatabaseError(SQLITE_ABORT, "SQLite rolled the transaction back");
}

void Database::watch_wal() {
    sqlite3_wal_hook(
        connection_,
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Database*>(self)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
}

LentStatement Database::take(std::string_view sql) {
    expect_transaction();
    auto found = shelves_.find(sql);
    if (found != shelves_.end() && !found->second.empty()) {
        sqlite3_stmt* statement = found->second.back();
        found->second.pop_back();
        return {statement, &found->second};
    }
    if (found == shelves_.end() && shelves_.size() < texts_kept_max) {
        found = shelves_.emplace(std::string(sql), std::vector<sqlite3_stmt*>{}).first;
    }
    return {prepare(sql), found == shelves_.end() ? nullptr : &found->second};
}

sqlite3_stmt* Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int result = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    if (result != SQLITE_OK) fail("prepare");
    const std::string_view after(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
    if (statement == nullptr || after.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
        sqlite3_finalize(statement);
        throw BrokenPromise("a query is one statement; execute() takes several");
    }
    return statement;
}

void Database::give_back(LentStatement lent) noexcept {
    sqlite3_reset(lent.statement);
    sqlite3_clear_bindings(lent.statement);
    try {
        if (lent.shelf != nullptr) {
            lent.shelf->push_back(lent.statement);
            return;
        }
    } catch (...) {  // no memory for the list: the statement is lost to the cache, not to the caller
    }
    sqlite3_finalize(lent.statement);
}

void Database::expect_parameters(sqlite3_stmt* statement, std::size_t count) {
    ensure(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) == count,
           "a query gets as many values as its text has parameters");
}

void Database::fail(const char* what) {
    const int code = sqlite3_errcode(connection_) & 0xff;
    const bool is_of_the_file = code == SQLITE_IOERR || code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
                                code == SQLITE_CANTOPEN || code == SQLITE_PROTOCOL;
    if (is_of_the_file) trusted_ = false;
    throw DatabaseError(code,
                        std::string("SQLite, ") + what + ": " + sqlite3_errmsg(connection_));
}

}  // namespace rockwatch
