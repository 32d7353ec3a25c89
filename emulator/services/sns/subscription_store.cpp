#include "services/sns/subscription_store.hpp"

#include <array>

namespace rockwatch::sns {

namespace {

constexpr std::array<std::string_view, 3> state_texts = {"pending", "confirmed", "ended"};

std::string_view text_of(SubscriptionState state) { return state_texts[static_cast<std::size_t>(state)]; }

SubscriptionState read_state(std::string_view text) {
    return text == "confirmed" ? SubscriptionState::confirmed
           : text == "ended"   ? SubscriptionState::ended
                               : SubscriptionState::pending;
}

Subscription read_row(const Rows& row) {
    Subscription subscription{.sequence = row.integer(0),
                              .topic = {.account = row.text(1), .region = row.text(2), .name = row.text(3)},
                              .id = row.text(4),
                              .owner_account = row.text(5),
                              .protocol = row.text(6),
                              .endpoint = row.text(7),
                              .state = read_state(row.view(8)),
                              .authenticated = row.boolean(9),
                              .locked = row.boolean(10),
                              .token = row.text(11),
                              .token_expires = from_epoch_ms(row.integer(12))};
    if (auto attributes = parse_json(row.view(13)); attributes && attributes->is_object())
        subscription.attributes = std::move(*attributes);
    return subscription;
}

std::optional<Subscription> read_one(Rows rows) {
    if (!rows.step()) return std::nullopt;
    return read_row(rows);
}

std::vector<Subscription> read_all(Rows rows) {
    std::vector<Subscription> found;
    while (rows.step()) found.push_back(read_row(rows));
    return found;
}

}  // namespace

std::optional<SubscriptionKey> subscription_of_arn(std::string_view arn) {
    const auto last = arn.rfind(':');
    if (last == std::string_view::npos) return std::nullopt;
    auto topic = topic_of_arn(arn.substr(0, last));
    if (!topic) return std::nullopt;
    return SubscriptionKey{.topic = std::move(*topic), .id = std::string(arn.substr(last + 1))};
}

std::optional<Subscription> SubscriptionReader::find(const SubscriptionKey& key) const {
    return read_one(database_.query(R"sql(
        SELECT sequence, account, region, topic, id, owner_account, protocol, endpoint, state, authenticated, locked, token,
               token_expires_ms, attributes
        FROM sns_subscription WHERE account = ? AND region = ? AND topic = ? AND id = ? AND state <> 'ended')sql",
                                    key.topic.account, key.topic.region, key.topic.name, key.id));
}

std::optional<Subscription> SubscriptionReader::find_endpoint(const TopicKey& topic,
                                                              std::string_view protocol,
                                                              std::string_view endpoint) const {
    return read_one(database_.query(R"sql(
        SELECT sequence, account, region, topic, id, owner_account, protocol, endpoint, state, authenticated, locked, token,
               token_expires_ms, attributes
        FROM sns_subscription
        WHERE account = ? AND region = ? AND topic = ? AND protocol = ? AND endpoint = ? AND state <> 'ended')sql",
                                    topic.account, topic.region, topic.name, protocol, endpoint));
}

std::optional<Subscription> SubscriptionReader::find_token(const TopicKey& topic,
                                                           std::string_view token) const {
    return read_one(database_.query(R"sql(
        SELECT sequence, account, region, topic, id, owner_account, protocol, endpoint, state, authenticated, locked, token,
               token_expires_ms, attributes
        FROM sns_subscription WHERE account = ? AND region = ? AND topic = ? AND token = ?)sql",
                                    topic.account, topic.region, topic.name, token));
}

std::vector<Subscription> SubscriptionReader::list(const TopicKey& topic, std::int64_t after,
                                                   std::size_t limit) const {
    return read_all(database_.query(R"sql(
        SELECT sequence, account, region, topic, id, owner_account, protocol, endpoint, state, authenticated, locked, token,
               token_expires_ms, attributes
        FROM sns_subscription
        WHERE account = ?1 AND region = ?2 AND (?3 = '' OR topic = ?3) AND sequence > ?4 AND state <> 'ended'
        ORDER BY sequence LIMIT ?5)sql",
                                    topic.account, topic.region, topic.name, after,
                                    static_cast<std::int64_t>(limit)));
}

std::vector<Subscription> SubscriptionReader::confirmed(const TopicKey& topic) const {
    return read_all(database_.query(R"sql(
        SELECT sequence, account, region, topic, id, owner_account, protocol, endpoint, state, authenticated, locked, token,
               token_expires_ms, attributes
        FROM sns_subscription WHERE account = ? AND region = ? AND topic = ? AND state = 'confirmed' ORDER BY sequence)sql",
                                    topic.account, topic.region, topic.name));
}

SubscriptionCounts SubscriptionReader::count(const TopicKey& topic) const {
    Rows rows = database_.query(R"sql(
        SELECT total(state = 'pending'), total(state = 'confirmed') FROM sns_subscription
        WHERE account = ? AND region = ? AND topic = ?)sql",
                                topic.account, topic.region, topic.name);
    SubscriptionCounts counts;
    if (rows.step()) counts = {.pending = rows.integer(0), .confirmed = rows.integer(1)};
    return counts;
}

void SubscriptionWriter::add(const Subscription& subscription) {
    database_.run(R"sql(
        DELETE FROM sns_subscription
        WHERE account = ? AND region = ? AND topic = ? AND protocol = ? AND endpoint = ? AND state = 'ended')sql",
                  subscription.topic.account, subscription.topic.region, subscription.topic.name,
                  subscription.protocol, subscription.endpoint);
    database_.run(R"sql(
        INSERT INTO sns_subscription (account, region, topic, id, owner_account, protocol, endpoint, state, authenticated, locked,
                                      token, token_expires_ms, attributes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql",
                  subscription.topic.account, subscription.topic.region, subscription.topic.name,
                  subscription.id, subscription.owner_account, subscription.protocol, subscription.endpoint,
                  text_of(subscription.state), subscription.authenticated, subscription.locked,
                  subscription.token, epoch_ms(subscription.token_expires), to_text(subscription.attributes));
}

void SubscriptionWriter::update(const Subscription& subscription) {
    database_.run(R"sql(
        UPDATE sns_subscription
        SET state = ?, authenticated = ?, locked = ?, token = ?, token_expires_ms = ?, attributes = ? WHERE sequence = ?)sql",
                  text_of(subscription.state), subscription.authenticated, subscription.locked,
                  subscription.token, epoch_ms(subscription.token_expires), to_text(subscription.attributes),
                  subscription.sequence);
}

void SubscriptionWriter::remove_all(const TopicKey& topic) {
    database_.run("DELETE FROM sns_subscription WHERE account = ? AND region = ? AND topic = ?",
                  topic.account, topic.region, topic.name);
}

void SubscriptionWriter::clear() { database_.run("DELETE FROM sns_subscription"); }

}  // namespace rockwatch::sns
