#include "storage/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rockwatch {

namespace {

constexpr int application_id = 0x524f434b;  // "ROCK"

std::int64_t single_integer(Database& database, std::string_view sql) {
    Rows rows = database.query(sql);
    return rows.step() ? rows.integer(0) : 0;
}

int newest_of(const Migrations& owner) { return owner.steps.empty() ? 0 : owner.steps.back().number; }

/// An owner that this program has not got counts as newer, too.
void refuse_newer(Database& database, const std::string& path, std::span<const Migrations> owners) {
    Rows rows = database.query("SELECT owner, number FROM schema_version ORDER BY owner");
    while (rows.step()) {
        const auto known = std::find_if(owners.begin(), owners.end(),
                                        [&](const Migrations& owner) { return owner.owner == rows.view(0); });
        const int newest = known == owners.end() ? 0 : newest_of(*known);
        if (rows.integer(1) <= newest) continue;
        throw StorageUnusable(fmt::format(
            "{} was written by a newer Rockwatch ({} tables are at version {}, this program knows {}). "
            "Use the newer program, or name another file with --db",
            path, rows.view(0), rows.integer(1), newest));
    }
}

void migrate_owner(Database& database, const Migrations& owner) {
    int reached = 0;
    {
        Rows rows = database.query("SELECT number FROM schema_version WHERE owner = ?", owner.owner);
        if (rows.step()) reached = static_cast<int>(rows.integer(0));
    }
    for (const Migration& step : owner.steps) {
        if (step.number <= reached) continue;
        database.execute(step.sql);
        database.run(
            "INSERT INTO schema_version (owner, number) VALUES (?, ?) "
            "ON CONFLICT (owner) DO UPDATE SET number = excluded.number",
            owner.owner, step.number);
    }
}

}  // namespace

void expect_own_database(Database& database, const std::string& path) {
    if (single_integer(database, "SELECT count(*) FROM sqlite_schema") == 0) return;
    if (single_integer(database, "PRAGMA application_id") == application_id) return;
    throw StorageUnusable(path + " is a database of another program. Name another file with --db");
}

void migrate(Database& database, const std::string& path, std::span<const Migrations> owners) {
    database.execute("BEGIN IMMEDIATE");
    database.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (owner TEXT PRIMARY KEY, number INTEGER NOT NULL)");
    refuse_newer(database, path, owners);
    for (const Migrations& owner : owners) migrate_owner(database, owner);
    database.execute(fmt::format("PRAGMA application_id = {}", application_id));
    database.execute("COMMIT");
}

}  // namespace rockwatch
