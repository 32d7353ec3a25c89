#include "storage/ledger.hpp"

#include <cstdlib>
#include <iterator>

#include "support/catch.hpp"

namespace rockwatch::test {

namespace {

std::int64_t single(Database& database, std::string_view sql) {
    Rows rows = database.query(sql);
    return rows.step() ? rows.integer(0) : -1;
}

void add_pair(Database& database, std::int64_t number, std::int64_t batch, const std::string& text) {
    constexpr std::string_view add = "INSERT INTO entry (number, batch, text) VALUES (?, ?, ?)";
    database.run(add, number, batch, text);
    database.run("UPDATE total SET entries = entries + 2 WHERE id = 1");
    database.run(add, number + 1, batch, text);
}

/// Entries of each batch that is stored.
std::map<std::int64_t, std::int64_t> stored_in(Database& database) {
    std::map<std::int64_t, std::int64_t> stored;
    Rows rows = database.query("SELECT batch, count(*) FROM entry GROUP BY batch");
    while (rows.step()) stored[rows.integer(0)] = rows.integer(1);
    return stored;
}

}  // namespace

bool Ledger::commit(Storage& storage, std::uint64_t changes, std::uint64_t text_bytes) {
    const std::int64_t number = next_batch_++;
    const std::int64_t first = next_entry_;
    next_entry_ += 2 * static_cast<std::int64_t>(changes);
    Batch& batch = batches_[number] = {.entries = next_entry_ - first, .acknowledged = false};
    const std::string text(text_bytes, static_cast<char>('a' + number % 26));
    try {
        storage.write([&](Database&) {
            for (std::int64_t entry = first; entry < next_entry_; entry += 2) {
                storage.write([&](Database& database) { add_pair(database, entry, number, text); });
            }
        });
    } catch (const DatabaseError&) {
        return false;
    }
    batch.acknowledged = true;
    return true;
}

std::size_t Ledger::count_lost(Storage& storage) const {
    const auto lease = storage.read();
    const auto stored = stored_in(*lease);
    std::size_t lost = 0;
    for (const auto& [number, batch] : batches_)
        lost += batch.acknowledged && stored.count(number) == 0 ? 1 : 0;
    return lost;
}

void Ledger::look(Storage& storage, Loss loss) {
    const auto lease = storage.read();
    {
        Rows check = (*lease).query("PRAGMA integrity_check");
        REQUIRE(check.step());
        REQUIRE(check.text(0) == "ok");
    }
    const auto stored = stored_in(*lease);
    std::int64_t entries = 0;
    for (const auto& [number, count] : stored) {
        CAPTURE(number);
        const auto batch = batches_.find(number);
        REQUIRE(batch != batches_.end());
        REQUIRE(count == batch->second.entries);
        entries += count;
    }
    REQUIRE(single(*lease, "SELECT entries FROM total") == entries);
    for (auto batch = batches_.begin(); batch != batches_.end();) {
        const bool is_stored = stored.count(batch->first) > 0;
        const bool may_be_lost =
            loss == Loss::of_the_end && (stored.empty() || batch->first > stored.rbegin()->first);
        CAPTURE(batch->first);
        if (!is_stored && batch->second.acknowledged) REQUIRE(may_be_lost);
        batch->second.acknowledged = true;
        batch = is_stored ? std::next(batch) : batches_.erase(batch);
    }
}

std::vector<std::uint64_t> seeds(std::uint64_t first, std::uint64_t count) {
    if (const char* chosen = std::getenv("ROCKWATCH_SEED")) return {std::strtoull(chosen, nullptr, 10)};
    std::vector<std::uint64_t> all;
    for (std::uint64_t seed = first; seed < first + count; ++seed) all.push_back(seed);
    return all;
}

}  // namespace rockwatch::test
