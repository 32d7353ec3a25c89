// Files that somebody else changed or that a disk damaged. A seed tells the damage; one is run again with
// ROCKWATCH_SEED=<seed> and the name of its test.

#include <fmt/format.h>

#include <fstream>
#include <random>

#include "storage/ledger.hpp"
#include "storage/scratch.hpp"
#include "support/catch.hpp"
#include "support/memory_disk.hpp"

using namespace rockwatch;
using test::Ledger;
using test::MemoryDisk;

namespace {

constexpr const char* name = "test.db";

StorageOptions on(const MemoryDisk& disk) {
    return {.path = name, .writer_thread = false, .vfs = disk.vfs()};
}

/// "none", or why the file is refused.
std::string refusal(const MemoryDisk& disk) {
    try {
        const Storage storage(on(disk), test::ledger_tables);
    } catch (const StorageUnusable& error) {
        return error.what();
    }
    return "none";
}

/// A disk with a ledger of some pages, closed cleanly.
void fill(MemoryDisk& disk) {
    Storage storage(on(disk), test::ledger_tables);
    Ledger ledger;
    for (int batch = 0; batch < 20; ++batch) REQUIRE(ledger.commit(storage, 2, 1500));
}

void change(const MemoryDisk& disk, const std::string& sql) {
    Database database(name, Database::Mode::writer, disk.vfs());
    database.execute(sql);
}

std::string flip_bits(std::string bytes, std::mt19937_64& random) {
    for (auto flips = 1 + random() % 8; flips > 0; --flips)
        bytes[random() % bytes.size()] ^= static_cast<char>(1U << random() % 8);
    return bytes;
}

std::string swap_pages(std::string bytes, std::mt19937_64& random) {
    constexpr std::size_t page = 4096;
    const std::size_t pages = bytes.size() / page;
    if (pages < 2) return bytes;
    const std::size_t one = random() % pages * page;
    const std::size_t other = random() % pages * page;
    const std::string kept = bytes.substr(one, page);
    bytes.replace(one, page, bytes, other, page);
    bytes.replace(other, page, kept);
    return bytes;
}

std::string scribble(std::string bytes, std::mt19937_64& random) {
    const std::size_t from = random() % bytes.size();
    const std::size_t count = std::min<std::size_t>(bytes.size() - from, 1 + random() % 600);
    for (std::size_t at = from; at < from + count; ++at) bytes[at] = static_cast<char>(random());
    return bytes;
}

/// In the header and the schema, where a flip is felt at once.
std::string flip_head(std::string bytes, std::mt19937_64& random) {
    bytes[random() % std::min<std::size_t>(bytes.size(), 400)] ^= static_cast<char>(1U << random() % 8);
    return bytes;
}

std::string damaged(std::string bytes, std::mt19937_64& random) {
    switch (random() % 5) {
        case 0:
            return flip_bits(std::move(bytes), random);
        case 1:
            return swap_pages(std::move(bytes), random);
        case 2:
            return bytes.substr(0, random() % bytes.size());
        case 3:
            return scribble(std::move(bytes), random);
        default:
            return flip_head(std::move(bytes), random);
    }
}

/// Uses what opened: each statement works or says what is wrong. Returns whether all of them worked.
bool use(Storage& storage) {
    bool works = true;
    const auto attempt = [&](const Storage::Change& change) {
        try {
            storage.write(change);
        } catch (const DatabaseError&) {
            works = false;
        }
    };
    attempt([](Database& database) {
        Rows rows = database.query("SELECT number, batch, text FROM entry ORDER BY batch");
        while (rows.step()) static_cast<void>(rows.text(2).size());
    });
    attempt([](Database& database) { database.run("UPDATE total SET entries = entries + 1"); });
    attempt([](Database& database) { database.run("INSERT INTO entry VALUES (1000000, 1000000, 'new')"); });
    attempt([](Database& database) { database.run("DELETE FROM entry WHERE batch < 5"); });
    return works;
}

}  // namespace

TEST_CASE("two thousand damaged files are refused with a reason or work, and none ends the process",
          "[storage][damage]") {
    const test::Quiet quiet;
    MemoryDisk clean_disk;
    fill(clean_disk);
    const std::string clean = clean_disk.read(name);
    MemoryDisk killed_disk;
    {
        Storage storage(on(killed_disk), test::ledger_tables);
        Ledger ledger;
        for (int batch = 0; batch < 20; ++batch) REQUIRE(ledger.commit(storage, 2, 1500));
        storage.write([](Database&) {});
        killed_disk.kill();
    }
    const std::string killed = killed_disk.read(name);
    const std::string log = killed_disk.read(std::string(name) + "-wal");
    int refused = 0;
    int broken = 0;
    int working = 0;
    const auto seeds = test::seeds(0, 2000);
    for (const std::uint64_t seed : seeds) {
        INFO(fmt::format("replay: ROCKWATCH_SEED={} with the name of this test", seed));
        std::mt19937_64 random(seed);
        MemoryDisk disk(seed);
        if (random() % 2 == 0) {
            disk.put(name, damaged(clean, random));
        } else {
            disk.put(name, random() % 2 == 0 ? damaged(killed, random) : killed);
            disk.put(std::string(name) + "-wal", damaged(log, random));
        }
        try {
            Storage storage(on(disk), test::ledger_tables);
            use(storage) ? ++working : ++broken;
        } catch (const StorageUnusable& error) {
            REQUIRE_THAT(error.what(), StartsWith(name));
            ++refused;
        }
    }
    if (seeds.size() == 1) return;
    CHECK(refused > 150);
    CHECK(broken > 20);
    CHECK(working > 100);
}

