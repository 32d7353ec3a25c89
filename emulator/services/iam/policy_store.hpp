#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/instant.hpp"
#include "services/iam/role_store.hpp"
#include "storage/database.hpp"

namespace rockwatch::iam {

/// A managed policy: a customer's, or one of AWS's own (account `aws`). It has one version, v1.
struct Policy {
    std::string account;
    std::string name;
    std::string path = "/";
    std::string policy_id;  ///< ANPA…
    Instant created;
    std::string document;
    std::optional<std::string> description;

    std::string arn() const { return "arn:aws:iam::" + account + ":policy" + path + name; }
};

/// Finds managed policies.
class PolicyReader {
public:
    explicit PolicyReader(Database& database) : database_(database) {}

    /// A policy of the account, or one of AWS's that we know.
    std::optional<Policy> find(const std::string& account, std::string_view arn);
    /// The account's own, by name.
    std::vector<Policy> list(const std::string& account);
    /// To how many roles of the account it is attached.
    int attachment_count(const std::string& account, std::string_view arn);

protected:
    Database& database_;
};

/// Changes customers' policies; owns the table iam_policy.
class PolicyWriter : public PolicyReader {
public:
    using PolicyReader::PolicyReader;

    /// False when there is a policy of that name; names do not differ by case.
    bool create(const Policy& policy);
    void remove(const EntityKey& key);
    void remove_all();
};

/// A tag: its key and its value.
using Tag = std::pair<std::string, std::string>;

/// Finds the tags of roles and policies, by their ARN.
class TagReader {
public:
    explicit TagReader(Database& database) : database_(database) {}

    /// By key.
    std::vector<Tag> list(std::string_view arn);

protected:
    Database& database_;
};

/// Changes them; owns the table iam_tag.
class TagWriter : public TagReader {
public:
    using TagReader::TagReader;

    void put(std::string_view arn, const Tag& tag);
    void remove(std::string_view arn, std::string_view key);
    void remove_all_of(std::string_view arn);
    void remove_all();
};

/// The tables of this service.
Migrations migrations();

}  // namespace rockwatch::iam
