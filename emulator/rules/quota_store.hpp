#pragma once

#include <string>
#include <vector>

#include "storage/database.hpp"

namespace rockwatch::rules {

/// Keeps quotas over a restart; owns the table quota.
class QuotaStore {
public:
    explicit QuotaStore(Database& database) : database_(database) {}

    /// JSON texts, in the order in which they were given.
    std::vector<std::string> all();
    void append(const std::string& document);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::rules
