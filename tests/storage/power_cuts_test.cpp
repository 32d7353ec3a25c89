// Power cuts through Storage itself. A seed tells the disk, the work and where the cut falls; one of them is
// run again with ROCKWATCH_SEED=<seed> and the name of its test.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <random>

#include "storage/ledger.hpp"
#include "support/catch.hpp"
#include "support/memory_disk.hpp"

using namespace rockwatch;
using test::Ledger;
using test::MemoryDisk;

namespace {

/// Some commits of one to three changes each, until they are done or the power has gone.
void work(Ledger& ledger, const StorageOptions& options, std::mt19937_64& random) {
    try {
        Storage storage(options, test::ledger_tables);
        for (auto commits = 1 + random() % 12; commits > 0; --commits) {
            if (!ledger.commit(storage, 1 + random() % 3, random() % 3000)) return;
        }
    } catch (const StorageUnusable&) {  // the power went while it was opened
    }
}

/// Works, cuts, starts again, looks; several times on one disk.
void cut_and_look(std::uint64_t seed, Durability durability, int cuts) {
    INFO(fmt::format("replay: ROCKWATCH_SEED={} with the name of this test", seed));
    std::mt19937_64 random(seed);
    MemoryDisk disk(seed);
    const StorageOptions options{.path = "test.db",
                                 .durability = durability,
                                 .writer_thread = false,
                                 .checkpoint_pages = static_cast<int>(4 + random() % 40),
                                 .vfs = disk.vfs()};
    Ledger ledger;
    for (int cut = 0; cut < cuts; ++cut) {
        CAPTURE(cut);
        disk.cut_after(random() % (cut == 0 ? 60 : 220), random());
        work(ledger, options, random);
        disk.cut(random());  // unless it fell already
        disk.start();
        Storage storage(options, test::ledger_tables);
        ledger.look(storage, durability == Durability::power ? Ledger::Loss::none : Ledger::Loss::of_the_end);
    }
}

constexpr int cuts_a_disk = 10;

void run_seeds(std::uint64_t first, Durability durability) {
    spdlog::set_level(spdlog::level::off);
    for (const std::uint64_t seed : test::seeds(first, 250)) cut_and_look(seed, durability, cuts_a_disk);
    spdlog::set_level(spdlog::level::info);
}

constexpr Migration two_steps[] = {
    test::ledger_steps[0],
    {2, "ALTER TABLE entry ADD COLUMN colour TEXT NOT NULL DEFAULT 'white'; CREATE TABLE pen (id INTEGER)"},
};
constexpr Migrations newer_tables[] = {{"ledger", two_steps}};

}  // namespace

TEST_CASE("under durability power no cut takes what was acknowledged, and nothing is torn (first 2,500)",
          "[storage][cuts]") {
    run_seeds(0, Durability::power);
}

TEST_CASE("under durability power no cut takes what was acknowledged, and nothing is torn (next 2,500)",
          "[storage][cuts]") {
    run_seeds(1000, Durability::power);
}

TEST_CASE("under durability process a cut takes whole batches from the end alone (first 2,500)",
          "[storage][cuts]") {
    run_seeds(2000, Durability::process);
}

TEST_CASE("under durability process a cut takes whole batches from the end alone (next 2,500)",
          "[storage][cuts]") {
    run_seeds(3000, Durability::process);
}

TEST_CASE("a process killed at any point of its work loses nothing acknowledged", "[storage][cuts]") {
    spdlog::set_level(spdlog::level::off);
    for (const std::uint64_t seed : test::seeds(4000, 500)) {
        INFO(fmt::format("replay: ROCKWATCH_SEED={} with the name of this test", seed));
        std::mt19937_64 random(seed);
        MemoryDisk disk(seed);
        const StorageOptions options{.path = "test.db",
                                     .writer_thread = false,
                                     .checkpoint_pages = static_cast<int>(4 + random() % 40),
                                     .vfs = disk.vfs()};
        Ledger ledger;
        for (int kill = 0; kill < 4; ++kill) {
            disk.kill_after(random() % (kill == 0 ? 60 : 220));
            work(ledger, options, random);
            disk.kill();
            disk.start();
            Storage storage(options, test::ledger_tables);
            ledger.look(storage, Ledger::Loss::none);
        }
    }
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a cut during a migration leaves the old tables or the new ones", "[storage][cuts]") {
    spdlog::set_level(spdlog::level::off);
    int old_ones = 0;
    int new_ones = 0;
    const auto durability = GENERATE(Durability::process, Durability::power);
    for (const std::uint64_t seed : test::seeds(5000, 300)) {
        INFO(fmt::format("replay: ROCKWATCH_SEED={} with the name of this test", seed));
        std::mt19937_64 random(seed);
        MemoryDisk disk(seed);
        const StorageOptions options{
            .path = "test.db", .durability = durability, .writer_thread = false, .vfs = disk.vfs()};
        Ledger ledger;
        {
            Storage storage(options, test::ledger_tables);
            REQUIRE(ledger.commit(storage, 2, 100));
        }
        disk.cut_after(random() % 40, random());
        try {
            const Storage storage(options, newer_tables);
        } catch (const StorageUnusable&) {
        }
        disk.cut(random());
        disk.start();
        try {
            Storage storage(options, test::ledger_tables);  // refused when the new ones are there
            ledger.look(storage, Ledger::Loss::none);
            ++old_ones;
        } catch (const StorageUnusable& newer) {
            REQUIRE_THAT(newer.what(), ContainsSubstring("newer Rockwatch"));
            ++new_ones;
        }
        Storage storage(options, newer_tables);
        ledger.look(storage, Ledger::Loss::none);
        const auto lease = storage.read();
        Rows rows = (*lease).query("SELECT colour FROM entry");
        REQUIRE(rows.step());
    }
    spdlog::set_level(spdlog::level::info);
    if (test::seeds(5000, 300).size() > 1) {
        CHECK(old_ones > 20);
        CHECK(new_ones > 20);
    }
}

TEST_CASE("without any sync the method finds that acknowledged changes are lost",
          "[storage][cuts]") {
    spdlog::set_level(spdlog::level::off);
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        std::mt19937_64 random(seed);
        MemoryDisk disk(seed);
        const StorageOptions options{.path = "test.db", .writer_thread = false, .vfs = disk.vfs()};
        Ledger ledger;
        work(ledger, options, random);
        {
            Storage storage(options, test::ledger_tables);
            ledger.commit(storage, 1, 10);
            disk.cut(seed);
        }
        disk.start();
        Storage storage(options, test::ledger_tables);
        if (ledger.count(storage) < ledger.acknowledged()) ++lost;
    }
    spdlog::set_level(spdlog::level::info);
    CHECK(lost > 5);
}
