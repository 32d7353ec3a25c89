#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/fan_out.hpp"
#include "services/sns/operations/operations.hpp"

namespace rockwatch::sns {

namespace {

constexpr std::size_t message_bytes_max = 262'144;
constexpr std::size_t subject_length_max = 100;
constexpr std::size_t entries_max = 10;

std::size_t value_bytes(const Json& attribute) {
    const auto binary = attribute.find("BinaryValue");
    if (binary != attribute.end() && binary->is_binary()) return binary->get_binary().size();
    return text_or_empty(attribute, "StringValue").size();
}

/// Names, types and values of attributes count, too.
std::size_t published_bytes(const Json& entry) {
    std::size_t bytes = entry.at("Message").get_ref<const std::string&>().size();
    const Json attributes = value_or(entry, "MessageAttributes", Json::object());
    for (const auto& [name, attribute] : attributes.items()) {
        bytes += name.size() + text_or_empty(attribute, "DataType").size() + value_bytes(attribute);
    }
    return bytes;
}

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

void check_attribute_name(const std::string& name) {
    if (name.size() > 256)
        throw invalid_attribute_value("Length of message attribute name must be less than 256 bytes.");
    if (name.starts_with('.'))
        throw invalid_attribute_value(
            "Invalid message attribute name starting with character '.' was found.");
    if (name.ends_with('.'))
        throw invalid_attribute_value("Invalid message attribute name ending with character '.' was found.");
    const auto odd = std::find_if_not(name.begin(), name.end(), is_name_letter);
    if (odd != name.end()) {
        throw invalid_attribute_value(fmt::format(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only "
            "include alphanumeric characters, hyphens, underscores, or dots.",
            static_cast<unsigned char>(*odd)));
    }
    if (name.empty() || name.find("..") != std::string::npos) {
        throw invalid_attribute_value("Message attribute name can not have successive '.' character.");
    }
}

void check_attribute(const std::string& name, const Json& attribute) {
    check_attribute_name(name);
    const std::string type = text_or_empty(attribute, "DataType");
    const std::string base = type.substr(0, type.find('.'));
    if (base != "String" && base != "Number" && base != "Binary") {
        throw invalid_attribute_value(fmt::format(
            "The message attribute '{}' has an invalid message attribute type, the set of supported type "
            "prefixes is Binary, Number, and String.",
            name));
    }
    const char* field = base == "Binary" ? "Binary" : "String";
    const bool has_other = attribute.contains(base == "Binary" ? "StringValue" : "BinaryValue");
    if (!attribute.contains(std::string(field) + "Value") && has_other) {
        throw invalid_attribute_value(
            fmt::format("The message attribute '{}' with type '{}' must use field '{}'.", name, type, field));
    }
    if (value_bytes(attribute) == 0) {
        throw invalid_attribute_value(fmt::format(
            "The message attribute '{}' must contain non-empty message attribute value for message "
            "attribute type '{}'.",
            name, type));
    }
}

void check_subject(const Json& entry) {
    const auto subject = entry.find("Subject");
    if (subject == entry.end()) return;
    const auto& text = subject->get_ref<const std::string&>();
    const bool has_controls = std::any_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (text.empty() || utf8_length(text) > subject_length_max || has_controls)
        throw invalid_parameter("Subject");
}

/// The texts of MessageStructure json; members that are no texts are ignored, as SNS does.
Json read_structure(const std::string& message) {
    const auto texts = parse_json(message);
    if (!texts || !texts->is_object())
        throw invalid_parameter("Message Structure - JSON message body failed to parse");
    Json kept = Json::object();
    for (const auto& [protocol, text] : texts->items()) {
        if (text.is_string()) kept[protocol] = text;
    }
    if (!kept.contains("default"))
        throw invalid_parameter("Message Structure - No default entry in JSON message body");
    return kept;
}

/// Checks one message of Publish or of a batch's entry.
Notice read_notice(Write& sns, const Caller& caller, const Json& entry) {
    check_subject(entry);
    Notice notice{.subject = text_or_empty(entry, "Subject"),
                  .message = entry.at("Message"),
                  .attributes = value_or(entry, "MessageAttributes", Json::object()),
                  .time = sns.now,
                  .hops = caller.hops};
    if (notice.message.empty()) throw invalid_parameter("Empty message");
    for (const auto& [name, attribute] : notice.attributes.items()) check_attribute(name, attribute);
    if (published_bytes(entry) > message_bytes_max) throw invalid_parameter("Message too long");
    for (const char* fifo_only : {"MessageGroupId", "MessageDeduplicationId"}) {
        if (entry.contains(fifo_only)) {
            throw invalid_parameter(
                fifo_only,
                fmt::format("The request includes {} parameter that is not valid for this topic type",
                            fifo_only));
        }
    }
    const std::string structure = text_or_empty(entry, "MessageStructure");
    if (structure == "json") {
        notice.texts = read_structure(notice.message);
        notice.message = notice.texts.at("default");
    } else if (!structure.empty()) {
        throw invalid_parameter("MessageStructure");
    }
    notice.message_id = sns.random.uuid();
    return notice;
}

/// A text message to a phone: nothing leaves, it is kept.
Json publish_to_phone(Write& sns, const Caller& caller, const std::string& phone_number,
                      const Notice& notice) {
    const bool digits = std::all_of(phone_number.begin() + 1, phone_number.end(),
                                    [](char c) { return c >= '0' && c <= '9'; });
    if (!phone_number.starts_with('+') || phone_number.size() < 3 || phone_number.size() > 16 || !digits) {
        throw invalid_parameter("PhoneNumber", fmt::format("{} is not valid to publish to", phone_number));
    }
    sns.outbox.add(sns.database,
                   {.owner = {.account = caller.account, .region = caller.region},
                    .source = "sns",
                    .protocol = "sms",
                    .target = phone_number,
                    .payload = notice.text_for("sms"),
                    .settled = deliveries::Status::captured},
                   sns.now);
    return {{"MessageId", notice.message_id}};
}

bool is_entry_id(std::string_view id) {
    return !id.empty() && id.size() <= 80 &&
           std::all_of(id.begin(), id.end(), [](char c) { return c != '.' && is_name_letter(c); });
}

}  // namespace

Json publish(Write& sns, const Caller& caller, const Json& input) {
    Notice notice = read_notice(sns, caller, input);
    if (const std::string phone_number = text_or_empty(input, "PhoneNumber"); !phone_number.empty()) {
        return publish_to_phone(sns, caller, phone_number, notice);
    }
    const bool to_target = input.contains("TargetArn");
    if (!to_target && !input.contains("TopicArn")) {
        throw invalid_parameter("TopicArn or TargetArn", "no value for required parameter");
    }
    const std::string arn = to_target ? input.at("TargetArn") : input.at("TopicArn");
    if (arn.find(":endpoint/") != std::string::npos) {
        throw invalid_parameter("TargetArn", "No endpoint found for the target arn specified");
    }
    const Topic topic = find_topic(sns.topics, caller, arn, to_target ? "TargetArn" : "TopicArn");
    notice.topic_arn = topic.key.arn();
    fan_out(sns, topic, notice, links_base(sns, caller));
    return {{"MessageId", notice.message_id}};
}

Json publish_batch(Write& sns, const Caller& caller, const Json& input) {
    const Topic topic = find_topic(sns.topics, caller, input.at("TopicArn"));
    const Json& entries = input.at("PublishBatchRequestEntries");
    if (entries.empty()) throw empty_batch();
    if (entries.size() > entries_max) throw too_many_entries();
    std::set<std::string> ids;
    std::size_t bytes = 0;
    for (const auto& entry : entries) {
        const std::string id = entry.at("Id");
        if (!is_entry_id(id)) throw invalid_entry_id(id);
        if (!ids.insert(id).second) throw ids_not_distinct();
        bytes += published_bytes(entry);
    }
    if (bytes > message_bytes_max) throw batch_too_long();

    Json output{{"Successful", Json::array()}, {"Failed", Json::array()}};
    for (const auto& entry : entries) {
        // SNS fails the whole batch for what is wrong with one message.
        Notice notice = read_notice(sns, caller, entry);
        notice.topic_arn = topic.key.arn();
        fan_out(sns, topic, notice, links_base(sns, caller));
        output["Successful"].push_back({{"Id", entry.at("Id")}, {"MessageId", notice.message_id}});
    }
    return output;
}

}  // namespace rockwatch::sns
