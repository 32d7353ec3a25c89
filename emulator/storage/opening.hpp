#pragma once

#include <memory>
#include <span>

#include "storage/storage.hpp"

namespace rockwatch {

/// Opens the writer's connection to a new or an old file, and makes or checks its tables. Throws
/// StorageUnusable.
std::unique_ptr<Database> open_storage(const StorageOptions& options, std::span<const Migrations> migrations);

/// A new connection to a file that open_storage had open before. Throws DatabaseError, also when the file is
/// gone.
std::unique_ptr<Database> open_again(const StorageOptions& options);

/// The last words to the file: that nothing is left to check, and the log taken in. Throws DatabaseError.
void close_cleanly(Database& writer);

/// The file is one of the system's own, and not in memory or on a VFS that somebody registered: who did knows
/// whether two servers can meet there.
bool is_system_file(const StorageOptions& options);

}  // namespace rockwatch
