#include "storage/storage.hpp"

#include <array>
#include <chrono>
#include <future>
#include <thread>

#include "core/error.hpp"
#include "storage/scratch.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A storage in each of its forms; a test with one of these runs four times.
struct AnyStorage {
    Scratch scratch;
    bool writer_thread = GENERATE(true, false);
    bool in_memory = GENERATE(false, true);
    Storage storage{{.path = in_memory ? ":memory:" : scratch.file(), .writer_thread = writer_thread},
                    note_tables};
};

std::string pragma(Database& database, const std::string& name) {
    Rows rows = database.query("PRAGMA " + name);
    return rows.step() ? rows.text(0) : "";
}

}  // namespace

TEST_CASE("a write returns what its change returned, after the commit", "[storage]") {
    const Scratch scratch;
    const bool writer_thread = GENERATE(true, false);
    Storage storage({.path = scratch.file(), .writer_thread = writer_thread}, note_tables);
    const std::string text = storage.write([](Database& database) {
        add_note(database, "a");
        return std::string("done");
    });
    CHECK(text == "done");
    CHECK(count_committed(scratch.file()) == 1);
}

TEST_CASE("a change that throws is undone and throws at its caller", "[storage]") {
    AnyStorage any;
    CHECK_THROWS_AS(any.storage.write([](Database& database) {
        add_note(database, "a");
        throw Refused("no");
    }),
                    Refused);
    CHECK(count_notes(any.storage) == 0);
    any.storage.write([](Database& database) { add_note(database, "b"); });
    CHECK(count_notes(any.storage) == 1);
}

TEST_CASE("a change that throws takes no neighbour of its batch along", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    Gate gate(storage);
    std::array<std::future<std::string>, 9> callers;
    for (std::size_t index = 0; index < callers.size(); ++index) {
        callers[index] = std::async(std::launch::async, [&storage, index]() -> std::string {
            try {
                storage.write([&](Database& database) {
                    add_note(database, std::to_string(index));
                    if (index % 3 == 1) throw Refused("no");
                });
                return "done";
            } catch (const Refused& error) {
                return error.what();
            }
        });
    }
    while (storage.figures().queued < callers.size()) std::this_thread::yield();
    gate.open();
    for (std::size_t index = 0; index < callers.size(); ++index) {
        CHECK(callers[index].get() == (index % 3 == 1 ? "no" : "done"));
    }
    CHECK(storage.figures().batch_times.count() == 2);
    CHECK(count_notes(storage) == 6);
}

TEST_CASE("a write within a change is a part of it", "[storage]") {
    AnyStorage any;
    SECTION("and is undone with it") {
        CHECK_THROWS_AS(any.storage.write([&](Database&) {
            any.storage.write([](Database& database) { add_note(database, "inner"); });
            throw Refused("no");
        }),
                        Refused);
        CHECK(count_notes(any.storage) == 0);
    }
    SECTION("and when it alone throws, it alone is undone") {
        any.storage.write([&](Database& database) {
            add_note(database, "outer");
            try {
                any.storage.write([](Database& inner) {
                    add_note(inner, "inner");
                    throw Refused("no");
                });
            } catch (const Refused&) {
            }
        });
        CHECK(count_notes(any.storage) == 1);
    }
}

TEST_CASE("what waits for the commit runs after it, and before the caller goes on", "[storage]") {
    const Scratch scratch;
    const bool writer_thread = GENERATE(true, false);
    Storage storage({.path = scratch.file(), .writer_thread = writer_thread}, note_tables);
    std::int64_t seen = -1;
    storage.write([&](Database& database) {
        database.after_commit([&] { seen = count_committed(scratch.file()); });
        add_note(database, "a");
    });
    CHECK(seen == 1);
}

TEST_CASE("what waits for the commit of a change that throws is forgotten", "[storage]") {
    AnyStorage any;
    std::string ran;
    CHECK_THROWS(any.storage.write([&](Database& database) {
        database.after_commit([&] { ran += "refused "; });
        throw Refused("no");
    }));
    any.storage.write([&](Database& database) {
        database.after_commit([&] { ran += "outer "; });
        try {
            any.storage.write([&](Database& inner) {
                inner.after_commit([&] { ran += "inner "; });
                throw Refused("no");
            });
        } catch (const Refused&) {
        }
    });
    CHECK(ran == "outer ");
}

TEST_CASE("a step after the commit that throws does not undo the answer", "[storage]") {
    AnyStorage any;
    any.storage.write([](Database& database) {
        database.after_commit([] { throw Refused("a broken listener"); });
        add_note(database, "a");
    });
    any.storage.write([](Database& database) { add_note(database, "b"); });
    CHECK(count_notes(any.storage) == 2);
}

