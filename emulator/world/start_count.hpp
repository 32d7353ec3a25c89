#pragma once

#include <cstdint>

#include "storage/database.hpp"

namespace rockwatch::world {

/// How often a database has been started; owns the table start_count. Ids are drawn from a seed: without it
/// every start would give out those of the first one again.
Migrations start_migrations();

/// Counts this start; how many there were before it.
std::uint64_t count_start(Database& database);

/// The seed of a start: the first one has the options' own.
std::uint64_t seed_of_start(std::uint64_t seed, std::uint64_t starts_before);

}  // namespace rockwatch::world
