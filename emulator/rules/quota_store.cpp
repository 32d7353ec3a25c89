#include "rules/quota_store.hpp"

namespace rockwatch::rules {

std::vector<std::string> QuotaStore::all() {
    std::vector<std::string> documents;
    Rows rows = database_.query("SELECT document FROM quota ORDER BY position");
    while (rows.step()) documents.push_back(rows.text(0));
    return documents;
}

void QuotaStore::append(const std::string& document) {
    database_.run("INSERT INTO quota (document) VALUES (?)", document);
}

void QuotaStore::clear() { database_.run("DELETE FROM quota"); }

}  // namespace rockwatch::rules
