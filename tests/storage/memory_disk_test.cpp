#include "support/memory_disk.hpp"

#include <set>

#include "storage/scratch.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using test::CommitPoint;
using test::DiskFault;
using test::DiskFile;
using test::Io;
using test::MemoryDisk;

namespace {

StorageOptions on(const MemoryDisk& disk, Durability durability = Durability::process) {
    return {.path = "test.db", .durability = durability, .vfs = disk.vfs()};
}

void write_note(Storage& storage, const std::string& text) {
    storage.write([&](Database& database) { add_note(database, text); });
}

}  // namespace

TEST_CASE("a storage lives on a disk in memory, readers and a second opening included", "[storage][disk]") {
    MemoryDisk disk;
    {
        Storage storage(on(disk), note_tables);
        write_note(storage, "a");
        const auto lease = storage.read();
        CHECK(count_notes(*lease) == 1);
        write_note(storage, "b");
        CHECK(count_notes(*lease) == 1);
        CHECK(count_notes(storage) == 2);
        CHECK(disk.has("test.db-wal"));
    }
    CHECK(disk.files() == std::vector<std::string>{"test.db"});
    Storage storage(on(disk), note_tables);
    CHECK(count_notes(storage) == 2);
}

TEST_CASE("two disks know nothing of each other", "[storage][disk]") {
    MemoryDisk first;
    MemoryDisk second;
    Storage one(on(first), note_tables);
    Storage two(on(second), note_tables);
    write_note(one, "a");
    CHECK(count_notes(one) == 1);
    CHECK(count_notes(two) == 0);
}

TEST_CASE("a killed process loses nothing that it wrote", "[storage][disk]") {
    MemoryDisk disk;
    {
        Storage storage(on(disk), note_tables);
        write_note(storage, "a");
        disk.kill();
        CHECK_THROWS_AS(write_note(storage, "dead"), DatabaseError);
    }
    CHECK_THROWS_AS(Storage(on(disk), note_tables), StorageUnusable);  // nobody is there yet
    disk.start();
    Storage storage(on(disk), note_tables);
    CHECK(count_notes(storage) == 1);
}

TEST_CASE("a commit that nobody heard of is there once it was written, and after a cut once it was synced",
          "[storage][disk]") {
    struct Row {
        Durability durability;
        bool cuts;
        CommitPoint point;
    };
    const auto row = GENERATE(values<Row>({{Durability::process, false, CommitPoint::written},
                                           {Durability::power, false, CommitPoint::written},
                                           {Durability::power, false, CommitPoint::synced},
                                           {Durability::power, true, CommitPoint::synced}}));
    CAPTURE(row.cuts, row.durability == Durability::power, row.point == CommitPoint::synced);
    MemoryDisk disk;
    {
        Storage storage(on(disk, row.durability), note_tables);
        write_note(storage, "a");
        row.cuts ? disk.cut_at_commit(row.point, 7) : disk.kill_at_commit(row.point);
        CHECK_THROWS_AS(write_note(storage, "in doubt"), DatabaseError);
        CHECK(disk.is_off());
    }
    disk.start();
    Storage storage(on(disk), note_tables);
    CHECK(count_notes(storage) == 2);
}

TEST_CASE("a power that goes when a commit is written and not synced keeps it as a whole or not at all",
          "[storage][disk]") {
    int kept = 0;
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        MemoryDisk disk;
        {
            Storage storage(on(disk, Durability::power), note_tables);
            write_note(storage, "a");
            disk.cut_at_commit(CommitPoint::written, seed);
            CHECK_THROWS_AS(write_note(storage, "in doubt"), DatabaseError);
        }
        disk.start();
        Storage storage(on(disk), note_tables);
        const auto notes = count_notes(storage);
        REQUIRE((notes == 1 || notes == 2));
        ++(notes == 2 ? kept : lost);
    }
    CHECK(kept > 0);
    CHECK(lost > 0);
}

TEST_CASE("the same seeds leave the same", "[storage][disk]") {
    const auto left_by = [](std::uint64_t seed) {
        MemoryDisk disk(seed);
        auto options = on(disk);
        options.writer_thread = false;
        {
            Storage storage(options, note_tables);
            for (int number = 0; number < 20; ++number) write_note(storage, std::to_string(number));
            disk.cut(seed);
        }
        disk.start();
        std::string left = std::to_string(disk.points());
        for (const auto& file : disk.files()) left += " " + file + std::to_string(disk.read(file).size());
        Storage storage(options, note_tables);
        return left + " " + std::to_string(count_notes(storage));
    };
    std::set<std::string> different;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        different.insert(left_by(seed));
        CHECK(left_by(seed) == left_by(seed));
    }
    CHECK(different.size() > 2);
}

TEST_CASE("what was synced survives a cut, the rest may go in every way", "[storage][disk]") {
    DiskFile file;
    file.write(std::string(2000, 's'), 0);
    file.sync();
    file.write(std::string(1000, 'n'), 600);
    file.write(std::string(700, 'n'), 2000);
    std::mt19937_64 random(1);
    std::set<char> seen;
    std::set<std::size_t> sizes;
    for (int round = 0; round < 500; ++round) {
        const std::string left = file.after_cut(random);
        REQUIRE(left.size() >= 2000);
        REQUIRE(left.size() <= 2700);
        REQUIRE(left.substr(0, 600) == std::string(600, 's'));
        REQUIRE(left.substr(1600, 400) == std::string(400, 's'));
        seen.insert(left.begin() + 600, left.begin() + 1600);
        sizes.insert(left.size());
    }
    CHECK(seen.size() > 200);  // old, new and garbage
    CHECK(sizes.size() > 100);
}

TEST_CASE("a file cut short and grown again has no old bytes", "[storage][disk]") {
    DiskFile file;
    file.write("old bytes", 0);
    file.sync();
    file.resize(2);
    file.write("x", 5);
    file.sync();
    std::mt19937_64 random(1);
    CHECK(file.after_cut(random) == std::string("ol\0\0\0x", 6));
}

TEST_CASE("bytes whose sync failed are not synced by the next one", "[storage][disk]") {
    DiskFile file;
    file.write("old", 0);
    file.sync();
    file.write("new", 0);
    file.fail_sync();
    file.sync();
    std::mt19937_64 random(1);
    std::set<std::string> left;
    for (int round = 0; round < 100; ++round) left.insert(file.after_cut(random));
    CHECK(left.count("old") == 1);
    file.write("NEW", 0);
    file.sync();
    for (int round = 0; round < 100; ++round) CHECK(file.after_cut(random) == "NEW");
}

TEST_CASE("the disk fails where it is asked to", "[storage][disk]") {
    MemoryDisk disk;
    Storage storage(on(disk), note_tables);
    write_note(storage, "a");
    SECTION("once") {
        disk.fail({.kind = Io::write, .code = SQLITE_FULL, .file_ends_with = "-wal"});
        CHECK_THROWS_AS(write_note(storage, "full"), DatabaseError);
        CHECK(disk.has_failed());
        write_note(storage, "b");
    }
    SECTION("from then on") {
        disk.fail({.after = 0, .kind = Io::write, .lasting = true});
        for (int round = 0; round < 3; ++round) CHECK_THROWS_AS(write_note(storage, "broken"), DatabaseError);
        disk.heal();
        write_note(storage, "b");
    }
    CHECK(count_notes(storage) == 2);
}
