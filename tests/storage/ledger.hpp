#pragma once

#include <spdlog/spdlog.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/storage.hpp"

namespace rockwatch::test {

inline constexpr Migration ledger_steps[] = {
    {1,
     "CREATE TABLE entry (number INTEGER PRIMARY KEY, batch INTEGER NOT NULL, text TEXT NOT NULL);"
     "CREATE INDEX entry_by_batch ON entry (batch);"
     "CREATE TABLE total (id INTEGER PRIMARY KEY, entries INTEGER NOT NULL);"
     "INSERT INTO total VALUES (1, 0)"},
};
inline constexpr Migrations ledger_tables[] = {{"ledger", ledger_steps}};

/// Work whose loss or tearing shows: each change adds two entries and their count, some changes are one
/// batch, and the ledger remembers beside the disk what was acknowledged.
class Ledger {
public:
    /// So many changes as one commit; each entry has up to so many bytes of text. False when it failed:
    /// whether it is stored is open then.
    bool commit(Storage& storage, std::uint64_t changes, std::uint64_t text_bytes);

    /// What a crash may take.
    enum class Loss { none, of_the_end };

    /// Compares the storage with what was acknowledged, fails the test on a difference, and goes on from what
    /// is stored. A batch whose commit failed is there as a whole or not at all, and does not come back
    /// later.
    void look(Storage& storage, Loss loss);

    /// How many acknowledged batches are not stored.
    std::size_t count_lost(Storage& storage) const;

private:
    struct Batch {
        std::int64_t entries;
        bool acknowledged;
    };

    std::int64_t next_entry_ = 1;
    std::int64_t next_batch_ = 1;
    std::map<std::int64_t, Batch> batches_;  // by number; none that is known to be gone
};

/// Keeps the log of a thousand expected errors off the terminal.
class Quiet {
public:
    Quiet() { spdlog::set_level(spdlog::level::off); }
    ~Quiet() { spdlog::set_level(spdlog::level::info); }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;
};

/// `count` seeds from `first` on; ROCKWATCH_SEED alone where it is set.
std::vector<std::uint64_t> seeds(std::uint64_t first, std::uint64_t count);

}  // namespace rockwatch::test
