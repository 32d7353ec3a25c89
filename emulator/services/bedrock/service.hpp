#pragma once

#include <optional>
#include <string_view>

#include "core/clock.hpp"
#include "services/bedrock/catalogue.hpp"
#include "services/bedrock/logging_cache.hpp"
#include "services/bedrock/logging_store.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "storage/storage.hpp"

namespace rockwatch::bedrock {

/// What an operation that changes nothing works with.
struct Read {
    LoggingReader logging;
    const Catalogue& catalogue;
};

/// What an operation that changes the logging configuration works with.
struct Write {
    LoggingWriter logging;
    LoggingCache& cache;
    RoleDirectory& roles;
    LogSink& logs;
    Database& database;
    Instant now;
};

/// The control plane of Amazon Bedrock: invocation logging, foundation models, system inference profiles.
class Bedrock : public TableService<Read, Write>, public LoggingSettings, public ModelCatalogue {
public:
    Bedrock(Storage& storage, const Clock& clock, RoleDirectory& roles, LogSink& logs);

    std::string_view name() const override { return "bedrock"; }

    std::optional<LoggingConfig> logging(const Owner& owner) const override { return cache_.find(owner); }
    std::optional<std::string> delivery_refusal(Database& database, const Owner& owner,
                                                const LoggingConfig& config) const override;
    std::optional<CatalogueModel> find(const Owner& owner, std::string_view model_id) const override;
    std::vector<std::string> callable(const Owner& owner) const override;

    /// Forgets every logging configuration. On the writer.
    void reset(Database& database);

protected:
    Read reading(Database& database, Instant now) override;
    Write writing(Database& database, Instant now) override;

private:
    const Clock& clock_;
    RoleDirectory& roles_;
    LogSink& logs_;
    Catalogue catalogue_;
    LoggingCache cache_;
};

}  // namespace rockwatch::bedrock
