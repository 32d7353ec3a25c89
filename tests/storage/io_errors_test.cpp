// Single failures of the disk through Storage itself. A seed tells the disk, the work and where it fails; one
// of them is run again with ROCKWATCH_SEED=<seed> and the name of its test.

#include <fmt/format.h>

#include <future>
#include <random>
#include <set>
#include <thread>

#include "storage/ledger.hpp"
#include "storage/scratch.hpp"
#include "support/catch.hpp"
#include "support/memory_disk.hpp"

using namespace rockwatch;
using test::DiskFault;
using test::Io;
using test::Ledger;
using test::MemoryDisk;

namespace {

DiskFault some_fault(std::mt19937_64& random) {
    DiskFault fault{.after = random() % 150};
    switch (random() % 6) {
        case 0:
            fault.kind = Io::read;
            break;
        case 1:
            fault.kind = Io::write;
            break;
        case 2:
            fault.kind = Io::write;
            fault.code = SQLITE_FULL;
            break;
        case 3:
            fault.kind = Io::sync;
            break;
        case 4:
            fault.kind = Io::truncate;
            fault.after = random() % 4;
            break;
        default:
            break;  // any
    }
    if (fault.kind == Io::sync) fault.after %= 20;
    return fault;
}

std::string told_as(const DiskFault& fault) {
    return fmt::format("fault: kind {}, code {}, after {}, {}",
                       fault.kind ? static_cast<int>(*fault.kind) : -1, fault.code.value_or(0), fault.after,
                       fault.lasting ? "lasting" : "once");
}

struct Told {
    int struck = 0;   ///< storages whose disk failed
    int refused = 0;  ///< commits that heard so
};

/// One storage whose disk fails once, or for a while; it goes on, is crashed or stopped, and opened again.
void fail_and_look(std::uint64_t seed, Durability durability, Told& told) {
    INFO(fmt::format("replay: ROCKWATCH_SEED={} with the name of this test", seed));
    std::mt19937_64 random(seed);
    MemoryDisk disk(seed);
    const StorageOptions options{.path = "test.db",
                                 .durability = durability,
                                 .writer_thread = random() % 4 == 0,
                                 .checkpoint_pages = static_cast<int>(4 + random() % 40),
                                 .vfs = disk.vfs()};
    DiskFault fault = some_fault(random);
    fault.lasting = random() % 3 == 0;
    INFO(told_as(fault));
    Ledger ledger;
    {
        Storage storage(options, test::ledger_tables);
        REQUIRE(ledger.commit(storage, 1, 10));
        disk.fail(fault);
        for (int commits = 0; commits < 12; ++commits) {
            if (!ledger.commit(storage, 1 + random() % 3, random() % 3000)) ++told.refused;
        }
        if (disk.has_failed()) ++told.struck;
        disk.heal();
        REQUIRE(ledger.commit(storage, 1, 10));  // it goes on
        ledger.look(storage, Ledger::Loss::none);
        REQUIRE(ledger.commit(storage, 2, 100));
        const bool is_cut = durability == Durability::power && random() % 2 == 0;
        UNSCOPED_INFO((is_cut ? "then the power went" : "then it was killed or stopped"));
        if (is_cut) {
            disk.cut(random());
        } else if (random() % 2 == 0) {
            disk.kill();
        }
    }
    disk.start();
    Storage storage(options, test::ledger_tables);
    ledger.look(storage, Ledger::Loss::none);
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

TEST_CASE("wherever the disk fails, callers hear so, later ones work and nothing acknowledged is lost",
          "[storage][faults]") {
    const test::Quiet quiet;
    const auto durability = GENERATE(Durability::process, Durability::power);
    Told told;
    const auto seeds = test::seeds(durability == Durability::power ? 0 : 10'000, 1600);
    for (const std::uint64_t seed : seeds) fail_and_look(seed, durability, told);
    if (seeds.size() == 1) return;
    CHECK(told.struck > 800);
    CHECK(told.refused > 400);
}

TEST_CASE("callers of one batch share its fate, when its disk fails and when the power goes",
          "[storage][faults]") {
    const test::Quiet quiet;
    const bool is_cut = GENERATE(false, true);
    int whole = 0;
    int none = 0;
    const auto seeds = test::seeds(30'000, 150);
    for (const std::uint64_t seed : seeds) {
        INFO(fmt::format("replay: ROCKWATCH_SEED={} with the name of this test", seed));
        std::mt19937_64 random(seed);
        MemoryDisk disk(seed);
        const StorageOptions options{.path = "test.db", .durability = Durability::power, .vfs = disk.vfs()};
        std::set<std::string> acknowledged;
        {
            Storage storage(options, note_tables);
            Gate gate(storage);
            std::vector<std::future<int>> callers;
            for (int number = 0; number < 5; ++number) {
                callers.push_back(std::async(std::launch::async, try_note, std::ref(storage),
                                             std::to_string(number) + std::string(3000, '.')));
            }
            while (storage.figures().queued < callers.size()) std::this_thread::yield();
            if (is_cut) {
                disk.cut_after(random() % 80, random());
            } else {
                disk.fail({.after = random() % 16, .kind = random() % 2 == 0 ? Io::write : Io::sync});
            }
            gate.open();
            for (std::size_t number = 0; number < callers.size(); ++number) {
                if (callers[number].get() == 0)
                    acknowledged.insert(std::to_string(number) + std::string(3000, '.'));
            }
            disk.cut(random());
        }
        disk.heal();
        disk.start();
        Storage storage(options, note_tables);
        const std::int64_t stored = count_notes(storage);
        const auto lease = storage.read();
        for (const auto& text : acknowledged) {
            Rows rows = (*lease).query("SELECT 1 FROM note WHERE text = ?", text);
            REQUIRE(rows.step());
        }
        REQUIRE((stored == 0 || stored == 5));
        REQUIRE((acknowledged.empty() || acknowledged.size() == 5));
        ++(acknowledged.empty() ? none : whole);
    }
    if (seeds.size() == 1) return;
    CHECK(whole > 10);
    CHECK(none > 10);
}

TEST_CASE("wherever the disk fails during a start, the next one works", "[storage][faults]") {
    const test::Quiet quiet;
    int refused = 0;
    const auto seeds = test::seeds(20'000, 400);
    for (const std::uint64_t seed : seeds) {
        INFO(fmt::format("replay: ROCKWATCH_SEED={} with the name of this test", seed));
        std::mt19937_64 random(seed);
        MemoryDisk disk(seed);
        const StorageOptions options{
            .path = "test.db",
            .durability = random() % 2 == 0 ? Durability::process : Durability::power,
            .writer_thread = false,
            .vfs = disk.vfs()};
        Ledger ledger;
        if (random() % 2 == 0) {
            Storage storage(options, test::ledger_tables);
            REQUIRE(ledger.commit(storage, 1, 10));
            if (random() % 2 == 0) disk.kill();
        }
        disk.start();
        DiskFault fault = some_fault(random);
        fault.after %= 40;
        disk.fail(fault);
        try {
            Storage storage(options, test::ledger_tables);
            ledger.commit(storage, 1, 10);
        } catch (const StorageUnusable&) {
            ++refused;
        }
        disk.heal();
        Storage storage(options, test::ledger_tables);
        ledger.look(storage, Ledger::Loss::none);
    }
    if (seeds.size() > 1) CHECK(refused > 40);
}

TEST_CASE("a writer that cannot be opened again says so to each batch, and works when it can",
          "[storage][faults]") {
    const test::Quiet quiet;
    const bool writer_thread = GENERATE(true, false);
    MemoryDisk disk;
    Storage storage({.path = "test.db", .writer_thread = writer_thread, .vfs = disk.vfs()}, note_tables);
    REQUIRE(try_note(storage, "before") == 0);
    disk.fail({.lasting = true});  // all of it, openings included
    CHECK(try_note(storage, "breaks the connection") == SQLITE_IOERR);
    CHECK(try_note(storage, "finds none") == SQLITE_CANTOPEN);
    CHECK(try_note(storage, "finds none again") == SQLITE_CANTOPEN);
    disk.heal();
    CHECK(try_note(storage, "after") == 0);
    CHECK(count_notes(storage) == 2);
}

TEST_CASE("a storage whose writer is gone can still be stopped", "[storage][faults]") {
    const test::Quiet quiet;
    MemoryDisk disk;
    {
        Storage storage({.path = "test.db", .vfs = disk.vfs()}, note_tables);
        REQUIRE(try_note(storage, "kept") == 0);
        disk.fail({.lasting = true});
        CHECK(try_note(storage, "lost") == SQLITE_IOERR);
    }
    disk.heal();
    Storage storage({.path = "test.db", .vfs = disk.vfs()}, note_tables);
    CHECK(count_notes(storage) == 1);
}

TEST_CASE("a file that was removed under the server does not come back empty", "[storage][faults]") {
    const test::Quiet quiet;
    MemoryDisk disk;
    Storage storage({.path = "test.db", .vfs = disk.vfs()}, note_tables);
    REQUIRE(try_note(storage, "before") == 0);
    disk.remove("test.db");
    disk.remove("test.db-wal");
    disk.fail({.kind = Io::write});
    CHECK(try_note(storage, "breaks the connection") == SQLITE_IOERR);
    CHECK(try_note(storage, "must not be the first of a new file") == SQLITE_CANTOPEN);
}

TEST_CASE("a reader that fails is told so, and the next one reads", "[storage][faults]") {
    const test::Quiet quiet;
    MemoryDisk disk;
    Storage storage({.path = "test.db", .vfs = disk.vfs()}, note_tables);
    for (int number = 0; number < 50; ++number)
        REQUIRE(try_note(storage, std::to_string(number) + std::string(3000, '.')) == 0);
    int failed = 0;
    for (std::uint64_t point = 0; point < 12; ++point) {
        disk.fail({.after = point, .kind = Io::read});
        try {
            const auto seen = count_notes(storage);
            CHECK(seen == 50);
        } catch (const DatabaseError& error) {
            CHECK(error.code == SQLITE_IOERR);
            ++failed;
        }
        disk.heal();
        CHECK(count_notes(storage) == 50);
    }
    CHECK(failed > 0);
    CHECK(try_note(storage, "after") == 0);
}

TEST_CASE("what a change does after SQLite rolled it back is not committed alone", "[storage][faults]") {
    const test::Quiet quiet;
    MemoryDisk disk;
    Storage storage({.path = "test.db", .vfs = disk.vfs()}, note_tables);
    const auto careless = [](Database& database) {
        add_note(database, "first");
        database.execute("ROLLBACK");  // stands for what a full disk makes SQLite do by itself
        try {
            add_note(database, "second");
        } catch (const DatabaseError&) {
        }
    };
    CHECK_THROWS_AS(storage.write(careless), DatabaseError);
    CHECK(count_notes(storage) == 0);
    CHECK(try_note(storage, "after") == 0);
}

TEST_CASE("a reader waits for the commit under way, not for the writers that queue behind it", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    Gate first(storage);  // a batch that commits now; somebody was answered before it did
    std::promise<void> second;
    auto writer = std::async(std::launch::async, [&, held = second.get_future().share()] {
        storage.write([&](Database& database) {
            held.wait();
            add_note(database, "waits for its own commit");
        });
    });
    while (storage.figures().queued == 0) std::this_thread::yield();
    const std::uint64_t position = storage.position();
    auto reader = std::async(std::launch::async, [&] { storage.wait_for(position); });
    first.open();
    const bool was_answered = reader.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    second.set_value();  // the next batch has been held until now
    writer.get();
    CHECK(was_answered);
}
