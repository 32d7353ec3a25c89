#pragma once

#include <string>
#include <vector>

#include "storage/database.hpp"

namespace rockwatch::simulation {

/// Writes down every row of every table of one schema, in a fixed order: two databases that tell the same
/// have the same text. What SQLite keeps for itself (sqlite_sequence) is part of it: ids count.
class Dump {
public:
    explicit Dump(Database& database);

    std::string of(Database& database) const;

private:
    std::vector<std::string> queries_;  // one a table: each row as one text
};

/// The first line in which two texts differ, from both sides.
std::string first_difference(const std::string& left, const std::string& right);

}  // namespace rockwatch::simulation
