#include <fmt/format.h>

#include <algorithm>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/sns/attributes.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/operations/operations.hpp"

namespace rockwatch::sns {

namespace {

constexpr std::size_t tags_max = 50;

bool is_topic_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= 256 && std::all_of(name.begin(), name.end(), fits);
}

void check_name(const std::string& name) {
    if (name.ends_with(".fifo"))
        throw invalid_parameter("Topic Name", "FIFO topics are not supported by Rockwatch yet");
    if (!is_topic_name(name)) throw invalid_parameter("Topic Name");
}

/// A list of keys and values as one object; throws when a key comes twice.
Json read_tags(const Json& list) {
    Json tags = Json::object();
    for (const auto& tag : list) {
        const std::string key = tag.at("Key");
        if (tags.contains(key)) throw invalid_parameter("Duplicated keys are not allowed.");
        tags[key] = tag.at("Value");
    }
    if (tags.size() > tags_max) throw too_many_tags();
    return tags;
}

/// Whether a topic that is there has the same attributes as asked for now; FifoTopic=false is how a topic is
/// anyway.
bool has_attributes(const Topic& topic, const Json& attributes) {
    const Json present = shown_topic_attributes(topic, {});
    for (const auto& [name, value] : attributes.items()) {
        const std::string mine = text_or_empty(present, name);
        const bool same =
            mine == value.get_ref<const std::string&>() || (name == "FifoTopic" && mine.empty());
        if (!same) return false;
    }
    return true;
}

Topic tagged_topic(const TopicReader& topics, const Json& input) {
    const auto key = topic_of_arn(text_or_empty(input, "ResourceArn"));
    auto topic = key ? topics.find(*key) : std::nullopt;
    if (!topic) throw no_such_resource();
    return std::move(*topic);
}

}  // namespace

Topic find_topic(const TopicReader& topics, const Caller& caller, const std::string& arn,
                 std::string_view parameter) {
    const auto parts = split(arn, ':');
    if (parts.size() < 6) {
        throw invalid_parameter(parameter,
                                fmt::format("An ARN must have at least 6 elements, not {}", parts.size()));
    }
    const auto key = topic_of_arn(arn);
    if (!key || key->region != caller.region) throw invalid_parameter(parameter);
    auto topic = topics.find(*key);
    if (!topic) throw no_such_topic();
    return std::move(*topic);
}

std::string page_token(const std::string& last) { return base64_encode(last); }

std::string read_page_token(const Json& input) {
    std::string last;
    const std::string token = text_or_empty(input, "NextToken");
    if (!base64_decode(token, last)) throw invalid_parameter("NextToken");
    return last;
}

Json create_topic(Write& sns, const Caller& caller, const Json& input) {
    const std::string name = input.at("Name");
    check_name(name);
    if (input.contains("DataProtectionPolicy")) {
        throw invalid_parameter("DataProtectionPolicy", "data protection is not supported by Rockwatch yet");
    }
    const Json attributes = value_or(input, "Attributes", Json::object());
    Topic topic{.key = {.account = caller.account, .region = caller.region, .name = name},
                .tags = read_tags(value_or(input, "Tags", Json::array()))};
    for (const auto& [attribute, value] : attributes.items()) {
        check_topic_attribute(attribute, value.get<std::string>(), AttributeSource::create);
        if (attribute != "FifoTopic") put_attribute(topic.attributes, attribute, value.get<std::string>());
    }
    if (const auto existing = sns.topics.find(topic.key)) {
        if (!has_attributes(*existing, attributes))
            throw invalid_parameter("Attributes", "Topic already exists with different attributes");
        if (input.contains("Tags") && existing->tags != topic.tags) {
            throw invalid_parameter("Tags", "Topic already exists with different tags");
        }
    } else {
        sns.topic_changes.add(topic);
    }
    return {{"TopicArn", topic.key.arn()}};
}

Json delete_topic(Write& sns, const Caller& caller, const Json& input) {
    const std::string arn = input.at("TopicArn");
    const auto key = topic_of_arn(arn);
    if (!key || key->region != caller.region) {
        find_topic(sns.topics, caller, arn);  // says what is wrong with the ARN
    }
    sns.subscription_changes.remove_all(*key);
    sns.topic_changes.remove(*key);
    return Json::object();
}

Json list_topics(Read& sns, const Caller& caller, const Json& input) {
    auto names = sns.topics.names(caller, read_page_token(input), page_size + 1);
    Json output{{"Topics", Json::array()}};
    if (names.size() > page_size) {
        names.pop_back();
        output["NextToken"] = page_token(names.back());
    }
    for (const auto& name : names) output["Topics"].push_back({{"TopicArn", arn_of(caller, "sns", name)}});
    return output;
}

Json get_topic_attributes(Read& sns, const Caller& caller, const Json& input) {
    const Topic topic = find_topic(sns.topics, caller, input.at("TopicArn"));
    return {{"Attributes", shown_topic_attributes(topic, sns.subscriptions.count(topic.key))}};
}

Json set_topic_attributes(Write& sns, const Caller& caller, const Json& input) {
    Topic topic = find_topic(sns.topics, caller, input.at("TopicArn"));
    const std::string name = input.at("AttributeName");
    const std::string value = text_or_empty(input, "AttributeValue");
    check_topic_attribute(name, value, AttributeSource::set);
    put_attribute(topic.attributes, name, value);
    sns.topic_changes.update(topic);
    return Json::object();
}

Json tag_resource(Write& sns, const Caller& /*caller*/, const Json& input) {
    Topic topic = tagged_topic(sns.topics, input);
    topic.tags.update(read_tags(input.at("Tags")));
    if (topic.tags.size() > tags_max) throw too_many_tags();
    sns.topic_changes.update(topic);
    return Json::object();
}

Json untag_resource(Write& sns, const Caller& /*caller*/, const Json& input) {
    Topic topic = tagged_topic(sns.topics, input);
    for (const std::string key : input.at("TagKeys")) topic.tags.erase(key);
    sns.topic_changes.update(topic);
    return Json::object();
}

Json list_tags_for_resource(Read& sns, const Caller& /*caller*/, const Json& input) {
    const Topic topic = tagged_topic(sns.topics, input);
    Json output{{"Tags", Json::array()}};
    for (const auto& [key, value] : topic.tags.items())
        output["Tags"].push_back({{"Key", key}, {"Value", value}});
    return output;
}

}  // namespace rockwatch::sns
