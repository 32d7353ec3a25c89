#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "storage/database.hpp"

namespace rockwatch::iam {

/// A role or policy by name. IAM is global: there is no region.
struct EntityKey {
    std::string account;
    std::string name;
};

struct Role {
    std::string account;
    std::string name;
    std::string path = "/";
    std::string role_id;  ///< AROA…
    Instant created;
    std::string trust_policy;
    std::optional<std::string> description;
    int max_session_seconds = 3600;

    std::string arn() const { return "arn:aws:iam::" + account + ":role" + path + name; }
    EntityKey key() const { return {account, name}; }
};

/// Finds roles, their inline policies and what is attached to them.
class RoleReader {
public:
    explicit RoleReader(Database& database) : database_(database) {}

    std::optional<Role> find(const EntityKey& key);
    /// By name; those below the path.
    std::vector<Role> list(const std::string& account, std::string_view path_prefix);

    std::optional<std::string> inline_policy(const EntityKey& role, std::string_view policy_name);
    std::vector<std::string> inline_policy_names(const EntityKey& role);
    std::vector<std::string> inline_documents(const EntityKey& role);
    /// Their ARNs, in order.
    std::vector<std::string> attached_policies(const EntityKey& role);

protected:
    Database& database_;
};

/// Changes them; owns the tables iam_role, iam_role_policy, iam_attached_policy.
class RoleWriter : public RoleReader {
public:
    using RoleReader::RoleReader;

    /// False when there is a role of that name; names do not differ by case.
    bool create(const Role& role);
    /// Stores what may change: trust policy, description, session length.
    void update(const Role& role);
    void remove(const EntityKey& key);

    struct InlinePolicy {
        std::string name;
        std::string document;
    };
    void put_inline_policy(const EntityKey& role, const InlinePolicy& policy);
    /// False when there is none.
    bool remove_inline_policy(const EntityKey& role, std::string_view policy_name);
    void attach(const EntityKey& role, std::string_view policy_arn);
    /// False when it was not attached.
    bool detach(const EntityKey& role, std::string_view policy_arn);
    void remove_all();
};

}  // namespace rockwatch::iam
