#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "services/iam/policy_store.hpp"
#include "services/iam/role_store.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "storage/storage.hpp"

namespace rockwatch::iam {

/// What an operation that changes nothing works with.
struct Read {
    RoleReader roles;
    PolicyReader policies;
    TagReader tags;
};

/// What an operation that changes roles and policies works with.
struct Write {
    RoleWriter roles;
    PolicyWriter policies;
    TagWriter tags;
    Random& random;
    Instant now;
};

/// Roles and policies, and the judgement whether a service may use a role. Nobody else's calls are judged by
/// them.
class Iam : public TableService<Read, Write>, public RoleDirectory, public RoleTrust {
public:
    /// Roles are read from the database whenever they are asked for, and `now` comes with each call: storage
    /// and clock stand here because all services are made alike.
    Iam(Storage& storage, const Clock& clock, Random& random, IamMode mode);

    std::string_view name() const override { return "iam"; }

    std::optional<std::string> refusal(Database& database, const RoleUse& use) override;
    std::optional<AssumableRole> assumable(Database& database, const RoleAssumption& assumption) override;

    /// Forgets all roles and policies. On the writer.
    void reset(Database& database);

protected:
    Read reading(Database& database, Instant now) override;
    Write writing(Database& database, Instant now) override;

private:
    Random& random_;
    IamMode mode_;
};

}  // namespace rockwatch::iam
