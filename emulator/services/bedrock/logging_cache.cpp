#include "services/bedrock/logging_cache.hpp"

namespace rockwatch::bedrock {

std::shared_ptr<const LoggingCache::Configs> LoggingCache::snapshot() const {
    const std::lock_guard lock(mutex_);
    return configs_;
}

std::optional<LoggingConfig> LoggingCache::find(const Owner& owner) const {
    const auto configs = snapshot();
    const auto found = configs->find(owner);
    if (found == configs->end()) return std::nullopt;
    return found->second;
}

void LoggingCache::set(const Owner& owner, const std::optional<LoggingConfig>& config) {
    const std::lock_guard lock(mutex_);
    auto changed = std::make_shared<Configs>(*configs_);
    if (config) {
        changed->insert_or_assign(owner, *config);
    } else {
        changed->erase(owner);
    }
    configs_ = std::move(changed);
}

void LoggingCache::clear() {
    const std::lock_guard lock(mutex_);
    configs_ = std::make_shared<const Configs>();
}

}  // namespace rockwatch::bedrock
