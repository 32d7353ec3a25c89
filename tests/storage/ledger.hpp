#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/storage.hpp"

namespace rockwatch::test {

inline constexpr Migration ledger_steps[] = {
    {1, "CREATE TABLE entry (number INTEGER PRIMARY KEY, batch INTEGER NOT NULL, text TEXT NOT NULL);"
        "CREATE INDEX entry_by_batch ON entry (batch);"
        "CREATE TABLE total (id INTEGER PRIMARY KEY, entries INTEGER NOT NULL);"
        "INSERT INTO total VALUES (1, 0)"},
};
inline constexpr Migrations ledger_tables[] = {{"ledger", ledger_steps}};

/// Work whose loss or tearing shows: each change adds two entries and their count, some changes are one batch,
/// and the ledger remembers beside the disk what was acknowledged.
class Ledger {
public:
    /// So many changes as one commit; each entry has up to so many bytes of text. False when it failed: whether
    /// it is stored is open then.
    bool commit(Storage& storage, std::uint64_t changes, std::uint64_t text_bytes);

    /// What a crash may take.
    enum class Loss { none, of_the_end };

    /// Compares the storage with what was acknowledged, fails the test on a difference, and goes on from what is
    /// stored: whole batches, in order, sound.
    void look(Storage& storage, Loss loss);

    /// Entries stored.
    std::int64_t count(Storage& storage) const;
    std::int64_t acknowledged() const { return acknowledged_; }

private:
    std::int64_t next_ = 1;          // number of the next entry
    std::int64_t batch_ = 1;         // number of the next batch
    std::int64_t acknowledged_ = 0;  // entries, for sure
    std::vector<std::int64_t> ends_{0};  // how many entries there are after each batch, failed ones included
};

/// `count` seeds from `first` on; ROCKWATCH_SEED alone where it is set.
std::vector<std::uint64_t> seeds(std::uint64_t first, std::uint64_t count);

}  // namespace rockwatch::test