TEST_CASE("a file that was not closed cleanly is checked, and refused when it is damaged",
          "[storage][damage]") {
    MemoryDisk disk;
    fill(disk);
    const bool was_killed = GENERATE(true, false);
    if (was_killed) change(disk, "PRAGMA user_version = 0");  // what a killed server leaves
    std::string bytes = disk.read(name);
    bytes.replace(bytes.size() - 4096, 8,
                  std::string(8, '\xff'));  // the head of a page that the start needs not
    disk.put(name, bytes);
    const std::string reason = refusal(disk);
    if (was_killed) {
        CHECK_THAT(reason, StartsWith("test.db is damaged: "));
        CHECK_THAT(reason, ContainsSubstring("Restore it, or name another file with --db"));
    } else {
        CHECK(reason == "none");  // a clean file opens at once, however large it is
    }
}

TEST_CASE("a damaged file is refused at every start, not only at the first after the power was gone",
          "[storage][damage]") {
    const Scratch scratch;
    const StorageOptions options{.path = scratch.file(), .writer_thread = false};
    {
        Storage storage(options, test::ledger_tables);
        Ledger ledger;
        for (int batch = 0; batch < 20; ++batch) REQUIRE(ledger.commit(storage, 2, 1500));
    }
    {
        Database database(scratch.file(), Database::Mode::writer);
        database.execute("PRAGMA user_version = 0; PRAGMA wal_checkpoint(TRUNCATE)");  // as if killed
    }
    {
        std::fstream file(scratch.file(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(-4096, std::ios::end);
        file << std::string(8, '\xff');
    }
    std::ofstream(scratch.file() + "-lock") << "1\nanother start of the machine";
    for (int start = 0; start < 2; ++start) {
        CAPTURE(start);
        CHECK_THROWS_AS(Storage(options, test::ledger_tables), StorageUnusable);
    }
}

TEST_CASE("a closed file says so, and an open one does not", "[storage][damage]") {
    MemoryDisk disk;
    const auto mark = [&] {
        Database database(name, Database::Mode::reader, disk.vfs());
        Rows rows = database.query("PRAGMA user_version");
        REQUIRE(rows.step());
        return rows.integer(0);
    };
    for (int start = 0; start < 2; ++start) {
        {
            const Storage storage(on(disk), test::ledger_tables);
            CHECK(mark() == 0);
        }
        CHECK(mark() == 1);
    }
}

TEST_CASE("triggers, views, tables and indexes of foreign make are refused by name", "[storage][damage]") {
    struct Row {
        std::string sql;
        std::string reason;
    };
    const auto row = GENERATE(values<Row>({
        {"CREATE TRIGGER evil AFTER INSERT ON entry BEGIN DELETE FROM entry; END",
         "holds what Rockwatch did not make (trigger evil)"},
        {"CREATE VIEW evil AS SELECT 1", "holds what Rockwatch did not make (view evil)"},
        {"CREATE TABLE evil (i)", "holds what Rockwatch did not make (table evil)"},
        {"CREATE INDEX evil ON entry (text)", "holds what Rockwatch did not make (index evil)"},
        {"DROP INDEX entry_by_batch", "lacks what Rockwatch made (index entry_by_batch)"},
        {"ALTER TABLE entry ADD COLUMN evil", "holds something that Rockwatch made otherwise (table entry)"},
        {"DROP TABLE schema_version", "lacks what Rockwatch made (index sqlite_autoindex_schema_version_1)"},
        {"DROP TABLE schema_version; CREATE VIEW schema_version AS WITH RECURSIVE r(owner, number) AS "
         "(SELECT '', 1 UNION ALL SELECT '', number + 1 FROM r) SELECT owner, number FROM r",
         "lacks what Rockwatch made (index sqlite_autoindex_schema_version_1)"},
    }));
    CAPTURE(row.sql);
    MemoryDisk disk;
    fill(disk);
    change(disk, row.sql);
    const std::string before = disk.read(name);
    CHECK(refusal(disk) == "test.db " + row.reason +
                               ". Another program changed it: restore it, or name another file with --db");
    CHECK(disk.read(name) == before);
}

TEST_CASE("statistics of ANALYZE are nobody's concern", "[storage][damage]") {
    MemoryDisk disk;
    fill(disk);
    change(disk, "ANALYZE");
    CHECK(refusal(disk) == "none");
}

TEST_CASE("an empty file is new, a text is no database", "[storage][damage]") {
    MemoryDisk disk;
    disk.put(name, "");
    CHECK(refusal(disk) == "none");
    MemoryDisk other;
    other.put(name, "Dear diary, today I named a text as a database, and it was long enough to be one.");
    CHECK(refusal(other) ==
          "test.db cannot be used: SQLite, prepare: file is not a database. Restore it, or name another file "
          "with --db");
}

TEST_CASE("a log that is garbage is left aside", "[storage][damage]") {
    MemoryDisk disk;
    fill(disk);
    disk.put("test.db-wal", std::string(20'000, '\x7f'));
    Storage storage(on(disk), test::ledger_tables);
    const auto lease = storage.read();
    Rows rows = (*lease).query("SELECT count(*) FROM entry");
    REQUIRE(rows.step());
    CHECK(rows.integer(0) == 80);
}

TEST_CASE("a file that cannot be written is refused with the way out", "[storage][damage]") {
    MemoryDisk disk;
    fill(disk);
    disk.fail({.kind = test::Io::write, .code = SQLITE_READONLY, .lasting = true});
    CHECK_THAT(refusal(disk), ContainsSubstring("Give this user the right to write the file and its folder, "
                                                "or name another file with --db"));
    disk.fail({.kind = test::Io::write, .code = SQLITE_FULL, .lasting = true});
    CHECK_THAT(refusal(disk), ContainsSubstring("Make room on the disk, or name another file with --db"));
    disk.heal();
    CHECK(refusal(disk) == "none");
}
