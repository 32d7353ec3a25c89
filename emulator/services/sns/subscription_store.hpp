#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/sns/topic_store.hpp"

namespace rockwatch::sns {

enum class SubscriptionState {
    pending,  ///< gets nothing but its confirmation
    confirmed,
    ended,  ///< unsubscribed; its token can bring it back
};

struct Subscription {
    std::int64_t sequence = 0;  ///< order of subscribing
    TopicKey topic;
    std::string id;  ///< UUID
    std::string owner_account;
    std::string protocol;
    std::string endpoint;
    SubscriptionState state = SubscriptionState::pending;
    bool authenticated = false;  ///< confirmed by a signed request
    bool locked = false;         ///< AuthenticateOnUnsubscribe: only a signed request ends it
    std::string token;
    Instant token_expires;
    Json attributes = Json::object();  ///< what was set, as texts

    std::string arn() const { return topic.arn() + ":" + id; }
};

/// What a subscription's ARN names.
struct SubscriptionKey {
    TopicKey topic;
    std::string id;
};
std::optional<SubscriptionKey> subscription_of_arn(std::string_view arn);

struct SubscriptionCounts {
    std::int64_t pending = 0;
    std::int64_t confirmed = 0;
};

/// Finds subscriptions; reads the table sns_subscription.
class SubscriptionReader {
public:
    explicit SubscriptionReader(Database& database) : database_(database) {}

    /// Pending or confirmed.
    std::optional<Subscription> find(const SubscriptionKey& key) const;
    std::optional<Subscription> find_endpoint(const TopicKey& topic, std::string_view protocol,
                                              std::string_view endpoint) const;
    /// In any state.
    std::optional<Subscription> find_token(const TopicKey& topic, std::string_view token) const;
    /// Pending and confirmed ones of a topic, or (no name) of all topics of an account and region, in order.
    std::vector<Subscription> list(const TopicKey& topic_or_owner, std::int64_t after,
                                   std::size_t limit) const;
    std::vector<Subscription> confirmed(const TopicKey& topic) const;
    SubscriptionCounts count(const TopicKey& topic) const;

private:
    Database& database_;
};

/// Changes subscriptions; owns the table sns_subscription. Runs on the writer thread.
class SubscriptionWriter {
public:
    explicit SubscriptionWriter(Database& database) : database_(database) {}

    /// Replaces one of the same endpoint that has ended.
    void add(const Subscription& subscription);
    /// State, token, attributes.
    void update(const Subscription& subscription);
    void remove_all(const TopicKey& topic);
    void clear();

private:
    Database& database_;
};

}  // namespace rockwatch::sns
