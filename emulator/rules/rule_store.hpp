#pragma once

#include <string>
#include <vector>

#include "storage/database.hpp"

namespace rockwatch::rules {

struct StoredRule {
    std::string id;
    std::string document;  ///< JSON text
    bool from_start = false;
};

/// Keeps rules over a restart; owns the table rule. A higher position stands in front.
class RuleStore {
public:
    explicit RuleStore(Database& database) : database_(database) {}

    /// In matching order.
    std::vector<StoredRule> all();
    std::size_t count();
    bool has(const std::string& id);

    void insert_in_front(const StoredRule& rule);
    void insert_behind(const StoredRule& rule);
    /// Changes the rule of that id where it stands; false when there is none.
    bool replace(const StoredRule& rule);
    bool remove(const std::string& id);
    void remove_start_rules();
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::rules
