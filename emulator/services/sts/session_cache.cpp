#include "services/sts/session_cache.hpp"

namespace rockwatch::sts {

SessionCache::SessionCache(std::vector<Session> sessions) {
    for (Session& session : sessions) add(std::move(session));
}

std::optional<Session> SessionCache::find(std::string_view access_key) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(access_key);
    if (found == sessions_.end()) return std::nullopt;
    return found->second;
}

void SessionCache::add(Session session) {
    const std::lock_guard lock(mutex_);
    std::string access_key = session.access_key;
    sessions_.insert_or_assign(std::move(access_key), std::move(session));
}

void SessionCache::remove_expired(Instant now) {
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.expires < now; });
}

void SessionCache::clear() {
    const std::lock_guard lock(mutex_);
    sessions_.clear();
}

}  // namespace rockwatch::sts
