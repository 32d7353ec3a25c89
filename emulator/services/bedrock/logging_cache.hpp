#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/caller.hpp"
#include "services/ports.hpp"

namespace rockwatch::bedrock {

/// The logging configurations in memory: asked on every invocation, changed after commits alone. Thread-safe.
class LoggingCache {
public:
    using Configs = std::map<Owner, LoggingConfig>;

    explicit LoggingCache(Configs configs) : configs_(std::make_shared<const Configs>(std::move(configs))) {}

    std::optional<LoggingConfig> find(const Owner& owner) const;
    /// Nullopt: logging is off.
    void set(const Owner& owner, const std::optional<LoggingConfig>& config);
    void clear();

private:
    std::shared_ptr<const Configs> snapshot() const;

    mutable std::mutex mutex_;
    // Shared: an invocation may still read the map that a change has just replaced.
    std::shared_ptr<const Configs> configs_;
};

}  // namespace rockwatch::bedrock
