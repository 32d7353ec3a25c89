#include "services/logs/group_store.hpp"

#include "services/logs/name_range.hpp"

namespace rockwatch::logs {

namespace {

LogGroup group_of(const Rows& rows) {
    return {.id = rows.integer(0),
            .name = rows.text(1),
            .creation_time = rows.integer(2),
            .log_class = rows.text(3),
            .retention_days = rows.optional_integer(4),
            .kms_key_id = rows.optional_text(5),
            .deletion_protection = rows.boolean(6)};
}

}  // namespace

std::optional<LogGroup> LogGroupReader::find(const Owner& owner, std::string_view name) const {
    Rows rows = database_.query(R"sql(
        SELECT id, name, creation_time, class, retention_days, kms_key_id, deletion_protection FROM log_group
        WHERE account = ? AND region = ? AND name = ?)sql",
                                owner.account, owner.region, name);
    if (!rows.step()) return std::nullopt;
    return group_of(rows);
}

void LogGroupReader::each(const Owner& owner, std::string_view prefix, std::string_view after,
                          const std::function<bool(const LogGroup&)>& visit) const {
    Rows rows = database_.query(R"sql(
        SELECT id, name, creation_time, class, retention_days, kms_key_id, deletion_protection FROM log_group
        WHERE account = ? AND region = ? AND name > ? AND name >= ? AND name < ? ORDER BY name)sql",
                                owner.account, owner.region, after, prefix, behind_prefix(prefix));
    while (rows.step()) {
        if (!visit(group_of(rows))) return;
    }
}

Tags LogGroupReader::tags(std::int64_t group_id) const {
    Tags tags;
    Rows rows = database_.query("SELECT key, value FROM log_group_tag WHERE group_id = ?", group_id);
    while (rows.step()) tags.emplace(rows.text(0), rows.text(1));
    return tags;
}

std::int64_t LogGroupReader::stored_bytes(std::int64_t group_id) const {
    Rows rows =
        database_.query("SELECT coalesce(sum(stored_bytes), 0) FROM log_stream WHERE group_id = ?", group_id);
    return rows.step() ? rows.integer(0) : 0;
}

std::vector<Expiry> LogGroupReader::expiries() const {
    std::vector<Expiry> expiries;
    Rows rows = database_.query(R"sql(
        SELECT id, retention_days, (SELECT min(timestamp) FROM log_event WHERE group_id = log_group.id)
        FROM log_group WHERE retention_days IS NOT NULL)sql");
    while (rows.step()) expiries.push_back({rows.integer(0), rows.integer(1), rows.optional_integer(2)});
    return expiries;
}

std::optional<std::int64_t> LogGroupReader::retention_days(std::int64_t group_id) const {
    Rows rows = database_.query("SELECT retention_days FROM log_group WHERE id = ?", group_id);
    if (!rows.step()) return std::nullopt;
    return rows.optional_integer(0);
}

bool LogGroupReader::any() const { return database_.query("SELECT 1 FROM log_group LIMIT 1").step(); }

std::optional<std::int64_t> LogGroupWriter::create(const Owner& owner, const LogGroup& group) {
    const int made =
        database_.run(R"sql(
        INSERT INTO log_group (account, region, name, creation_time, class, retention_days, kms_key_id,
                               deletion_protection)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING)sql",
                      owner.account, owner.region, group.name, group.creation_time, group.log_class,
                      group.retention_days, group.kms_key_id, group.deletion_protection);
    if (made == 0) return std::nullopt;
    return database_.last_insert_id();
}

void LogGroupWriter::erase(std::int64_t group_id) {
    database_.run("DELETE FROM log_group_tag WHERE group_id = ?", group_id);
    database_.run("DELETE FROM log_group WHERE id = ?", group_id);
}

void LogGroupWriter::set_retention(std::int64_t group_id, std::optional<std::int64_t> days) {
    database_.run("UPDATE log_group SET retention_days = ? WHERE id = ?", days, group_id);
}

void LogGroupWriter::set_kms_key(std::int64_t group_id, std::optional<std::string_view> kms_key_id) {
    database_.run("UPDATE log_group SET kms_key_id = ? WHERE id = ?", kms_key_id, group_id);
}

void LogGroupWriter::set_deletion_protection(std::int64_t group_id, bool enabled) {
    database_.run("UPDATE log_group SET deletion_protection = ? WHERE id = ?", enabled, group_id);
}

void LogGroupWriter::set_tag(std::int64_t group_id, std::string_view key, std::string_view value) {
    database_.run(R"sql(
        INSERT INTO log_group_tag (group_id, key, value) VALUES (?, ?, ?)
        ON CONFLICT (group_id, key) DO UPDATE SET value = excluded.value)sql",
                  group_id, key, value);
}

void LogGroupWriter::remove_tag(std::int64_t group_id, std::string_view key) {
    database_.run("DELETE FROM log_group_tag WHERE group_id = ? AND key = ?", group_id, key);
}

void LogGroupWriter::clear() {
    database_.run("DELETE FROM log_group_tag");
    database_.run("DELETE FROM log_group");
    // A reset gives the same ids as a new database: the same calls give the same bytes.
    database_.run("DELETE FROM sqlite_sequence WHERE name = 'log_group'");
}

}  // namespace rockwatch::logs
