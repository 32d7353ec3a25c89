#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/random.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "services/sts/session_cache.hpp"
#include "services/sts/session_store.hpp"
#include "storage/storage.hpp"

namespace rockwatch::sts {

/// What an operation that changes nothing works with.
struct Read {
    const SessionCache& sessions;
};

/// What AssumeRole works with.
struct Write {
    SessionWriter sessions;
    SessionCache& cache;
    RoleTrust& roles;
    Random& random;
    Database& database;
    Instant now;
};

/// Whom issued credentials belong to.
struct Issued {
    std::string account;
    std::string principal_arn;
    std::string secret_key;     ///< for those who verify signatures
    std::string session_token;  ///< that must come with them
    Instant expires;
};

class Sts : public TableService<Read, Write> {
public:
    Sts(Storage& storage, RoleTrust& roles, Random& random);

    std::string_view name() const override { return "sts"; }

    /// The credentials of that access key, from memory, when this service issued them. Expired ones are found
    /// until the next AssumeRole; `expires` tells. Thread-safe.
    std::optional<Issued> find(std::string_view access_key) const;

    /// Forgets all issued credentials. On the writer.
    void reset(Database& database);

protected:
    Read reading(Database& database, Instant now) override;
    Write writing(Database& database, Instant now) override;

private:
    RoleTrust& roles_;
    Random& random_;
    SessionCache cache_;
};

}  // namespace rockwatch::sts
