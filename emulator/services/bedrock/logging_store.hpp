#pragma once

#include <map>
#include <optional>

#include "core/caller.hpp"
#include "services/ports.hpp"
#include "storage/database.hpp"

namespace rockwatch::bedrock {

/// Finds the logging configurations of all accounts and regions: table model_invocation_logging.
class LoggingReader {
public:
    explicit LoggingReader(Database& database) : database_(database) {}

    std::optional<LoggingConfig> find(const Owner& owner);
    std::map<Owner, LoggingConfig> all();

private:
    Database& database_;
};

/// Changes them; owns the table.
class LoggingWriter {
public:
    explicit LoggingWriter(Database& database) : database_(database) {}

    void put(const Owner& owner, const LoggingConfig& config);
    void remove(const Owner& owner);
    void remove_all();

private:
    Database& database_;
};

/// The tables of this service.
Migrations migrations();

}  // namespace rockwatch::bedrock