TEST_CASE("a step after the commit may queue a change but not wait for one", "[storage]") {
    AnyStorage any;
    bool refused = false;
    any.storage.write([&](Database& database) {
        database.after_commit([&] {
            any.storage.enqueue([](Database& later) { add_note(later, "queued"); });
            any.storage.wait_for(any.storage.position());
            try {
                any.storage.write([](Database&) {});
            } catch (const BrokenPromise&) {
                refused = true;
            }
        });
    });
    any.storage.wait_for(any.storage.position());
    CHECK(refused);
    CHECK(count_notes(any.storage) == 1);
}

TEST_CASE("a change that was queued within another one stands on its own", "[storage]") {
    AnyStorage any;
    CHECK_THROWS_AS(any.storage.write([&](Database&) {
        any.storage.enqueue([](Database& database) { add_note(database, "queued"); });
        throw Refused("no");
    }),
                    Refused);
    any.storage.wait_for(any.storage.position());
    CHECK(count_notes(any.storage) == 1);
}

TEST_CASE("a queued change is committed though nobody waits for it", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    storage.enqueue([](Database& database) { add_note(database, "queued"); });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (count_committed(scratch.file()) == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    CHECK(count_committed(scratch.file()) == 1);
}

TEST_CASE("what is queued is committed with what somebody waits for, in the order it was asked for",
          "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    storage.enqueue([](Database& database) { add_note(database, "queued"); });
    const auto seen = storage.write([](Database& database) { return count_notes(database); });
    CHECK(seen == 1);
    CHECK(count_committed(scratch.file()) == 1);
}

TEST_CASE("after the barrier a reader sees all that was queued before it", "[storage]") {
    AnyStorage any;
    for (int round = 1; round <= 200; ++round) {
        any.storage.enqueue([round](Database& database) { add_note(database, std::to_string(round)); });
        any.storage.wait_for(any.storage.position());
        REQUIRE(count_notes(any.storage) == round);
    }
}

TEST_CASE("a storage is settled when nothing is queued, not even by what was queued", "[storage]") {
    AnyStorage any;
    any.storage.enqueue([&](Database& database) {
        add_note(database, "first");
        any.storage.enqueue([&](Database& second) {
            add_note(second, "second");
            second.after_commit(
                [&] { any.storage.enqueue([](Database& third) { add_note(third, "third"); }); });
        });
    });
    any.storage.settle();
    CHECK(count_notes(any.storage) == 3);
}

TEST_CASE("a queued change that throws holds nobody up", "[storage]") {
    AnyStorage any;
    any.storage.enqueue([](Database& database) {
        add_note(database, "undone");
        throw Refused("no");
    });
    any.storage.wait_for(any.storage.position());
    CHECK(count_notes(any.storage) == 0);
}

TEST_CASE("who queued a change hears when it is refused, and may queue it again", "[storage]") {
    AnyStorage any;
    int tries = 0;
    std::function<void()> ask = [&] {
        any.storage.enqueue(
            [&](Database& database) {
                add_note(database, "kept");
                if (++tries < 3) throw Refused("not yet");
            },
            ask);
    };
    ask();
    any.storage.settle();
    CHECK(tries == 3);
    CHECK(count_notes(any.storage) == 1);
}

TEST_CASE("a reader keeps its snapshot while others write", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    storage.write([](Database& database) { add_note(database, "a"); });
    const auto lease = storage.read();
    CHECK(count_notes(*lease) == 1);
    storage.write([](Database& database) { add_note(database, "b"); });
    CHECK(count_notes(*lease) == 1);
    CHECK(count_notes(storage) == 2);
}

TEST_CASE("a reader cannot write", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    const auto lease = storage.read();
    CHECK_THROWS_AS(add_note(*lease, "a"), DatabaseError);
}

TEST_CASE("whoever reads may write before the reading ends", "[storage]") {
    AnyStorage any;
    const auto lease = any.storage.read();
    any.storage.write([](Database& database) { add_note(database, "a"); });
    any.storage.enqueue([](Database& database) { add_note(database, "b"); });
    any.storage.wait_for(any.storage.position());
    const auto inner = any.storage.read();
    CHECK(count_notes(*inner) == 2);
}

TEST_CASE("eight threads write and read at once without a loss", "[storage]") {
    AnyStorage any;
    constexpr int threads = 8;
    constexpr int writes = 100;
    std::vector<std::future<bool>> workers;
    workers.reserve(threads);
    for (int thread = 0; thread < threads; ++thread) {
        workers.push_back(std::async(std::launch::async, [&any, thread] {
            std::int64_t last = 0;
            for (int number = 0; number < writes; ++number) {
                const std::string text = std::to_string(thread) + "/" + std::to_string(number);
                if (number % 2 == 0) {
                    any.storage.write([&](Database& database) { add_note(database, text); });
                } else {
                    any.storage.enqueue([text](Database& database) { add_note(database, text); });
                    any.storage.wait_for(any.storage.position());
                }
                const std::int64_t seen = count_notes(any.storage);
                if (seen < last || seen < number + 1) return false;
                last = seen;
            }
            return true;
        }));
    }
    for (auto& worker : workers) CHECK(worker.get());
    CHECK(count_notes(any.storage) == threads * writes);
    CHECK(any.storage.figures().changes == threads * writes);
}

TEST_CASE("a full queue holds those up who fill it, and loses nothing", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    for (int number = 0; number < 10'000; ++number) {
        storage.enqueue([number](Database& database) { add_note(database, std::to_string(number)); });
        REQUIRE(storage.figures().queued <= 2000);
    }
    storage.wait_for(storage.position());
    CHECK(count_notes(storage) == 10'000);
}

TEST_CASE("the log is taken into the file before it grows large", "[storage]") {
    const Scratch scratch;
    const bool writer_thread = GENERATE(true, false);
    Storage storage({.path = scratch.file(), .writer_thread = writer_thread}, note_tables);
    const std::string megabyte(1 << 20, 'x');
    for (int number = 0; number < 24; ++number) {
        storage.write([&](Database& database) { add_note(database, megabyte + std::to_string(number)); });
    }
    CHECK(std::filesystem::file_size(scratch.file()) > 12U << 20U);
    CHECK(std::filesystem::file_size(scratch.file() + "-wal") < 20U << 20U);
    CHECK(count_notes(storage) == 24);
}

TEST_CASE("a reader with an old snapshot does not stop checkpoints from being tried", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file()}, note_tables);
    storage.write([](Database& database) { add_note(database, "first"); });
    const std::string megabyte(1 << 20, 'x');
    {
        const auto lease = storage.read();
        CHECK(count_notes(*lease) == 1);
        for (int number = 0; number < 40; ++number) {
            storage.write([&](Database& database) { add_note(database, megabyte + std::to_string(number)); });
        }
        CHECK(count_notes(*lease) == 1);
    }
    CHECK(count_notes(storage) == 41);
}

