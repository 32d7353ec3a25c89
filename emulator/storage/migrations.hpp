#pragma once

#include <span>
#include <string>

#include "storage/database.hpp"

namespace rockwatch {

/// Throws StorageUnusable when the file is a database of another program. Changes nothing.
void expect_own_database(Database& database, const std::string& path);

/// Runs what steps the file lacks, all of them or none. Throws StorageUnusable when an owner's tables are
/// newer than this program.
void migrate(Database& database, const std::string& path, std::span<const Migrations> owners);

}  // namespace rockwatch
