#include "storage/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "storage/schema_check.hpp"

namespace rockwatch {

namespace {

constexpr int application_id = 0x524f434b;  // "ROCK"

std::int64_t single_integer(Database& database, std::string_view sql) {
    Rows rows = database.query(sql);
    return rows.step() ? rows.integer(0) : 0;
}

int newest_of(const Migrations& owner) { return owner.steps.empty() ? 0 : owner.steps.back().number; }

void migrate_owner(Database& database, const Migrations& owner) {
    const int reached = reached_by(database, owner.owner);
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

bool is_new(Database& database) {
    Rows rows = database.query("SELECT 1 FROM sqlite_schema LIMIT 1");
    return !rows.step();
}

void expect_own_database(Database& database, const std::string& path) {
    if (single_integer(database, "PRAGMA application_id") == application_id) return;
    throw StorageUnusable(path + " is a database of another program. Name another file with --db");
}

void make_version_table(Database& database) {
    database.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (owner TEXT PRIMARY KEY, number INTEGER NOT NULL)");
}

int reached_by(Database& database, std::string_view owner) {
    Rows rows = database.query("SELECT number FROM schema_version WHERE owner = ?", owner);
    return rows.step() ? static_cast<int>(rows.integer(0)) : 0;
}

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

void migrate(Database& database, const std::string& path, std::span<const Migrations> owners) {
    database.execute("BEGIN IMMEDIATE");
    make_version_table(database);
    refuse_newer(database, path, owners);
    for (const Migrations& owner : owners) migrate_owner(database, owner);
    unmark_clean(database);
    database.execute(fmt::format("PRAGMA application_id = {}", application_id));
    database.execute("COMMIT");
}

}  // namespace rockwatch
