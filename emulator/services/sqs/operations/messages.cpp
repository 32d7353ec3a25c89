#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "services/sqs/errors.hpp"
#include "services/sqs/operations/operations.hpp"

namespace rockwatch::sqs {

namespace {

using std::chrono::seconds;

constexpr std::size_t entries_max = 10;
constexpr std::int64_t delay_seconds_max = 900;
constexpr std::int64_t visibility_seconds_max = 43'200;

std::vector<std::string> names_of(const Json& input, std::initializer_list<const char*> members) {
    std::vector<std::string> names;
    for (const char* member : members) {
        for (const std::string name : value_or(input, member, Json::array())) names.push_back(name);
    }
    return names;
}

/// Sends one message of SendMessage or of a batch's entry; what SendMessage answers.
Json send_one(Write& sqs, const Caller& caller, const Queue& queue, const Json& entry) {
    Message message{.body = entry.at("MessageBody"),
                    .attributes = value_or(entry, "MessageAttributes", Json::object()),
                    .system_attributes = value_or(entry, "MessageSystemAttributes", Json::object()),
                    .sender_id = caller.account,
                    .group_id = text_or_empty(entry, "MessageGroupId")};
    check_body(message.body);
    check_attributes(message.attributes);
    for (const auto& [name, attribute] : message.system_attributes.items()) {
        if (name != "AWSTraceHeader")
            throw invalid_value(name, "MessageSystemAttributeName", "Only AWSTraceHeader can be sent.");
    }
    check_attributes(message.system_attributes);
    const auto bytes_max = queue.attributes.message_bytes();
    if (message_bytes(message.body, message.attributes) > static_cast<std::size_t>(bytes_max)) {
        throw invalid_parameter(fmt::format(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.", bytes_max));
    }
    if (entry.contains("MessageDeduplicationId")) {
        throw invalid_value(entry.at("MessageDeduplicationId").get<std::string>(), "MessageDeduplicationId",
                            "The request includes a parameter that is not valid for this queue type.");
    }
    std::optional<seconds> delay;
    if (entry.contains("DelaySeconds")) {
        delay = seconds{entry.at("DelaySeconds").get<std::int64_t>()};
        if (delay->count() < 0 || delay->count() > delay_seconds_max) {
            throw invalid_value(delay->count(), "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.");
        }
    }
    Json output{{"MD5OfMessageBody", md5_hex(message.body)}};
    if (const auto md5 = md5_of_attributes(message.attributes)) output["MD5OfMessageAttributes"] = *md5;
    if (const auto md5 = md5_of_attributes(message.system_attributes))
        output["MD5OfMessageSystemAttributes"] = *md5;
    output["MessageId"] = put_message(sqs, queue, std::move(message), delay);
    return output;
}

const Json& batch_entries(const Json& input, std::string_view entry_shape) {
    const Json& entries = input.at("Entries");
    if (entries.empty()) throw empty_batch(entry_shape);
    if (entries.size() > entries_max) throw too_many_entries(entries.size());
    std::set<std::string> seen;
    for (const auto& entry : entries) {
        const std::string id = entry.at("Id");
        if (!is_queue_name(id)) throw invalid_entry_id();  // the same letters, the same length
        if (!seen.insert(id).second) throw ids_not_distinct(id);
    }
    return entries;
}

/// Does each entry for itself; what one of them throws is told of that one.
template <class Action>
Json for_each_entry(const Json& entries, Action&& action) {
    Json output = Json::object();
    for (const auto& entry : entries) {
        try {
            Json done = action(entry);
            done["Id"] = entry.at("Id");
            output["Successful"].push_back(std::move(done));
        } catch (const ServiceError& error) {
            output["Failed"].push_back({{"Id", entry.at("Id")},
                                        {"SenderFault", true},
                                        {"Code", error.code},
                                        {"Message", error.message}});
        }
    }
    return output;
}

void delete_one(Write& sqs, const Queue& queue, const Json& entry) {
    const std::string handle = entry.at("ReceiptHandle");
    const auto receipt = read_receipt_handle(queue.key, handle);
    if (!receipt) throw invalid_receipt_handle(handle);
    const auto held = sqs.messages.held(queue.key, receipt->message);
    // Deleting twice is fine, and an older handle than the latest deletes nothing, as AWS documents it.
    if (held && held->nonce == receipt->nonce) sqs.message_changes.remove(receipt->message);
}

void change_visibility_of_one(Write& sqs, const Queue& queue, const Json& entry) {
    const std::string handle = entry.at("ReceiptHandle");
    const auto timeout =
        entry.contains("VisibilityTimeout") ? entry.at("VisibilityTimeout").get<std::int64_t>() : 0;
    if (timeout < 0 || timeout > visibility_seconds_max) {
        throw invalid_value(timeout, "VisibilityTimeout",
                            "VisibilityTimeout must be an integer between 0 and 43200.");
    }
    const auto receipt = read_receipt_handle(queue.key, handle);
    if (!receipt) throw invalid_receipt_handle(handle);
    const auto held = sqs.messages.held(queue.key, receipt->message);
    if (!held || held->nonce != receipt->nonce) {
        throw invalid_value(handle, "ReceiptHandle",
                            "Message does not exist or is not available for visibility timeout change.");
    }
    if (held->visible <= sqs.now) throw message_not_inflight();
    sqs.message_changes.set_visible(receipt->message, sqs.now + seconds{timeout});
    sqs.announce(queue.key);
}

struct ReceiveRequest {
    std::int64_t count_max;
    seconds visibility;
    std::vector<std::string> system_names;
    std::vector<std::string> attribute_names;
};

ReceiveRequest read_receive_request(const Queue& queue, const Json& input) {
    ReceiveRequest request{
        .count_max = value_or(input, "MaxNumberOfMessages", std::int64_t{1}),
        .visibility = seconds{value_or(input, "VisibilityTimeout",
                                       std::int64_t{queue.attributes.visibility_timeout().count()})},
        .system_names = names_of(input, {"AttributeNames", "MessageSystemAttributeNames"}),
        .attribute_names = names_of(input, {"MessageAttributeNames"})};
    if (request.count_max < 1 || request.count_max > 10) {
        throw invalid_value(request.count_max, "MaxNumberOfMessages",
                            "Must be between 1 and 10, if provided.");
    }
    const auto wait = value_or(input, "WaitTimeSeconds", std::int64_t{0});
    if (wait < 0 || wait > 20)
        throw invalid_value(wait, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.");
    if (request.visibility.count() < 0 || request.visibility.count() > visibility_seconds_max) {
        throw invalid_value(request.visibility.count(), "VisibilityTimeout",
                            "Must be between 0 and 43200, if provided.");
    }
    for (const auto& name : request.system_names) {
        if (!is_system_attribute(name)) throw unknown_attribute(name);
    }
    return request;
}

/// Where messages go that were received too often; nullopt: nowhere, they are received again.
std::optional<QueueKey> dead_letter_queue(Write& sqs, const std::optional<RedrivePolicy>& policy) {
    if (!policy) return std::nullopt;
    auto key = queue_of_arn(policy->dead_letter_arn);
    return key && sqs.queues.find(*key) ? std::move(key) : std::nullopt;
}

Json received(Write& sqs, const Queue& queue, Message message, const ReceiveRequest& request) {
    ++message.receive_count;
    if (!message.first_received) message.first_received = sqs.now;
    message.visible = sqs.now + request.visibility;
    const std::string nonce = sqs.random.uuid();
    sqs.message_changes.receive(message, nonce);

    Json output{{"MessageId", message.message_id},
                {"ReceiptHandle", receipt_handle(queue.key, {.message = message.sequence, .nonce = nonce})},
                {"MD5OfBody", md5_hex(message.body)},
                {"Body", message.body}};
    if (Json asked = asked_system_attributes(message, request.system_names); !asked.empty())
        output["Attributes"] = std::move(asked);
    if (Json asked = asked_attributes(message.attributes, request.attribute_names); !asked.empty()) {
        output["MD5OfMessageAttributes"] = *md5_of_attributes(asked);
        output["MessageAttributes"] = std::move(asked);
    }
    return output;
}

}  // namespace

std::string put_message(Write& sqs, const Queue& queue, Message message, std::optional<seconds> delay) {
    message.message_id = sqs.random.uuid();
    message.sent = sqs.now;
    message.visible = sqs.now + delay.value_or(queue.attributes.delay());
    sqs.message_changes.add(queue.key, message);
    sqs.announce(queue.key);
    return message.message_id;
}

Json send_message(Write& sqs, const Caller& caller, const Json& input) {
    return send_one(sqs, caller, find_queue(sqs.queues, caller, input), input);
}

Json send_message_batch(Write& sqs, const Caller& caller, const Json& input) {
    const Queue queue = find_queue(sqs.queues, caller, input);
    const Json& entries = batch_entries(input, "SendMessageBatchRequestEntry");
    std::size_t bytes = 0;
    for (const auto& entry : entries) {
        bytes += message_bytes(entry.at("MessageBody").get_ref<const std::string&>(),
                               value_or(entry, "MessageAttributes", Json::object()));
    }
    if (bytes > message_bytes_max) throw batch_too_long(message_bytes_max, bytes);
    return for_each_entry(entries, [&](const Json& entry) { return send_one(sqs, caller, queue, entry); });
}

Json receive_message(Write& sqs, const Caller& caller, const Json& input) {
    const Queue queue = find_queue(sqs.queues, caller, input);
    const ReceiveRequest request = read_receive_request(queue, input);
    const Instant oldest = sqs.now - queue.attributes.retention();
    const auto policy = queue.attributes.redrive_policy();
    const auto dead_letters = dead_letter_queue(sqs, policy);

    Json messages = Json::array();
    std::int64_t after = 0;
    while (messages.size() < static_cast<std::size_t>(request.count_max)) {
        auto message = sqs.messages.next_visible(queue.key, sqs.now, after);
        if (!message) break;
        after = message->sequence;
        if (message->sent <= oldest) {
            sqs.message_changes.remove(message->sequence);
        } else if (dead_letters && message->receive_count >= policy->receive_count_max) {
            message->dead_letter_source = queue.key.arn();
            sqs.message_changes.move(*message, *dead_letters);
            sqs.announce(*dead_letters);
        } else {
            messages.push_back(received(sqs, queue, std::move(*message), request));
        }
    }
    if (!messages.empty()) return {{"Messages", std::move(messages)}};
    sqs.database.after_commit(
        [&watch = sqs.watch, key = queue.key, next = sqs.messages.next_appearance(queue.key, sqs.now)] {
            watch.empty_until(key, next);
        });
    return Json::object();
}

Json delete_message(Write& sqs, const Caller& caller, const Json& input) {
    delete_one(sqs, find_queue(sqs.queues, caller, input), input);
    return Json::object();
}

Json delete_message_batch(Write& sqs, const Caller& caller, const Json& input) {
    const Queue queue = find_queue(sqs.queues, caller, input);
    return for_each_entry(batch_entries(input, "DeleteMessageBatchRequestEntry"), [&](const Json& entry) {
        delete_one(sqs, queue, entry);
        return Json::object();
    });
}

Json change_message_visibility(Write& sqs, const Caller& caller, const Json& input) {
    change_visibility_of_one(sqs, find_queue(sqs.queues, caller, input), input);
    return Json::object();
}

Json change_message_visibility_batch(Write& sqs, const Caller& caller, const Json& input) {
    const Queue queue = find_queue(sqs.queues, caller, input);
    return for_each_entry(batch_entries(input, "ChangeMessageVisibilityBatchRequestEntry"),
                          [&](const Json& entry) {
                              change_visibility_of_one(sqs, queue, entry);
                              return Json::object();
                          });
}

}  // namespace rockwatch::sqs
