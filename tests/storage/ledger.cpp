#include "storage/ledger.hpp"

#include <algorithm>
#include <cstdlib>

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

}  // namespace

bool Ledger::commit(Storage& storage, std::uint64_t changes, std::uint64_t text_bytes) {
    const std::int64_t batch = batch_++;
    const std::int64_t first = next_;
    next_ += 2 * static_cast<std::int64_t>(changes);
    ends_.push_back(next_ - 1);
    const std::string text(text_bytes, static_cast<char>('a' + batch % 26));
    try {
        storage.write([&](Database& database) {
            for (std::int64_t number = first; number < next_; number += 2) {
                storage.write([&](Database& inner) { add_pair(inner, number, batch, text); });
            }
            static_cast<void>(database);
        });
    } catch (const DatabaseError&) {
        return false;
    }
    acknowledged_ = next_ - 1;
    return true;
}

std::int64_t Ledger::count(Storage& storage) const {
    const auto lease = storage.read();
    return single(*lease, "SELECT count(*) FROM entry");
}

void Ledger::look(Storage& storage, Loss loss) {
    const auto lease = storage.read();
    Database& database = *lease;
    {
        Rows check = database.query("PRAGMA integrity_check");
        REQUIRE(check.step());
        REQUIRE(check.text(0) == "ok");
    }
    const std::int64_t stored = single(database, "SELECT count(*) FROM entry");
    REQUIRE(single(database, "SELECT entries FROM total") == stored);
    REQUIRE(single(database, "SELECT coalesce(max(number), 0) FROM entry") == stored);
    REQUIRE(std::find(ends_.begin(), ends_.end(), stored) != ends_.end());  // no batch in half
    if (loss == Loss::none) REQUIRE(stored >= acknowledged_);
    // The next work goes on behind what is stored.
    acknowledged_ = stored;
    next_ = stored + 1;
    ends_.erase(std::find(ends_.begin(), ends_.end(), stored) + 1, ends_.end());
}

std::vector<std::uint64_t> seeds(std::uint64_t first, std::uint64_t count) {
    if (const char* chosen = std::getenv("ROCKWATCH_SEED")) return {std::strtoull(chosen, nullptr, 10)};
    std::vector<std::uint64_t> all;
    for (std::uint64_t seed = first; seed < first + count; ++seed) all.push_back(seed);
    return all;
}

}  // namespace rockwatch::test
