#include "services/iam/role_store.hpp"

namespace rockwatch::iam {

namespace {

Role role_at(const Rows& rows) {
    return {.account = rows.text(0),
            .name = rows.text(1),
            .path = rows.text(2),
            .role_id = rows.text(3),
            .created = from_epoch_ms(rows.integer(4)),
            .trust_policy = rows.text(5),
            .description = rows.optional_text(6),
            .max_session_seconds = static_cast<int>(rows.integer(7))};
}

std::vector<std::string> first_column(Rows rows) {
    std::vector<std::string> texts;
    while (rows.step()) texts.push_back(rows.text(0));
    return texts;
}

}  // namespace

std::optional<Role> RoleReader::find(const EntityKey& key) {
    Rows rows = database_.query(R"sql(
        SELECT account, name, path, role_id, created_at, trust_policy, description, max_session_seconds
        FROM iam_role WHERE account = ? AND name = ?)sql",
                                key.account, key.name);
    if (!rows.step()) return std::nullopt;
    return role_at(rows);
}

std::vector<Role> RoleReader::list(const std::string& account, std::string_view path_prefix) {
    std::vector<Role> roles;
    Rows rows = database_.query(R"sql(
        SELECT account, name, path, role_id, created_at, trust_policy, description, max_session_seconds
        FROM iam_role WHERE account = ? ORDER BY name)sql",
                                account);
    while (rows.step()) {
        if (rows.view(2).starts_with(path_prefix)) roles.push_back(role_at(rows));
    }
    return roles;
}

std::optional<std::string> RoleReader::inline_policy(const EntityKey& role, std::string_view policy_name) {
    Rows rows = database_.query(R"sql(
        SELECT document FROM iam_role_policy WHERE account = ? AND role_name = ? AND name = ?)sql",
                                role.account, role.name, policy_name);
    if (!rows.step()) return std::nullopt;
    return rows.text(0);
}

std::vector<std::string> RoleReader::inline_policy_names(const EntityKey& role) {
    return first_column(database_.query(R"sql(
        SELECT name FROM iam_role_policy WHERE account = ? AND role_name = ? ORDER BY name)sql",
                                        role.account, role.name));
}

std::vector<std::string> RoleReader::inline_documents(const EntityKey& role) {
    return first_column(database_.query(R"sql(
        SELECT document FROM iam_role_policy WHERE account = ? AND role_name = ? ORDER BY name)sql",
                                        role.account, role.name));
}

std::vector<std::string> RoleReader::attached_policies(const EntityKey& role) {
    return first_column(database_.query(R"sql(
        SELECT policy_arn FROM iam_attached_policy WHERE account = ? AND role_name = ? ORDER BY policy_arn)sql",
                                        role.account, role.name));
}

bool RoleWriter::create(const Role& role) {
    return database_.run(R"sql(
        INSERT OR IGNORE INTO iam_role
            (account, name, path, role_id, created_at, trust_policy, description, max_session_seconds)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql",
                         role.account, role.name, role.path, role.role_id, epoch_ms(role.created),
                         role.trust_policy, role.description, role.max_session_seconds) == 1;
}

void RoleWriter::update(const Role& role) {
    database_.run(R"sql(
        UPDATE iam_role SET trust_policy = ?, description = ?, max_session_seconds = ?
        WHERE account = ? AND name = ?)sql",
                  role.trust_policy, role.description, role.max_session_seconds, role.account, role.name);
}

void RoleWriter::remove(const EntityKey& key) {
    database_.run("DELETE FROM iam_role WHERE account = ? AND name = ?", key.account, key.name);
}

void RoleWriter::put_inline_policy(const EntityKey& role, const InlinePolicy& policy) {
    database_.run(R"sql(
        INSERT OR REPLACE INTO iam_role_policy (account, role_name, name, document) VALUES (?, ?, ?, ?))sql",
                  role.account, role.name, policy.name, policy.document);
}

bool RoleWriter::remove_inline_policy(const EntityKey& role, std::string_view policy_name) {
    return database_.run("DELETE FROM iam_role_policy WHERE account = ? AND role_name = ? AND name = ?",
                         role.account, role.name, policy_name) == 1;
}

void RoleWriter::attach(const EntityKey& role, std::string_view policy_arn) {
    database_.run(
        "INSERT OR IGNORE INTO iam_attached_policy (account, role_name, policy_arn) VALUES (?, ?, ?)",
        role.account, role.name, policy_arn);
}

bool RoleWriter::detach(const EntityKey& role, std::string_view policy_arn) {
    return database_.run(
               "DELETE FROM iam_attached_policy WHERE account = ? AND role_name = ? AND policy_arn = ?",
               role.account, role.name, policy_arn) == 1;
}

void RoleWriter::remove_all() {
    database_.run("DELETE FROM iam_attached_policy");
    database_.run("DELETE FROM iam_role_policy");
    database_.run("DELETE FROM iam_role");
}

}  // namespace rockwatch::iam
