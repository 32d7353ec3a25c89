#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/sts/session_store.hpp"

namespace rockwatch::sts {

/// Issued credentials in memory: asked on every request, changed after commits alone. Thread-safe.
class SessionCache {
public:
    explicit SessionCache(std::vector<Session> sessions);

    std::optional<Session> find(std::string_view access_key) const;
    void add(Session session);
    void remove_expired(Instant now);
    void clear();

private:
    mutable std::mutex mutex_;
    std::map<std::string, Session, std::less<>> sessions_;
};

}  // namespace rockwatch::sts
