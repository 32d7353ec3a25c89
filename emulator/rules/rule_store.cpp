#include "rules/rule_store.hpp"

#include "rules/rule_book.hpp"

namespace rockwatch::rules {

namespace {

constexpr Migration steps[] = {
    {1, R"sql(
        CREATE TABLE rule (
            id TEXT PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE, -- matching order: the highest first
            from_start INTEGER NOT NULL,      -- 1: came from --rules
            document TEXT NOT NULL            -- the rule as JSON
        ))sql"},
    {2, R"sql(
        CREATE TABLE quota (
            position INTEGER PRIMARY KEY, -- in the order in which they were given
            document TEXT NOT NULL        -- the quota as JSON
        ))sql"},
};

}  // namespace

Migrations migrations() { return {.owner = "rules", .steps = steps}; }

std::vector<StoredRule> RuleStore::all() {
    std::vector<StoredRule> rules;
    Rows rows = database_.query("SELECT id, document, from_start FROM rule ORDER BY position DESC");
    while (rows.step()) rules.push_back({rows.text(0), rows.text(1), rows.boolean(2)});
    return rules;
}

std::size_t RuleStore::count() {
    Rows rows = database_.query("SELECT count(*) FROM rule");
    return rows.step() ? static_cast<std::size_t>(rows.integer(0)) : 0;
}

bool RuleStore::has(const std::string& id) {
    return database_.query("SELECT 1 FROM rule WHERE id = ?", id).step();
}

void RuleStore::insert_in_front(const StoredRule& rule) {
    database_.run(
        "INSERT INTO rule (id, position, from_start, document) "
        "VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM rule), ?, ?)",
        rule.id, rule.from_start, rule.document);
}

void RuleStore::insert_behind(const StoredRule& rule) {
    database_.run(
        "INSERT INTO rule (id, position, from_start, document) "
        "VALUES (?, (SELECT coalesce(min(position), 0) - 1 FROM rule), ?, ?)",
        rule.id, rule.from_start, rule.document);
}

bool RuleStore::replace(const StoredRule& rule) {
    return database_.run("UPDATE rule SET document = ?, from_start = ? WHERE id = ?", rule.document,
                         rule.from_start, rule.id) > 0;
}

bool RuleStore::remove(const std::string& id) {
    return database_.run("DELETE FROM rule WHERE id = ?", id) > 0;
}

void RuleStore::remove_start_rules() { database_.run("DELETE FROM rule WHERE from_start = 1"); }

void RuleStore::clear() { database_.run("DELETE FROM rule"); }

}  // namespace rockwatch::rules
