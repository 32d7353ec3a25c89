#pragma once

#include "storage/database.hpp"

namespace rockwatch::world {

/// Views over several services' tables, for a person with the sqlite3 shell; part of the product.
Migrations view_migrations();

}  // namespace rockwatch::world
