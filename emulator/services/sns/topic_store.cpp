#include "services/sns/topic_store.hpp"

#include "core/arn.hpp"

namespace rockwatch::sns {

std::string TopicKey::arn() const { return arn_of({.account = account, .region = region}, "sns", name); }

std::optional<TopicKey> topic_of_arn(std::string_view text) {
    auto arn = parse_arn(text);
    if (!arn || arn->service != "sns" || arn->resource.empty() ||
        arn->resource.find(':') != std::string::npos)
        return std::nullopt;
    return TopicKey{.account = std::move(arn->account),
                    .region = std::move(arn->region),
                    .name = std::move(arn->resource)};
}

namespace {

Json read_object(std::string_view text) {
    auto object = parse_json(text);
    return object && object->is_object() ? std::move(*object) : Json::object();
}

}  // namespace

std::optional<Topic> TopicReader::find(const TopicKey& key) const {
    Rows rows = database_.query(R"sql(
        SELECT attributes, tags, deleted_subscriptions FROM sns_topic WHERE account = ? AND region = ? AND name = ?)sql",
                                key.account, key.region, key.name);
    if (!rows.step()) return std::nullopt;
    return Topic{.key = key,
                 .attributes = read_object(rows.view(0)),
                 .tags = read_object(rows.view(1)),
                 .deleted_subscriptions = rows.integer(2)};
}

std::vector<std::string> TopicReader::names(const Owner& owner, std::string_view after,
                                            std::size_t limit) const {
    Rows rows = database_.query(
        "SELECT name FROM sns_topic WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
        owner.account, owner.region, after, static_cast<std::int64_t>(limit));
    std::vector<std::string> names;
    while (rows.step()) names.push_back(rows.text(0));
    return names;
}

void TopicWriter::add(const Topic& topic) {
    database_.run(R"sql(
        INSERT INTO sns_topic (account, region, name, attributes, tags, deleted_subscriptions) VALUES (?, ?, ?, ?, ?, 0))sql",
                  topic.key.account, topic.key.region, topic.key.name, to_text(topic.attributes),
                  to_text(topic.tags));
}

void TopicWriter::update(const Topic& topic) {
    database_.run(
        "UPDATE sns_topic SET attributes = ?, tags = ? WHERE account = ? AND region = ? AND name = ?",
        to_text(topic.attributes), to_text(topic.tags), topic.key.account, topic.key.region, topic.key.name);
}

void TopicWriter::count_deleted_subscription(const TopicKey& key) {
    database_.run(R"sql(
        UPDATE sns_topic SET deleted_subscriptions = deleted_subscriptions + 1
        WHERE account = ? AND region = ? AND name = ?)sql",
                  key.account, key.region, key.name);
}

void TopicWriter::remove(const TopicKey& key) {
    database_.run("DELETE FROM sns_topic WHERE account = ? AND region = ? AND name = ?", key.account,
                  key.region, key.name);
}

void TopicWriter::clear() { database_.run("DELETE FROM sns_topic"); }

}  // namespace rockwatch::sns
