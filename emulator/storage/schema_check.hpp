#pragma once

#include <span>
#include <string>

#include "storage/database.hpp"

namespace rockwatch {

/// Throws StorageUnusable when the file holds anything else than what the steps it has had make: a trigger or
/// a view of foreign make would run within our own statements (threats.md T24). Changes nothing.
void expect_own_schema(Database& database, const std::string& path, std::span<const Migrations> owners);

/// Throws StorageUnusable when SQLite's quick check finds damage.
void expect_sound(Database& database, const std::string& path);

/// Whether the last one who had the file open closed it.
bool is_marked_clean(Database& database);
void mark_clean(Database& database);
/// Belongs to the first change of whoever opens the file.
void unmark_clean(Database& database);

}  // namespace rockwatch
