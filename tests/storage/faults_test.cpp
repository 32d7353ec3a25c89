#include <future>
#include <set>

#include "storage/faulty_vfs.hpp"
#include "storage/scratch.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

StorageOptions on_faulty_disk(const Scratch& scratch, Durability durability = Durability::process) {
    return {.path = scratch.file(), .durability = durability, .vfs = Faults::vfs};
}

/// 0: committed; otherwise SQLite's code.
int try_note(Storage& storage, const std::string& text) {
    try {
        storage.write([&](Database& database) { add_note(database, text); });
        return 0;
    } catch (const DatabaseError& error) {
        return error.code;
    }
}

}  // namespace

TEST_CASE("a disk that fails during the commit fails its callers, and the next write works",
          "[storage][faults]") {
    const int code = GENERATE(SQLITE_IOERR_WRITE, SQLITE_FULL);
    const Scratch scratch;
    Faults faults;
    {
        Storage storage(on_faulty_disk(scratch), note_tables);
        REQUIRE(try_note(storage, "before") == 0);
        faults.fail_log_writes_after(0, code);
        CHECK(try_note(storage, "lost") == (code & 0xff));
        faults.heal();
        CHECK(count_notes(storage) == 1);
        CHECK(try_note(storage, "after") == 0);
        CHECK(count_notes(storage) == 2);
    }
    CHECK(count_committed(scratch.file()) == 2);
}

TEST_CASE("when SQLite rolls a whole batch back, who was done hears so and who was not goes on",
          "[storage][faults]") {
    const Scratch scratch;
    Faults faults;
    Storage storage(on_faulty_disk(scratch), note_tables);
    Gate gate(storage);
    const auto queue_write = [&](Storage::Change change) {
        const auto queued = storage.figures().queued;
        auto caller = std::async(std::launch::async, [&storage, change = std::move(change)] {
            try {
                storage.write(change);
                return 0;
            } catch (const DatabaseError& error) {
                return error.code;
            }
        });
        while (storage.figures().queued == queued) std::this_thread::yield();
        return caller;
    };
    auto before = queue_write([](Database& database) { add_note(database, "before"); });
    // ROLLBACK stands for what a full disk makes SQLite do by itself.
    auto breaking = queue_write([](Database& database) {
        database.execute("ROLLBACK");
        throw DatabaseError(SQLITE_FULL, "database or disk is full");
    });
    auto after = queue_write([](Database& database) { add_note(database, "after"); });
    gate.open();

    CHECK(before.get() == SQLITE_ABORT);
    CHECK(breaking.get() == SQLITE_FULL);
    CHECK(after.get() == 0);
    CHECK(count_notes(storage) == 1);
}

TEST_CASE("steps after a commit that failed are forgotten", "[storage][faults]") {
    const Scratch scratch;
    Faults faults;
    Storage storage(on_faulty_disk(scratch), note_tables);
    bool ran = false;
    faults.fail_log_writes_after(0, SQLITE_IOERR_WRITE);
    CHECK_THROWS_AS(storage.write([&](Database& database) {
        database.after_commit([&] { ran = true; });
        add_note(database, "lost");
    }),
                    DatabaseError);
    faults.heal();
    CHECK(try_note(storage, "after") == 0);
    CHECK_FALSE(ran);
}

TEST_CASE("a sync that fails is told to the caller under durability power", "[storage][faults]") {
    const Scratch scratch;
    Faults faults;
    {
        Storage storage(on_faulty_disk(scratch, Durability::power), note_tables);
        faults.fail_syncs(SQLITE_IOERR_FSYNC);
        CHECK(try_note(storage, "in doubt") == SQLITE_IOERR);
        faults.heal();
        CHECK(try_note(storage, "after") == 0);
    }
    Database database(scratch.file(), Database::Mode::reader);
    Rows rows = database.query("SELECT text FROM note WHERE text = 'after'");
    CHECK(rows.step());
}

TEST_CASE("a new file is on the disk before anything is promised", "[storage][faults]") {
    const Scratch scratch;
    Faults faults;
    faults.fail_syncs(SQLITE_IOERR_FSYNC);
    const auto durability = GENERATE(Durability::process, Durability::power);
    CHECK_THROWS_AS(Storage(on_faulty_disk(scratch, durability), note_tables), StorageUnusable);
    faults.heal();
    Storage storage(on_faulty_disk(scratch, durability), note_tables);
    CHECK(try_note(storage, "after") == 0);
}

TEST_CASE("a checkpoint that fails stops nobody", "[storage][faults]") {
    const Scratch scratch;
    Faults faults;
    {
        Storage storage(on_faulty_disk(scratch), note_tables);
        faults.fail_syncs(SQLITE_IOERR_FSYNC);  // under durability process only checkpoints sync
        const std::string megabyte(1 << 20, 'x');
        for (int number = 0; number < 40; ++number) {
            REQUIRE(try_note(storage, megabyte + std::to_string(number)) == 0);
        }
        CHECK(count_notes(storage) == 40);
    }
    faults.heal();
    Storage storage(on_faulty_disk(scratch), note_tables);
    CHECK(count_notes(storage) == 40);
}

TEST_CASE("wherever the disk fails, what was acknowledged is there and nothing is torn",
          "[storage][faults]") {
    const int code = GENERATE(SQLITE_IOERR_WRITE, SQLITE_FULL);
    for (int point = 0; point < 40; ++point) {
        CAPTURE(point);
        const Scratch scratch;
        Faults faults;
        std::set<std::string> acknowledged;
        {
            Storage storage(on_faulty_disk(scratch), note_tables);
            faults.fail_log_writes_after(point, code);
            for (int number = 0; number < 12; ++number) {
                const std::string text = std::to_string(number) + std::string(6000, '.');
                if (try_note(storage, text) == 0) acknowledged.insert(text);
                if (number == 9) faults.heal();
            }
        }
        faults.heal();
        Database database(scratch.file(), Database::Mode::writer);
        Rows check = database.query("PRAGMA integrity_check");
        REQUIRE(check.step());
        REQUIRE(check.text(0) == "ok");
        std::set<std::string> stored;
        Rows rows = database.query("SELECT text FROM note");
        while (rows.step()) stored.insert(rows.text(0));
        REQUIRE(stored == acknowledged);
        REQUIRE(acknowledged.size() >= 2);
    }
}