TEST_CASE("durability is SQLite's own: NORMAL survives the process, FULL the power", "[storage]") {
    struct Row {
        Durability durability;
        std::string synchronous;
    };
    const auto row = GENERATE(values<Row>({{Durability::process, "1"}, {Durability::power, "2"}}));
    const Scratch scratch;
    Storage storage({.path = scratch.file(), .durability = row.durability}, note_tables);
    storage.write([&](Database& database) {
        CHECK(pragma(database, "synchronous") == row.synchronous);
        CHECK(pragma(database, "journal_mode") == "wal");
        CHECK(pragma(database, "wal_autocheckpoint") == "0");
        CHECK(pragma(database, "foreign_keys") == "1");
    });
}

TEST_CASE("a file may be kept from growing, and what fits later is taken", "[storage]") {
    const Scratch scratch;
    const bool writer_thread = GENERATE(true, false);
    Storage storage({.path = scratch.file(), .writer_thread = writer_thread, .bytes_max = 1 << 20},
                    note_tables);
    const std::string large(2 << 20, 'x');
    try {
        storage.write([&](Database& database) { add_note(database, large); });
        FAIL("two megabytes were taken");
    } catch (const DatabaseError& error) {
        CHECK(error.code == SQLITE_FULL);
    }
    storage.write([](Database& database) { add_note(database, "small"); });
    CHECK(count_notes(storage) == 1);
}

TEST_CASE("a change for which there is no room fails alone, whatever its batch holds", "[storage]") {
    const Scratch scratch;
    Storage storage({.path = scratch.file(), .bytes_max = 1 << 20}, note_tables);
    const std::string half(200 << 10, 'x');  // the index has it, too
    storage.write([&](Database& database) { add_note(database, half); });
    Gate gate(storage);
    const auto queue = [&](Storage::Change change) {
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
    auto small = queue([](Database& database) { add_note(database, "small"); });
    auto second = queue([&](Database& database) { add_note(database, half + "2"); });
    auto third = queue([&](Database& database) { add_note(database, half + "3"); });
    auto removed = queue([&](Database& database) { database.run("DELETE FROM note WHERE text = ?", half); });
    // In the pages that are free by now.
    auto fourth = queue([&](Database& database) { add_note(database, half + "4"); });
    gate.open();
    CHECK(small.get() == 0);
    CHECK(second.get() == 0);
    CHECK(third.get() == SQLITE_FULL);
    CHECK(removed.get() == 0);
    CHECK(fourth.get() == 0);
    CHECK(count_notes(storage) == 3);
}
