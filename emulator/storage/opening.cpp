#include "storage/opening.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "storage/migrations.hpp"
#include "storage/schema_check.hpp"

namespace rockwatch {

namespace {

/// SQLite makes -wal and -shm like the file, so that all three are the user's alone.
void make_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);  // otherwise SQLite says what is wrong with it
}

/// A new file too is made under the synchronous mode of later: torn by a power cut during the first start it
/// would have to be removed by hand.
void set_up(Database& writer, const StorageOptions& options) {
    writer.execute(options.durability == Durability::power ? "PRAGMA synchronous = FULL"
                                                           : "PRAGMA synchronous = NORMAL");
    const bool in_memory = options.path == ":memory:";
    {
        Rows mode = writer.query("PRAGMA journal_mode = WAL");
        if (mode.step() && mode.view(0) != "wal" && !in_memory) {
            throw StorageUnusable(
                options.path +
                " lies on a file system without shared memory. Name a file on a local disk with --db");
        }
    }
    writer.execute(
        "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = ON; "
        "PRAGMA temp_store = MEMORY");
    if (options.bytes_max) {
        Rows page = writer.query("PRAGMA page_size");
        const std::int64_t page_bytes = page.step() ? page.integer(0) : 4096;
        writer.execute(fmt::format("PRAGMA max_page_count = {}",
                                   std::max<std::int64_t>(1, *options.bytes_max / page_bytes)));
    }
    writer.watch_wal();
}

std::string_view advice(int code) {
    switch (code) {
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_CANTOPEN:
            return "Give this user the right to write the file and its folder";
        case SQLITE_FULL: return "Make room on the disk";
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return "End the program that has it open";
        default: return "Restore it";
    }
}

}  // namespace

bool is_system_file(const StorageOptions& options) {
    return options.path != ":memory:" && options.vfs.empty();
}

std::unique_ptr<Database> open_storage(const StorageOptions& options,
                                       std::span<const Migrations> migrations) try {
    if (is_system_file(options)) make_file(options.path);
    auto writer = std::make_unique<Database>(options.path, Database::Mode::writer, options.vfs);
    if (!is_new(*writer)) {
        expect_own_database(*writer, options.path);
        expect_own_schema(*writer, options.path, migrations);
    }
    set_up(*writer, options);
    if (!is_new(*writer) && !is_marked_clean(*writer)) expect_sound(*writer, options.path);
    migrate(*writer, options.path, migrations);
    return writer;
} catch (const DatabaseError& error) {
    throw StorageUnusable(fmt::format("{} cannot be used: {}. {}, or name another file with --db",
                                      options.path, error.what(), advice(error.code)));
}

std::unique_ptr<Database> open_again(const StorageOptions& options) try {
    auto writer = std::make_unique<Database>(options.path, Database::Mode::writer, options.vfs);
    // Somebody removed it: an empty file in its place must not pass for an emulator that was reset.
    if (is_new(*writer)) throw DatabaseError(SQLITE_CANTOPEN, options.path + " is gone");
    set_up(*writer, options);
    return writer;
} catch (const StorageUnusable& unusable) {
    throw DatabaseError(SQLITE_CANTOPEN, unusable.what());
}

void close_cleanly(Database& writer) {
    writer.execute("PRAGMA busy_timeout = 0");  // somebody's sqlite3 shell must not hold the stop up
    mark_clean(writer);
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace rockwatch
