#include "services/cloudwatch/tag_store.hpp"

namespace rockwatch::cloudwatch {

Json TagReader::list(const std::string& account, const std::string& arn) const {
    Json tags = Json::array();
    Rows rows = database_.query(
        "SELECT key, value FROM cloudwatch_tag WHERE account = ? AND arn = ? ORDER BY key", account, arn);
    while (rows.step()) tags.push_back({{"Key", rows.text(0)}, {"Value", rows.text(1)}});
    return tags;
}

void TagWriter::put(const std::string& account, const std::string& arn, const Json& tags) {
    for (const Json& tag : tags) {
        database_.run("INSERT OR REPLACE INTO cloudwatch_tag (account, arn, key, value) VALUES (?, ?, ?, ?)",
                      account, arn, text_or_empty(tag, "Key"), text_or_empty(tag, "Value"));
    }
}

void TagWriter::remove(const std::string& account, const std::string& arn, const std::string& key) {
    database_.run("DELETE FROM cloudwatch_tag WHERE account = ? AND arn = ? AND key = ?", account, arn, key);
}

void TagWriter::remove_of(const std::string& account, const std::string& arn) {
    database_.run("DELETE FROM cloudwatch_tag WHERE account = ? AND arn = ?", account, arn);
}

void TagWriter::remove_all() { database_.execute("DELETE FROM cloudwatch_tag;"); }

}  // namespace rockwatch::cloudwatch
