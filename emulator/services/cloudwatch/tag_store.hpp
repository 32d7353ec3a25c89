#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "storage/database.hpp"

namespace rockwatch::cloudwatch {

/// Tags of alarms and dashboards by ARN; owns cloudwatch_tag together with TagWriter.
class TagReader {
public:
    explicit TagReader(Database& database) : database_(database) {}

    /// [{"Key": ..., "Value": ...}, ...] by key.
    Json list(const std::string& account, const std::string& arn) const;

private:
    Database& database_;
};

/// Changes tags. Runs on the writer thread.
class TagWriter {
public:
    explicit TagWriter(Database& database) : database_(database) {}

    /// Adds and replaces; `tags` as the API writes them.
    void put(const std::string& account, const std::string& arn, const Json& tags);
    void remove(const std::string& account, const std::string& arn, const std::string& key);
    void remove_of(const std::string& account, const std::string& arn);
    void remove_all();

private:
    Database& database_;
};

}  // namespace rockwatch::cloudwatch
