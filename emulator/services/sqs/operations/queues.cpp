#include <fmt/format.h>

#include <chrono>

#include "core/text.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/operations/operations.hpp"

namespace rockwatch::sqs {

namespace {

constexpr std::size_t queues_per_page_max = 1'000;
constexpr std::size_t tags_max = 50;

void check_name(const std::string& name) {
    if (name.ends_with(".fifo")) {
        throw invalid_value(name, "QueueName", "FIFO queues are not supported by Rockwatch yet.");
    }
    if (!is_queue_name(name)) {
        throw invalid_parameter(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    }
}

/// A dead-letter queue must be there, in the same region, and allow it.
void check_dead_letter_queue(const QueueReader& queues, const Queue& source, const Json& attributes) {
    const std::string text = text_or_empty(attributes, "RedrivePolicy");
    if (text.empty()) return;
    const auto key = queue_of_arn(source.attributes.redrive_policy()->dead_letter_arn);
    const auto target = key && key->region == source.key.region ? queues.find(*key) : std::nullopt;
    if (!target) throw invalid_value(text, "RedrivePolicy", "Dead letter target does not exist.");
    if (!target->attributes.allows_redrive_from(source.key.arn())) {
        throw invalid_value(text, "RedrivePolicy",
                            "The dead letter target's RedriveAllowPolicy does not allow this queue.");
    }
}

Json tags_of(const Json& input, const char* member) {
    const auto found = input.find(member);
    return found == input.end() ? Json::object() : *found;
}

void check_tags(const Json& tags) {
    if (tags.size() > tags_max)
        throw invalid_parameter(
            fmt::format("Too many tags added for queue. A queue can have at most {} tags.", tags_max));
    for (const auto& [key, value] : tags.items()) {
        const std::size_t value_length = utf8_length(value.get_ref<const std::string&>());
        if (key.empty() || utf8_length(key) > 128)
            throw invalid_parameter("Tag keys must be between 1 and 128 characters in length.");
        if (value_length > 256)
            throw invalid_parameter("Tag values must be between 0 and 256 characters in length.");
        if (lower_case(key).starts_with("aws:"))
            throw invalid_parameter("Tag keys must not start with aws:.");
    }
}

std::string seconds_text(Instant instant) { return std::to_string(epoch_ms(instant) / 1'000); }

Json all_attributes(const Read& sqs, const Queue& queue) {
    Json all = queue.attributes.effective();
    const auto counts = sqs.messages.count(queue.key, sqs.now, sqs.now - queue.attributes.retention());
    all["ApproximateNumberOfMessages"] = std::to_string(counts.visible);
    all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(counts.in_flight);
    all["ApproximateNumberOfMessagesDelayed"] = std::to_string(counts.delayed);
    all["CreatedTimestamp"] = seconds_text(queue.created);
    all["LastModifiedTimestamp"] = seconds_text(queue.modified);
    all["QueueArn"] = queue.key.arn();
    return all;
}

}  // namespace

Queue find_queue(const QueueReader& queues, const Caller& caller, const Json& input) {
    const std::string url = text_or_empty(input, "QueueUrl");
    const auto key = queue_of_url(caller, url);
    if (!key) throw no_such_address(url);
    auto queue = queues.find(*key);
    if (!queue) throw no_such_queue();
    return std::move(*queue);
}

Json create_queue(Write& sqs, const Caller& caller, const Json& input) {
    const std::string name = input.at("QueueName");
    check_name(name);
    const Json attributes = value_or(input, "Attributes", Json::object());
    const Json tags = tags_of(input, "tags");
    check_tags(tags);

    Queue queue{.key = {.account = caller.account, .region = caller.region, .name = name},
                .tags = tags,
                .created = sqs.now,
                .modified = sqs.now};
    queue.attributes.set(attributes);
    check_dead_letter_queue(sqs.queues, queue, attributes);
    if (const auto existing = sqs.queues.find(queue.key)) {
        if (const auto different = existing->attributes.first_difference(attributes))
            throw queue_exists(*different);
    } else {
        sqs.queue_changes.add(queue);
    }
    return {{"QueueUrl", queue_url(caller, queue.key)}};
}

Json delete_queue(Write& sqs, const Caller& caller, const Json& input) {
    const Queue queue = find_queue(sqs.queues, caller, input);
    sqs.message_changes.remove_all(queue.key);
    sqs.queue_changes.remove(queue.key);
    sqs.announce(queue.key);
    return Json::object();
}

Json get_queue_url(Read& sqs, const Caller& caller, const Json& input) {
    QueueKey key{.account = text_or_empty(input, "QueueOwnerAWSAccountId"),
                 .region = caller.region,
                 .name = input.at("QueueName")};
    if (key.account.empty()) key.account = caller.account;
    if (!sqs.queues.find(key)) throw no_such_queue();
    return {{"QueueUrl", queue_url(caller, key)}};
}

Json list_queues(Read& sqs, const Caller& caller, const Json& input) {
    const auto asked = value_or(input, "MaxResults", std::int64_t{queues_per_page_max});
    if (asked < 1 || asked > static_cast<std::int64_t>(queues_per_page_max)) {
        throw invalid_parameter(
            "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and "
            "1000.");
    }
    std::string after;
    const std::string token = text_or_empty(input, "NextToken");
    if (!token.empty() && !base64_decode(token, after)) {
        throw invalid_parameter(
            "Value for parameter NextToken is invalid. Reason: NextToken is not one that was given out.");
    }
    const auto limit = static_cast<std::size_t>(asked);
    auto names = sqs.queues.names(caller, text_or_empty(input, "QueueNamePrefix"), after, limit + 1);
    Json output = Json::object();
    // Without MaxResults there are no pages: the first thousand is all that AWS tells.
    if (names.size() > limit) {
        names.pop_back();
        if (input.contains("MaxResults")) output["NextToken"] = base64_encode(names.back());
    }
    for (const auto& name : names) {
        output["QueueUrls"].push_back(
            queue_url(caller, {.account = caller.account, .region = caller.region, .name = name}));
    }
    return output;
}

Json purge_queue(Write& sqs, const Caller& caller, const Json& input) {
    Queue queue = find_queue(sqs.queues, caller, input);
    if (queue.purged && sqs.now - *queue.purged < std::chrono::seconds{60} && sqs.now >= *queue.purged) {
        throw purge_in_progress(queue.key.name);
    }
    sqs.message_changes.remove_all(queue.key);
    queue.purged = sqs.now;
    sqs.queue_changes.update(queue);
    return Json::object();
}

Json get_queue_attributes(Read& sqs, const Caller& caller, const Json& input) {
    const Queue queue = find_queue(sqs.queues, caller, input);
    const Json all = all_attributes(sqs, queue);
    Json asked = Json::object();
    for (const std::string name : value_or(input, "AttributeNames", Json::array())) {
        if (!is_queue_attribute(name)) throw unknown_attribute(name);
        if (name == "All") asked.update(all);
        if (const auto found = all.find(name); found != all.end()) asked[name] = *found;
    }
    return asked.empty() ? Json::object() : Json{{"Attributes", asked}};
}

Json set_queue_attributes(Write& sqs, const Caller& caller, const Json& input) {
    Queue queue = find_queue(sqs.queues, caller, input);
    const Json& attributes = input.at("Attributes");
    queue.attributes.set(attributes);
    check_dead_letter_queue(sqs.queues, queue, attributes);
    queue.modified = sqs.now;
    sqs.queue_changes.update(queue);
    return Json::object();
}

Json tag_queue(Write& sqs, const Caller& caller, const Json& input) {
    Queue queue = find_queue(sqs.queues, caller, input);
    queue.tags.update(input.at("Tags"));
    check_tags(queue.tags);
    sqs.queue_changes.update(queue);
    return Json::object();
}

Json untag_queue(Write& sqs, const Caller& caller, const Json& input) {
    Queue queue = find_queue(sqs.queues, caller, input);
    for (const std::string key : input.at("TagKeys")) queue.tags.erase(key);
    sqs.queue_changes.update(queue);
    return Json::object();
}

Json list_queue_tags(Read& sqs, const Caller& caller, const Json& input) {
    const Queue queue = find_queue(sqs.queues, caller, input);
    return queue.tags.empty() ? Json::object() : Json{{"Tags", queue.tags}};
}

}  // namespace rockwatch::sqs
