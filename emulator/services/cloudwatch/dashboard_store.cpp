#include "services/cloudwatch/dashboard_store.hpp"

namespace rockwatch::cloudwatch {

std::optional<Dashboard> DashboardReader::find(const std::string& account, const std::string& name) const {
    Rows rows = database_.query(
        "SELECT name, body, last_modified_ms FROM dashboard WHERE account = ? AND name = ?", account, name);
    if (!rows.step()) return std::nullopt;
    return Dashboard{
        .name = rows.text(0), .body = rows.text(1), .last_modified = from_epoch_ms(rows.integer(2))};
}

void DashboardReader::list(const std::string& account, const std::string& prefix, const std::string& after,
                           const std::function<bool(const DashboardEntry&)>& visit) const {
    Rows rows = database_.query(R"sql(
        SELECT name, last_modified_ms, length(CAST(body AS BLOB)) FROM dashboard
        WHERE account = ? AND name >= ? AND name > ? ORDER BY name)sql",
                                account, prefix, after);
    while (rows.step() && rows.view(0).starts_with(prefix)) {
        if (!visit({.name = rows.text(0),
                    .last_modified = from_epoch_ms(rows.integer(1)),
                    .body_bytes = rows.integer(2)})) {
            return;
        }
    }
}

void DashboardWriter::put(const std::string& account, const Dashboard& dashboard) {
    database_.run(
        "INSERT OR REPLACE INTO dashboard (account, name, body, last_modified_ms) VALUES (?, ?, ?, ?)",
        account, dashboard.name, dashboard.body, epoch_ms(dashboard.last_modified));
}

bool DashboardWriter::remove(const std::string& account, const std::string& name) {
    return database_.run("DELETE FROM dashboard WHERE account = ? AND name = ?", account, name) == 1;
}

void DashboardWriter::remove_all() { database_.execute("DELETE FROM dashboard;"); }

}  // namespace rockwatch::cloudwatch
