#include "storage/schema_check.hpp"

#include <fmt/format.h>

#include <map>
#include <tuple>
#include <utility>

#include "storage/migrations.hpp"

namespace rockwatch {

namespace {

/// Type and name of an object; its table and its text.
using Schema = std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>>;

/// Statistics that ANALYZE keeps change no answer.
Schema schema_of(Database& database) {
    Schema schema;
    Rows rows = database.query(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat_'");
    while (rows.step()) schema[{rows.text(0), rows.text(1)}] = {rows.text(2), rows.text(3)};
    return schema;
}

[[noreturn]] void refuse(const std::string& path, const std::pair<std::string, std::string>& object,
                         std::string_view what) {
    throw StorageUnusable(
        fmt::format("{} {} ({} {}). Another program changed it: restore it, or name another file with --db",
                    path, what, object.first, object.second));
}

void compare(const std::string& path, const Schema& found, const Schema& ours) {
    for (const auto& [object, text] : found) {
        const auto made = ours.find(object);
        if (made == ours.end()) refuse(path, object, "holds what Rockwatch did not make");
        if (made->second != text) refuse(path, object, "holds something that Rockwatch made otherwise");
    }
    for (const auto& [object, text] : ours) {
        if (found.count(object) == 0) refuse(path, object, "lacks what Rockwatch made");
    }
}

}  // namespace

void expect_own_schema(Database& database, const std::string& path, std::span<const Migrations> owners) {
    const Schema found = schema_of(database);
    Database model(":memory:", Database::Mode::writer);
    make_version_table(model);
    // Before anything is read through it: a view of that name may never end.
    for (const auto& [object, text] : schema_of(model)) {
        const auto there = found.find(object);
        if (there == found.end()) refuse(path, object, "lacks what Rockwatch made");
        if (there->second != text) refuse(path, object, "holds something that Rockwatch made otherwise");
    }
    refuse_newer(database, path, owners);
    for (const Migrations& owner : owners) {
        const int reached = reached_by(database, owner.owner);
        for (const Migration& step : owner.steps) {
            if (step.number <= reached) model.execute(step.sql);
        }
    }
    compare(path, found, schema_of(model));
}

void expect_sound(Database& database, const std::string& path) {
    Rows rows = database.query("PRAGMA quick_check(1)");
    if (rows.step() && rows.view(0) == "ok") return;
    throw StorageUnusable(fmt::format("{} is damaged: {}. Restore it, or name another file with --db", path,
                                      rows.view(0)));
}

// The mark is SQLite's user_version: a number in the file's header that nobody else uses.

bool is_marked_clean(Database& database) {
    Rows rows = database.query("PRAGMA user_version");
    return rows.step() && rows.integer(0) == 1;
}

void mark_clean(Database& database) { database.execute("PRAGMA user_version = 1"); }

void unmark_clean(Database& database) { database.execute("PRAGMA user_version = 0"); }

}  // namespace rockwatch
