#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "storage/database.hpp"

namespace rockwatch::logs {

struct LogGroup {
    std::int64_t id = 0;
    std::string name;
    std::int64_t creation_time = 0;  ///< epoch milliseconds, as every time in these stores
    std::string log_class;           ///< STANDARD, INFREQUENT_ACCESS, DELIVERY
    std::optional<std::int64_t> retention_days;
    std::optional<std::string> kms_key_id;
    bool deletion_protection = false;
};

using Tags = std::map<std::string, std::string>;

/// A group whose events go after a while.
struct Expiry {
    std::int64_t group_id = 0;
    std::int64_t retention_days = 0;
    std::optional<std::int64_t> oldest_event;  ///< nullopt: the group is empty
};

/// Finds and lists log groups. Its other half, LogGroupWriter, changes them.
class LogGroupReader {
public:
    explicit LogGroupReader(Database& database) : database_(database) {}

    std::optional<LogGroup> find(const Owner& owner, std::string_view name) const;

    /// Shows the owner's groups that start with `prefix` and stand after `after`, by name, until `visit` says
    /// false.
    void each(const Owner& owner, std::string_view prefix, std::string_view after,
              const std::function<bool(const LogGroup&)>& visit) const;

    Tags tags(std::int64_t group_id) const;
    std::int64_t stored_bytes(std::int64_t group_id) const;

    /// Of all accounts and regions.
    std::vector<Expiry> expiries() const;
    std::optional<std::int64_t> retention_days(std::int64_t group_id) const;
    bool any() const;

private:
    Database& database_;
};

/// Changes log groups of all accounts and regions; owns the tables log_group and log_group_tag. Runs on the
/// writer.
class LogGroupWriter {
public:
    explicit LogGroupWriter(Database& database) : database_(database) {}

    /// The new group's id; nullopt when there is one of that name. `group.id` does not count.
    std::optional<std::int64_t> create(const Owner& owner, const LogGroup& group);
    /// The group and its tags; its streams and events are the other stores'.
    void erase(std::int64_t group_id);

    void set_retention(std::int64_t group_id, std::optional<std::int64_t> days);
    void set_kms_key(std::int64_t group_id, std::optional<std::string_view> kms_key_id);
    void set_deletion_protection(std::int64_t group_id, bool enabled);
    void set_tag(std::int64_t group_id, std::string_view key, std::string_view value);
    void remove_tag(std::int64_t group_id, std::string_view key);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::logs
