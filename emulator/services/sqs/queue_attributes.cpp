#include "services/sqs/queue_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "services/sqs/errors.hpp"
#include "services/sqs/queue_address.hpp"

namespace rockwatch::sqs {

namespace {

struct NumberAttribute {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
    const char* preset;  // nullptr: none
};

// Source: SQS API reference, SetQueueAttributes.
constexpr NumberAttribute numbers[] = {
    {"DelaySeconds", 0, 900, "0"},
    {"MaximumMessageSize", 1'024, message_bytes_max, "1048576"},
    {"MessageRetentionPeriod", 60, 1'209'600, "345600"},
    {"ReceiveMessageWaitTimeSeconds", 0, 20, "0"},
    {"VisibilityTimeout", 0, 43'200, "30"},
    {"KmsDataKeyReusePeriodSeconds", 60, 86'400, nullptr},
};

constexpr std::array<std::string_view, 6> computed = {"ApproximateNumberOfMessages",
                                                      "ApproximateNumberOfMessagesDelayed",
                                                      "ApproximateNumberOfMessagesNotVisible",
                                                      "CreatedTimestamp",
                                                      "LastModifiedTimestamp",
                                                      "QueueArn"};

constexpr std::array<std::string_view, 4> fifo_only = {"FifoQueue", "ContentBasedDeduplication",
                                                       "DeduplicationScope", "FifoThroughputLimit"};

const NumberAttribute* find_number(std::string_view name) {
    const auto* found = std::find_if(std::begin(numbers), std::end(numbers),
                                     [&](const NumberAttribute& number) { return number.name == name; });
    return found == std::end(numbers) ? nullptr : found;
}

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

/// maxReceiveCount comes as a number or as a text.
std::optional<std::int64_t> count_of(const Json& value) {
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_string()) return whole_number(value.get<std::string>());
    return std::nullopt;
}

void check_redrive_policy(const std::string& text) {
    constexpr std::string_view parameter = "RedrivePolicy";
    const auto policy = parse_json(text);
    if (!policy || !policy->is_object()) {
        throw invalid_value(text, parameter, "Redrive policy is not a valid JSON map.");
    }
    for (const char* member : {"deadLetterTargetArn", "maxReceiveCount"}) {
        if (!policy->contains(member)) {
            throw invalid_value(
                text, parameter,
                fmt::format("Redrive policy does not contain mandatory attribute: {}.", member));
        }
    }
    if (!queue_of_arn(text_or_empty(*policy, "deadLetterTargetArn"))) {
        throw invalid_value(text, parameter, "Invalid value for deadLetterTargetArn.");
    }
    const Json& count_json = policy->at("maxReceiveCount");
    const auto count = count_of(count_json);
    if (!count || *count < 1 || *count > 1'000) {
        const std::string shown =
            count_json.is_string() ? count_json.get<std::string>() : to_text(count_json);
        throw invalid_value(
            text, parameter,
            fmt::format(
                "Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both inclusive.",
                shown));
    }
}

void check_redrive_allow_policy(const std::string& text) {
    const auto policy = parse_json(text);
    const bool is_map = policy && policy->is_object();
    const std::string permission = is_map ? text_or_empty(*policy, "redrivePermission") : "";
    const bool by_queue = permission == "byQueue";
    if (!is_map || (!by_queue && permission != "allowAll" && permission != "denyAll")) {
        throw invalid_attribute_value("RedriveAllowPolicy");
    }
    const auto sources = policy->find("sourceQueueArns");
    const bool has_sources = sources != policy->end();
    const bool fits = by_queue
                          ? has_sources && sources->is_array() && !sources->empty() && sources->size() <= 10
                          : !has_sources;
    if (!fits) throw invalid_attribute_value("RedriveAllowPolicy");
}

/// Throws when the attribute may not have this value.
void check(std::string_view name, const std::string& value) {
    if (const NumberAttribute* number = find_number(name)) {
        const auto parsed = whole_number(value);
        if (!parsed || *parsed < number->least || *parsed > number->most) throw invalid_attribute_value(name);
    } else if (name == "SqsManagedSseEnabled") {
        if (value != "true" && value != "false") throw invalid_attribute_value(name);
    } else if (name == "Policy") {
        const auto policy = parse_json(value);
        if (!value.empty() && (!policy || !policy->is_object())) throw invalid_attribute_value(name);
    } else if (name == "RedrivePolicy") {
        if (!value.empty()) check_redrive_policy(value);
    } else if (name == "RedriveAllowPolicy") {
        if (!value.empty()) check_redrive_allow_policy(value);
    } else if (has(fifo_only, name)) {
        throw invalid_parameter(
            fmt::format("{} belongs to FIFO queues, which Rockwatch does not support yet.", name));
    } else if (name != "KmsMasterKeyId") {
        throw unknown_attribute(name);
    }
}

}  // namespace

void QueueAttributes::set(const Json& attributes) {
    for (const auto& [name, value] : attributes.items()) check(name, value.get_ref<const std::string&>());
    for (const auto& [name, value] : attributes.items()) {
        if (value.get_ref<const std::string&>().empty()) {
            set_.erase(name);
        } else {
            set_[name] = value;
        }
    }
    // One kind of encryption replaces the other.
    if (!text_or_empty(attributes, "KmsMasterKeyId").empty()) set_["SqsManagedSseEnabled"] = "false";
    if (text_or_empty(attributes, "SqsManagedSseEnabled") == "true") set_.erase("KmsMasterKeyId");
}

std::optional<std::string> QueueAttributes::first_difference(const Json& attributes) const {
    const Json mine = effective();
    for (const auto& [name, value] : attributes.items()) {
        const auto found = mine.find(name);
        const std::string present = found == mine.end() ? std::string{} : found->get<std::string>();
        if (present != value.get_ref<const std::string&>()) return name;
    }
    return std::nullopt;
}

std::int64_t QueueAttributes::number(std::string_view name) const {
    const auto found = set_.find(name);
    const std::string text =
        found != set_.end() && found->is_string() ? found->get<std::string>() : find_number(name)->preset;
    return whole_number(text).value_or(0);
}

std::optional<RedrivePolicy> QueueAttributes::redrive_policy() const {
    const auto policy = parse_json(text_or_empty(set_, "RedrivePolicy"));
    if (!policy || !policy->is_object() || !policy->contains("maxReceiveCount")) return std::nullopt;
    return RedrivePolicy{.dead_letter_arn = text_or_empty(*policy, "deadLetterTargetArn"),
                         .receive_count_max = count_of(policy->at("maxReceiveCount")).value_or(1)};
}

bool QueueAttributes::allows_redrive_from(std::string_view source_arn) const {
    const auto policy = parse_json(text_or_empty(set_, "RedriveAllowPolicy"));
    if (!policy || !policy->is_object()) return true;
    const std::string permission = text_or_empty(*policy, "redrivePermission");
    if (permission != "byQueue") return permission != "denyAll";
    const auto sources = policy->find("sourceQueueArns");
    if (sources == policy->end() || !sources->is_array()) return false;
    return std::any_of(sources->begin(), sources->end(), [&](const Json& source) {
        return source.is_string() && source.get_ref<const std::string&>() == source_arn;
    });
}

Json QueueAttributes::effective() const {
    Json all{{"SqsManagedSseEnabled", "true"}};
    for (const auto& number : numbers) {
        if (number.preset != nullptr) all[std::string(number.name)] = number.preset;
    }
    all.update(set_);
    return all;
}

bool is_queue_attribute(std::string_view name) {
    static constexpr std::array<std::string_view, 6> others = {
        "All", "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "SqsManagedSseEnabled"};
    return find_number(name) != nullptr || has(computed, name) || has(fifo_only, name) || has(others, name);
}

}  // namespace rockwatch::sqs
