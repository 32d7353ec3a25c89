#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/instant.hpp"
#include "storage/database.hpp"

namespace rockwatch::cloudwatch {

struct Dashboard {
    std::string name;
    std::string body;  ///< exactly as it came
    Instant last_modified;
};

/// What a list tells of a dashboard.
struct DashboardEntry {
    std::string name;
    Instant last_modified;
    std::int64_t body_bytes = 0;
};

/// Dashboards of an account, in all regions the same; reads the table dashboard, DashboardWriter changes it.
class DashboardReader {
public:
    explicit DashboardReader(Database& database) : database_(database) {}

    std::optional<Dashboard> find(const std::string& account, const std::string& name) const;
    /// By name, from those after `after`, until `visit` says false.
    void list(const std::string& account, const std::string& prefix, const std::string& after,
              const std::function<bool(const DashboardEntry&)>& visit) const;

private:
    Database& database_;
};

/// Changes dashboards. Runs on the writer thread.
class DashboardWriter {
public:
    explicit DashboardWriter(Database& database) : database_(database) {}

    void put(const std::string& account, const Dashboard& dashboard);
    /// False when there is no such dashboard.
    bool remove(const std::string& account, const std::string& name);
    void remove_all();

private:
    Database& database_;
};

}  // namespace rockwatch::cloudwatch
