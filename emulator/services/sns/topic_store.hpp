#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "storage/database.hpp"

namespace rockwatch::sns {

struct TopicKey {
    std::string account;
    std::string region;
    std::string name;

    std::string arn() const;
};

/// Nullopt when the text is no ARN of a topic.
std::optional<TopicKey> topic_of_arn(std::string_view arn);

struct Topic {
    TopicKey key;
    Json attributes = Json::object();  ///< what was set, as texts
    Json tags = Json::object();
    std::int64_t deleted_subscriptions = 0;
};

/// Finds topics; reads the table sns_topic.
class TopicReader {
public:
    explicit TopicReader(Database& database) : database_(database) {}

    std::optional<Topic> find(const TopicKey& key) const;
    std::vector<std::string> names(const Owner& owner, std::string_view after, std::size_t limit) const;

private:
    Database& database_;
};

/// Changes topics; owns the table sns_topic. Runs on the writer thread.
class TopicWriter {
public:
    explicit TopicWriter(Database& database) : database_(database) {}

    void add(const Topic& topic);
    void update(const Topic& topic);
    void count_deleted_subscription(const TopicKey& key);
    void remove(const TopicKey& key);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::sns
