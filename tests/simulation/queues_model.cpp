#include "queues_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "paging.hpp"
#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

using Message = QueuesModel::Message;

constexpr std::int64_t purge_pause = 60'000;

Message* holder(QueuesModel::Queue& queue, const std::string& handle) {
    const auto found = std::find_if(queue.messages.begin(), queue.messages.end(),
                                    [&](const Message& message) { return message.handle == handle; });
    return found == queue.messages.end() ? nullptr : &*found;
}

std::string body_of(const Json& told, const Message& message) {
    const std::string body = told.at("Body");
    if (!message.enveloped) return body;
    const Json envelope = Json::parse(body, nullptr, false);
    return envelope.is_object() ? text_or_empty(envelope, "Message") : body;
}

/// An alarm's message is long; what counts of it is which alarm and which state.
bool same_body(const std::string& told, const std::string& expected) {
    if (!expected.starts_with("alarm ")) return told == expected;
    const Json message = Json::parse(told, nullptr, false);
    if (!message.is_object()) return false;
    return expected == fmt::format("alarm {} {}", text_or_empty(message, "AlarmName"),
                                   text_or_empty(message, "NewStateValue"));
}

}  // namespace

std::string queue_of_url(const Json& input) {
    const std::string url = text_or_empty(input, "QueueUrl");
    return url.substr(url.rfind('/') + 1);
}

std::int64_t QueuesModel::Queue::number(const std::string& name, std::int64_t preset) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? preset : std::stoll(found->second);
}

std::string QueuesModel::Queue::dead_letters() const {
    const auto found = attributes.find("RedrivePolicy");
    if (found == attributes.end()) return {};
    const std::string arn = Json::parse(found->second).at("deadLetterTargetArn");
    return arn.substr(arn.rfind(':') + 1);
}

int QueuesModel::Queue::receives_max() const {
    return Json::parse(attributes.at("RedrivePolicy")).at("maxReceiveCount");
}

std::optional<std::string> QueuesModel::handle(std::size_t who, const std::string& queue,
                                               std::int64_t number) const {
    const auto found = handles_.find({who, queue});
    if (found == handles_.end() || found->second.empty()) return std::nullopt;
    const auto count = static_cast<std::int64_t>(found->second.size());
    return found->second[static_cast<std::size_t>((number % count + count) % count)];
}

std::string QueuesModel::expected_error(std::size_t who, const std::string& operation, const Json& input,
                                        std::int64_t now) const {
    const Queues& queues = owners_.at(who);
    if (operation == "CreateQueue") {
        Queue wanted{.attributes = value_or(input, "Attributes", std::map<std::string, std::string>())};
        const std::string dead_letters = wanted.dead_letters();
        if (!dead_letters.empty() && !queues.contains(dead_letters)) return "InvalidParameterValue";
        const auto present = queues.find(input.at("QueueName"));
        if (present == queues.end()) return {};
        static const std::map<std::string, std::string> presets{
            {"VisibilityTimeout", "30"}, {"DelaySeconds", "0"}, {"MessageRetentionPeriod", "345600"}};
        for (const auto& [name, value] : wanted.attributes) {
            auto mine = present->second.attributes.find(name);
            if (mine == present->second.attributes.end()) {
                mine = presets.find(name);
                if (mine == presets.end()) return "QueueNameExists";
            }
            if (mine->second != value) return "QueueNameExists";
        }
        return {};
    }
    const auto found = queues.find(queue_of_url(input));
    if (found == queues.end()) return "QueueDoesNotExist";
    const bool in_range =
        value_or(input, "DelaySeconds", 0) <= 900 && value_or(input, "MaxNumberOfMessages", 1) <= 10;
    if (!in_range) return "InvalidParameterValue";
    if (operation == "PurgeQueue")
        return found->second.purged && now - *found->second.purged < purge_pause ? "PurgeQueueInProgress"
                                                                                 : "";
    if (operation != "ChangeMessageVisibility") return {};
    Queue copy = found->second;
    const Message* message = holder(copy, input.at("ReceiptHandle"));
    if (message == nullptr) return "InvalidParameterValue";
    return message->visible <= now ? "MessageNotInflight" : "";
}

void QueuesModel::sent(Queue& queue, const Json& entry, const std::string& id, std::int64_t now) {
    const std::int64_t delay = value_or(entry, "DelaySeconds", queue.number("DelaySeconds", 0));
    queue.messages.push_back(
        {.id = id, .body = entry.at("MessageBody"), .sent = now, .visible = now + delay * 1000});
}

bool QueuesModel::take(std::size_t who, const std::string& queue, Message message, std::int64_t now) {
    const auto found = owners_.at(who).find(queue);
    if (found == owners_.at(who).end()) return false;
    message.sent = now;
    message.visible = now + found->second.number("DelaySeconds", 0) * 1000;
    found->second.messages.push_back(std::move(message));
    return true;
}

