#include "digest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rockwatch::simulation {

namespace {

std::vector<std::string> names(Rows rows) {
    std::vector<std::string> found;
    while (rows.step()) found.push_back(rows.text(0));
    return found;
}

/// One text a row. Statistics are compared as sets of rows, so a table's own order will do: that of its key.
std::string row_query(const std::string& table, const std::vector<std::string>& columns) {
    std::string texts;
    for (const std::string& column : columns)
        texts += fmt::format("{}quote(\"{}\")", texts.empty() ? "" : " || '|' || ", column);
    return fmt::format("SELECT '{}|' || {} FROM \"{}\"", table, texts, table);
}

std::string line_at(const std::string& text, std::size_t at) {
    const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    return begin >= text.size() ? "(the end)" : text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

Dump::Dump(Database& database) {
    // A start counts itself: that alone may differ after one.
    for (const std::string& table :
         names(database.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'start_count' "
                              "ORDER BY name"))) {
        queries_.push_back(row_query(
            table, names(database.query("SELECT name FROM pragma_table_info(?) ORDER BY cid", table))));
    }
}

std::string Dump::of(Database& database) const {
    std::string text;
    for (const std::string& query : queries_) {
        Rows rows = database.query(query);
        while (rows.step()) {
            text += rows.view(0);
            text += '\n';
        }
    }
    return text;
}

std::string first_difference(const std::string& left, const std::string& right) {
    const auto [a, b] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (a == left.end() && b == right.end()) return "no difference";
    const auto at = static_cast<std::size_t>(a - left.begin());
    return fmt::format("\n  {}\n  {}", line_at(left, at), line_at(right, at));
}

}  // namespace rockwatch::simulation
