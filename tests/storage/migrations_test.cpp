#include "storage/migrations.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "storage/scratch.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

constexpr Migration two_steps[] = {
    {1, "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"},
    {2, "ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'white'; CREATE TABLE pen (id INTEGER)"},
};
constexpr Migrations newer_tables[] = {{"notes", two_steps}};
constexpr Migration broken_steps[] = {
    {1, "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"},
    {2, "CREATE TABLE pen (id INTEGER); CREATE TABLE nonsense"},
};
constexpr Migrations broken_tables[] = {{"notes", broken_steps}};
constexpr Migration pens[] = {{1, "CREATE TABLE pen (id INTEGER)"}};
constexpr Migrations more_owners[] = {{"notes", note_steps}, {"pens", pens}};

std::string refusal(const StorageOptions& options, std::span<const Migrations> tables) {
    try {
        const Storage storage(options, tables);
    } catch (const StorageUnusable& error) {
        return error.what();
    }
    return "none";
}

unsigned mode_of(const std::string& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

void write_file(const std::string& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("what was written is there when the file is opened again", "[storage][migrations]") {
    const Scratch scratch;
    const bool writer_thread = GENERATE(true, false);
    const StorageOptions options{.path = scratch.file(), .writer_thread = writer_thread};
    {
        Storage storage(options, note_tables);
        storage.write([](Database& database) { add_note(database, "kept"); });
        storage.enqueue([](Database& database) { add_note(database, "queued at the end"); });
    }
    Storage storage(options, note_tables);
    CHECK(count_notes(storage) == 2);
}

TEST_CASE("an older file gets the steps that it lacks, once", "[storage][migrations]") {
    const Scratch scratch;
    {
        Storage storage({.path = scratch.file()}, note_tables);
        storage.write([](Database& database) { add_note(database, "old"); });
    }
    for (int start = 0; start < 2; ++start) {
        Storage storage({.path = scratch.file()}, newer_tables);
        const auto lease = storage.read();
        Rows rows = (*lease).query("SELECT text, colour FROM note");
        REQUIRE(rows.step());
        CHECK(rows.text(0) == "old");
        CHECK(rows.text(1) == "white");
    }
}

TEST_CASE("a file with tables newer than the program is refused and left alone", "[storage][migrations]") {
    const Scratch scratch;
    { const Storage storage({.path = scratch.file()}, newer_tables); }
    CHECK(refusal({.path = scratch.file()}, note_tables) ==
          scratch.file() +
              " was written by a newer Rockwatch (notes tables are at version 2, this program knows 1). "
              "Use the newer program, or name another file with --db");
    CHECK(refusal({.path = scratch.file()}, newer_tables) == "none");
}

TEST_CASE("a file with tables of a service that the program has not got is newer, too",
          "[storage][migrations]") {
    const Scratch scratch;
    { const Storage storage({.path = scratch.file()}, more_owners); }
    CHECK_THAT(refusal({.path = scratch.file()}, note_tables),
               ContainsSubstring("newer Rockwatch (pens tables are at version 1, this program knows 0)"));
}

TEST_CASE("a step that fails leaves the file as it was", "[storage][migrations]") {
    const Scratch scratch;
    { const Storage storage({.path = scratch.file()}, note_tables); }
    CHECK_THAT(refusal({.path = scratch.file()}, broken_tables), ContainsSubstring("cannot be used"));
    Storage storage({.path = scratch.file()}, newer_tables);  // would fail if the table pen had stayed
    CHECK(count_notes(storage) == 0);
}

TEST_CASE("a database of another program is refused and not even switched to WAL", "[storage][migrations]") {
    const Scratch scratch;
    {
        Database other(scratch.file(), Database::Mode::writer);
        other.execute("CREATE TABLE customers (id INTEGER)");
    }
    CHECK(refusal({.path = scratch.file()}, note_tables) ==
          scratch.file() + " is a database of another program. Name another file with --db");
    Database other(scratch.file(), Database::Mode::writer);
    Rows mode = other.query("PRAGMA journal_mode");
    REQUIRE(mode.step());
    CHECK(mode.text(0) == "delete");
}

TEST_CASE("a damaged file is refused with a sentence that says what to do", "[storage][migrations]") {
    const Scratch scratch;
    write_file(scratch.file(), std::string(8192, 'x'));
    CHECK(refusal({.path = scratch.file()}, note_tables) ==
          scratch.file() +
              " cannot be used: SQLite, prepare: file is not a database. Restore it, or name another file "
              "with --db");
}

TEST_CASE("a file whose schema is torn is refused", "[storage][migrations]") {
    const Scratch scratch;
    { const Storage storage({.path = scratch.file()}, note_tables); }
    std::fstream file(scratch.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(400, '\xff');
    file.close();
    CHECK_THAT(refusal({.path = scratch.file()}, note_tables), ContainsSubstring("cannot be used"));
}

TEST_CASE("two servers never share a file: the second one is told who has it", "[storage][migrations]") {
    const Scratch scratch;
    const bool writer_thread = GENERATE(true, false);
    {
        const Storage first({.path = scratch.file(), .writer_thread = writer_thread}, note_tables);
        CHECK(refusal({.path = scratch.file()}, note_tables) ==
              scratch.file() + " is in use by another server (process " + std::to_string(::getpid()) +
                  "). Stop it, or name another file with --db");
    }
    CHECK(refusal({.path = scratch.file()}, note_tables) == "none");
}

TEST_CASE("a file that was not closed is checked unless its last server ran since the machine was started",
          "[storage][migrations]") {
    const Scratch scratch;
    { const Storage storage({.path = scratch.file()}, note_tables); }
    {
        Database database(scratch.file(), Database::Mode::writer);
        database.execute("PRAGMA user_version = 0");  // what a killed server leaves
    }
    std::fstream file(scratch.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4096, std::ios::end);
    file << std::string(8, '\xff');  // the head of a page that the start needs not
    file.close();
    SECTION("the power went meanwhile") {
        write_file(scratch.file() + "-lock", "1\nsome earlier start");
        CHECK_THAT(refusal({.path = scratch.file()}, note_tables), ContainsSubstring(" is damaged: "));
    }
    SECTION("nobody knows") {
        std::filesystem::remove(scratch.file() + "-lock");
        CHECK_THAT(refusal({.path = scratch.file()}, note_tables), ContainsSubstring(" is damaged: "));
    }
    SECTION("it was killed") { CHECK(refusal({.path = scratch.file()}, note_tables) == "none"); }
}

TEST_CASE("a refused start holds no lock", "[storage][migrations]") {
    const Scratch scratch;
    write_file(scratch.file(), std::string(8192, 'x'));
    CHECK_THAT(refusal({.path = scratch.file()}, note_tables), ContainsSubstring("cannot be used"));
    std::filesystem::remove(scratch.file());
    CHECK(refusal({.path = scratch.file()}, note_tables) == "none");
}

TEST_CASE("a place that cannot hold a database is refused", "[storage][migrations]") {
    const Scratch scratch;
    CHECK_THAT(refusal({.path = scratch.file("absent/test.db")}, note_tables),
               StartsWith("cannot write " + scratch.file("absent/test.db-lock: No such file or directory")));
    std::filesystem::create_directory(scratch.file("folder"));
    CHECK_THAT(refusal({.path = scratch.file("folder")}, note_tables),
               ContainsSubstring("unable to open database file"));
    CHECK_THAT(refusal({.path = ""}, note_tables), ContainsSubstring("the database needs a name"));
}

TEST_CASE("the lock is not followed to somebody else's file", "[storage][migrations]") {
    const Scratch scratch;
    write_file(scratch.file("precious"), "keep me");
    std::filesystem::create_symlink(scratch.file("precious"), scratch.file() + "-lock");
    CHECK_THAT(refusal({.path = scratch.file()}, note_tables), StartsWith("cannot write"));
    CHECK(std::filesystem::file_size(scratch.file("precious")) == 7);
}

TEST_CASE("the database and the files beside it are the user's alone", "[storage][migrations]") {
    const Scratch scratch;
    const mode_t before = ::umask(0);
    Storage storage({.path = scratch.file()}, note_tables);
    ::umask(before);
    storage.write([](Database& database) { add_note(database, "private"); });
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) {
        CAPTURE(suffix);
        CHECK(mode_of(scratch.file() + suffix) == 0600);
    }
}

TEST_CASE("a stopped server leaves one file and no log behind", "[storage][migrations]") {
    const Scratch scratch;
    {
        Storage storage({.path = scratch.file()}, note_tables);
        storage.write([](Database& database) { add_note(database, "x"); });
        CHECK(count_notes(storage) == 1);
    }
    CHECK_FALSE(std::filesystem::exists(scratch.file() + "-wal"));
    CHECK_FALSE(std::filesystem::exists(scratch.file() + "-shm"));
    CHECK(count_committed(scratch.file()) == 1);
}
