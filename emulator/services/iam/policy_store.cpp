#include "services/iam/policy_store.hpp"

#include "services/iam/managed_policies.hpp"

namespace rockwatch::iam {

namespace {

constexpr Migration steps[] = {
    {1, R"sql(
        CREATE TABLE iam_role (
            account             TEXT NOT NULL,
            name                TEXT NOT NULL,
            path                TEXT NOT NULL,
            role_id             TEXT NOT NULL,
            created_at          INTEGER NOT NULL,
            trust_policy        TEXT NOT NULL,
            description         TEXT,
            max_session_seconds INTEGER NOT NULL,
            PRIMARY KEY (account, name)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX iam_role_name_ignoring_case ON iam_role (account, name COLLATE NOCASE);

        CREATE TABLE iam_role_policy (
            account   TEXT NOT NULL,
            role_name TEXT NOT NULL,
            name      TEXT NOT NULL,
            document  TEXT NOT NULL,
            PRIMARY KEY (account, role_name, name)
        ) WITHOUT ROWID;

        CREATE TABLE iam_attached_policy (
            account    TEXT NOT NULL,
            role_name  TEXT NOT NULL,
            policy_arn TEXT NOT NULL,
            PRIMARY KEY (account, role_name, policy_arn)
        ) WITHOUT ROWID;

        CREATE TABLE iam_policy (
            account     TEXT NOT NULL,
            name        TEXT NOT NULL,
            path        TEXT NOT NULL,
            policy_id   TEXT NOT NULL,
            created_at  INTEGER NOT NULL,
            document    TEXT NOT NULL,
            description TEXT,
            PRIMARY KEY (account, name)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX iam_policy_name_ignoring_case ON iam_policy (account, name COLLATE NOCASE);

        CREATE TABLE iam_tag (
            arn   TEXT NOT NULL,
            key   TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (arn, key)
        ) WITHOUT ROWID;
    )sql"},
};

Policy policy_at(const Rows& rows) {
    return {.account = rows.text(0),
            .name = rows.text(1),
            .path = rows.text(2),
            .policy_id = rows.text(3),
            .created = from_epoch_ms(rows.integer(4)),
            .document = rows.text(5),
            .description = rows.optional_text(6)};
}

}  // namespace

Migrations migrations() { return {"iam", steps}; }

std::optional<Policy> PolicyReader::find(const std::string& account, std::string_view arn) {
    if (const ManagedPolicy* managed = find_managed_policy(arn)) return as_policy(*managed);
    const std::string_view name = arn.substr(arn.rfind('/') + 1);
    Rows rows = database_.query(R"sql(
        SELECT account, name, path, policy_id, created_at, document, description
        FROM iam_policy WHERE account = ? AND name = ?)sql",
                                account, name);
    if (!rows.step()) return std::nullopt;
    Policy policy = policy_at(rows);
    if (policy.arn() != arn) return std::nullopt;  // another path, or another account's
    return policy;
}

std::vector<Policy> PolicyReader::list(const std::string& account) {
    std::vector<Policy> policies;
    Rows rows = database_.query(R"sql(
        SELECT account, name, path, policy_id, created_at, document, description
        FROM iam_policy WHERE account = ? ORDER BY name)sql",
                                account);
    while (rows.step()) policies.push_back(policy_at(rows));
    return policies;
}

int PolicyReader::attachment_count(const std::string& account, std::string_view arn) {
    Rows rows = database_.query(
        "SELECT count(*) FROM iam_attached_policy WHERE account = ? AND policy_arn = ?", account, arn);
    return rows.step() ? static_cast<int>(rows.integer(0)) : 0;
}

bool PolicyWriter::create(const Policy& policy) {
    return database_.run(R"sql(
        INSERT OR IGNORE INTO iam_policy (account, name, path, policy_id, created_at, document, description)
        VALUES (?, ?, ?, ?, ?, ?, ?))sql",
                         policy.account, policy.name, policy.path, policy.policy_id, epoch_ms(policy.created),
                         policy.document, policy.description) == 1;
}

void PolicyWriter::remove(const EntityKey& key) {
    database_.run("DELETE FROM iam_policy WHERE account = ? AND name = ?", key.account, key.name);
}

void PolicyWriter::remove_all() { database_.run("DELETE FROM iam_policy"); }

std::vector<Tag> TagReader::list(std::string_view arn) {
    std::vector<Tag> tags;
    Rows rows = database_.query("SELECT key, value FROM iam_tag WHERE arn = ? ORDER BY key", arn);
    while (rows.step()) tags.emplace_back(rows.text(0), rows.text(1));
    return tags;
}

void TagWriter::put(std::string_view arn, const Tag& tag) {
    database_.run("INSERT OR REPLACE INTO iam_tag (arn, key, value) VALUES (?, ?, ?)", arn, tag.first,
                  tag.second);
}

void TagWriter::remove(std::string_view arn, std::string_view key) {
    database_.run("DELETE FROM iam_tag WHERE arn = ? AND key = ?", arn, key);
}

void TagWriter::remove_all_of(std::string_view arn) {
    database_.run("DELETE FROM iam_tag WHERE arn = ?", arn);
}

void TagWriter::remove_all() { database_.run("DELETE FROM iam_tag"); }

}  // namespace rockwatch::iam