/// I19: exactly the oldest visible messages come, but those that were received too often, which move.
void QueuesModel::received(std::size_t who, const std::string& name, const Json& input, const Json& output,
                           std::int64_t now) {
    Queue& queue = owners_.at(who).at(name);
    const Json told = value_or(output, "Messages", Json::array());
    const auto count_max = value_or<std::size_t>(input, "MaxNumberOfMessages", 1);
    const std::int64_t visibility =
        value_or(input, "VisibilityTimeout", queue.number("VisibilityTimeout", 30)) * 1000;
    const std::string dead_letters = queue.dead_letters();
    const bool moves = !dead_letters.empty() && owners_.at(who).contains(dead_letters);
    std::vector<Message> kept;
    std::vector<Message> moved;
    std::size_t at = 0;
    for (Message& message : queue.messages) {
        if (message.visible > now || at == count_max) {
            kept.push_back(std::move(message));
        } else if (message.sent <= now - queue.retention_ms()) {
            continue;
        } else if (moves && message.receives >= queue.receives_max()) {
            message.handle.clear();
            moved.push_back(std::move(message));
        } else {
            const bool same = at < told.size() && same_body(body_of(told[at], message), message.body) &&
                              (message.id.empty() || told[at].at("MessageId") == message.id);
            demand(same, "I19", [&] {
                return fmt::format("{} does not give out the message '{}', but {}", name, message.body,
                                   to_text(told));
            });
            message.id = told[at].at("MessageId");
            message.handle = told[at].at("ReceiptHandle");
            message.visible = now + visibility;
            ++message.receives;
            ++at;
            handles_[{who, name}].push_back(message.handle);
            kept.push_back(std::move(message));
        }
    }
    demand(at == told.size(), "I19",
           [&] { return fmt::format("{} gives out too much: {} of {}", name, at, to_text(told)); });
    queue.messages = std::move(kept);
    if (moved.empty()) return;
    auto& burial = owners_.at(who).at(dead_letters).messages;
    burial.insert(burial.end(), moved.begin(), moved.end());
}

void QueuesModel::accepted(std::size_t who, const std::string& operation, const Json& input,
                           const Json& output, std::int64_t now) {
    Queues& queues = owners_.at(who);
    if (operation == "CreateQueue") {
        const std::string name = input.at("QueueName");
        if (!queues.contains(name))
            queues[name].attributes = value_or(input, "Attributes", std::map<std::string, std::string>());
        return;
    }
    const std::string name = queue_of_url(input);
    Queue& queue = queues.at(name);
    if (operation == "DeleteQueue") {
        queues.erase(name);
    } else if (operation == "SetQueueAttributes") {
        for (const auto& [attribute, value] : input.at("Attributes").items())
            queue.attributes[attribute] = value;
    } else if (operation == "SendMessage") {
        sent(queue, input, output.at("MessageId"), now);
    } else if (operation == "SendMessageBatch") {
        for (std::size_t index = 0; index < input.at("Entries").size(); ++index)
            sent(queue, input.at("Entries")[index], output.at("Successful").at(index).at("MessageId"), now);
    } else if (operation == "ReceiveMessage") {
        received(who, name, input, output, now);
    } else if (operation == "PurgeQueue") {
        queue.messages.clear();
        queue.purged = now;
    } else if (Message* message = holder(queue, text_or_empty(input, "ReceiptHandle"))) {
        if (operation == "DeleteMessage")
            queue.messages.erase(queue.messages.begin() + (message - queue.messages.data()));
        else
            message->visible = now + input.at("VisibilityTimeout").get<std::int64_t>() * 1000;
    }
}

void check_queues(Stage& stage, const QueuesModel& model, std::size_t who, std::uint64_t luck) {
    const std::int64_t now = stage.now();
    std::vector<std::string> urls;
    for (const auto& [name, queue] : model.queues(who)) {
        urls.push_back(fmt::format("http://127.0.0.1:4566/{}/{}", owner_at(who).account, name));
        std::array<int, 3> counts{};
        for (const Message& message : queue.messages) {
            if (message.sent <= now - queue.retention_ms()) continue;
            ++counts.at(message.visible <= now ? 0 : message.receives > 0 ? 1 : 2);
        }
        const Json told = stage
                              .ask(who, "sqs", "GetQueueAttributes",
                                   {{"QueueUrl", urls.back()}, {"AttributeNames", Json::array({"All"})}})
                              .at("Attributes");
        const bool same = told.at("ApproximateNumberOfMessages") == std::to_string(counts[0]) &&
                          told.at("ApproximateNumberOfMessagesNotVisible") == std::to_string(counts[1]) &&
                          told.at("ApproximateNumberOfMessagesDelayed") == std::to_string(counts[2]);
        demand(same, "I19", [&] {
            return fmt::format("{} holds {} visible, {} in flight, {} delayed, and tells {}", name, counts[0],
                               counts[1], counts[2], to_text(told));
        });
        for (const auto& [attribute, value] : queue.attributes) {
            demand(told.at(attribute) == value, "I24",
                   [&] { return fmt::format("{} of {} is told as {}", attribute, name, to_text(told)); });
        }
    }
    const Json told = all_pages(stage, who, {"sqs", "ListQueues", "QueueUrls", "NextToken"},
                                {{"MaxResults", luck % 3 + 1}});
    demand(told == Json(urls), "I4", [&] { return "the queues are told as " + to_text(told); });
}

}  // namespace rockwatch::simulation
