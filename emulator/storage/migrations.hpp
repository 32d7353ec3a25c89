#pragma once

#include <span>
#include <string>

#include "storage/database.hpp"

namespace rockwatch {

/// Whether nothing is in it yet.
bool is_new(Database& database);

/// Throws StorageUnusable when the file, which is not new, is a database of another program. Changes nothing.
void expect_own_database(Database& database, const std::string& path);

/// Makes the table that knows each owner's newest step, unless it is there.
void make_version_table(Database& database);

/// The newest step of an owner that the file has had; 0: none.
int reached_by(Database& database, std::string_view owner);

/// Throws StorageUnusable when an owner's tables are newer than this program; an owner that this program has
/// not got counts as newer, too.
void refuse_newer(Database& database, const std::string& path, std::span<const Migrations> owners);

/// Runs what steps the file lacks, all of them or none, and takes the mark of a clean close away.
void migrate(Database& database, const std::string& path, std::span<const Migrations> owners);

}  // namespace rockwatch
