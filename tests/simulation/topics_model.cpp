#include "topics_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "paging.hpp"
#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

using Subscription = TopicsModel::Subscription;
using Delivery = TopicsModel::Delivery;

constexpr std::int64_t between_attempts = 20'000;
constexpr int attempts_max = 4;  // three retries

std::string last_part(const std::string& arn) { return arn.substr(arn.rfind(':') + 1); }

Subscription subscription_of(const Json& input, const std::string& arn) {
    Subscription made{.arn = arn, .protocol = input.at("Protocol"), .endpoint = input.at("Endpoint")};
    const Json attributes = value_or(input, "Attributes", Json::object());
    made.raw = text_or_empty(attributes, "RawMessageDelivery") == "true";
    if (attributes.contains("FilterPolicy")) {
        made.filter = Json::parse(attributes.at("FilterPolicy").get<std::string>()).at("kind").at(0);
    }
    return made;
}

const Subscription* same_endpoint(const std::vector<Subscription>& all, const Json& input) {
    const auto& protocol = input.at("Protocol").get_ref<const std::string&>();
    const auto& endpoint = input.at("Endpoint").get_ref<const std::string&>();
    for (const Subscription& one : all) {
        if (one.protocol == protocol && one.endpoint == endpoint) return &one;
    }
    return nullptr;
}

/// 2xx ends it, so does a 4xx; the rest is tried again.
std::string status_after(const deliveries::SendResult& result, int attempts) {
    if (result.status >= 200 && result.status < 300) return "delivered";
    const bool final_answer = result.status >= 300 && result.status < 500;
    return final_answer || attempts == attempts_max ? "failed" : "pending";
}

}  // namespace

std::string topic_arn(std::size_t who, const std::string& topic) {
    return fmt::format("arn:aws:sns:{}:{}:{}", owner_at(who).region, owner_at(who).account, topic);
}

std::optional<std::string> TopicsModel::subscription(std::size_t who, std::size_t number) const {
    const auto& all = given_out_.at(who);
    if (all.empty()) return std::nullopt;
    return all[number % all.size()];
}

std::string TopicsModel::expected_error(std::size_t who, const std::string& operation,
                                        const Json& input) const {
    if (operation == "CreateTopic")
        return text_or_empty(input, "Name").find(' ') == std::string::npos ? "" : "InvalidParameterException";
    if (operation == "DeleteTopic" || operation == "Unsubscribe") return {};
    if (operation == "Publish" && text_or_empty(input, "Message").empty()) return "InvalidParameterException";
    const auto topic = owners_.at(who).find(last_part(input.at("TopicArn")));
    if (topic == owners_.at(who).end()) return "NotFoundException";
    if (operation == "Publish") return {};
    const Subscription* present = same_endpoint(topic->second, input);
    if (present == nullptr) return {};
    const Subscription wanted = subscription_of(input, present->arn);
    const Json attributes = value_or(input, "Attributes", Json::object());
    const bool differs = (attributes.contains("FilterPolicy") && wanted.filter != present->filter) ||
                         (attributes.contains("RawMessageDelivery") && wanted.raw != present->raw);
    return differs ? "InvalidParameterException" : "";
}

void TopicsModel::post(const std::string& source, const std::string& url, const std::string& type,
                       std::int64_t now) {
    deliveries_.push_back({.source = source, .target = url, .status = "pending", .next = now, .type = type});
}

void TopicsModel::subscribe(std::size_t who, const Json& input, const std::string& arn, std::int64_t now) {
    auto& all = owners_.at(who).at(last_part(input.at("TopicArn")));
    if (const Subscription* present = same_endpoint(all, input)) {
        demand(present->arn == arn, "I24", [&] { return "subscribing twice makes " + arn; });
        return;
    }
    all.push_back(subscription_of(input, arn));
    given_out_.at(who).push_back(arn);
    if (all.back().protocol == "http") post("sns", all.back().endpoint, "SubscriptionConfirmation", now);
}

void TopicsModel::unsubscribe(std::size_t who, const std::string& arn, std::int64_t now) {
    for (auto& [name, all] : owners_.at(who)) {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const Subscription& one) { return one.arn == arn; });
        if (found == all.end()) continue;
        if (found->protocol == "http") post("sns", found->endpoint, "UnsubscribeConfirmation", now);
        all.erase(found);
        return;
    }
}

void TopicsModel::accepted(std::size_t who, const std::string& operation, const Json& input,
                           const Json& output, std::int64_t now) {
    if (operation == "CreateTopic") {
        owners_.at(who)[input.at("Name")];
    } else if (operation == "DeleteTopic") {
        owners_.at(who).erase(last_part(input.at("TopicArn")));
    } else if (operation == "Subscribe") {
        subscribe(who, input, output.at("SubscriptionArn"), now);
    } else if (operation == "Unsubscribe") {
        unsubscribe(who, input.at("SubscriptionArn"), now);
    } else if (operation == "Publish") {
        const Json attributes = value_or(input, "MessageAttributes", Json::object());
        publish(
            who, last_part(input.at("TopicArn")),
            {.text = input.at("Message"),
             .kind = attributes.contains("kind") ? text_or_empty(attributes.at("kind"), "StringValue") : ""},
            now);
    }
}

void TopicsModel::deliver(std::size_t who, const Subscription& to, const Published& message,
                          std::int64_t now) {
    if (to.protocol == "http") return post(message.source, to.endpoint, "Notification", now);
    const bool taken =
        queues_.take(who, last_part(to.endpoint), {.body = message.text, .enveloped = !to.raw}, now);
    deliveries_.push_back({.source = message.source,
                           .target = to.endpoint,
                           .status = taken ? "delivered" : "failed",
                           .attempts = 1});
}

bool TopicsModel::publish(std::size_t who, const std::string& topic, const Published& message,
                          std::int64_t now) {
    const auto found = owners_.at(who).find(topic);
    const bool exists = found != owners_.at(who).end();
    if (!exists || found->second.empty())
        deliveries_.push_back(
            {.source = message.source, .target = topic_arn(who, topic), .status = "captured"});
    if (!exists) return false;
    for (const Subscription& one : found->second) {
        if (one.filter.empty() || one.filter == message.kind) deliver(who, one, message, now);
    }
    return true;
}

void TopicsModel::run_until(std::int64_t running_since, std::int64_t now) {
    for (Delivery& delivery : deliveries_) {
        while (delivery.status == "pending" && delivery.next <= now) {
            const std::int64_t at = std::max(delivery.next, running_since);
            arrivals_.push_back({.at = at, .url = delivery.target, .type = delivery.type});
            ++delivery.attempts;
            delivery.status =
                status_after(scripted_result(delivery.target, delivery.attempts), delivery.attempts);
            delivery.next = at + between_attempts;
        }
    }
}

namespace {

void check_deliveries(Stage& stage, const TopicsModel& model) {
    const Json told =
        stage.world().outbox().list(*stage.world().storage().read(), {.limit = 100'000}).at("deliveries");
    const auto& expected = model.deliveries();
    for (std::size_t index = 0; index < std::max(told.size(), expected.size()); ++index) {
        const auto facts = [&] {
            std::string text = fmt::format("delivery {}: ", index);
            if (index < expected.size())
                text += fmt::format("{} to {} {} after {} attempts", expected[index].source,
                                    expected[index].target, expected[index].status, expected[index].attempts);
            return text + "\n  told " + (index < told.size() ? to_text(told[index]) : "none");
        };
        demand(index < told.size() && index < expected.size(), "I18", facts);
        const Delivery& one = expected[index];
        demand(told[index].at("target") == one.target && told[index].at("status") == one.status &&
                   told[index].at("attempts") == one.attempts && told[index].at("source") == one.source,
               "I18", facts);
    }
}

/// The same POSTs, each at its time.
void check_arrivals(Stage& stage, const TopicsModel& model) {
    std::vector<Arrival> expected = model.arrivals();
    std::vector<Arrival> told;
    std::int64_t latest = 0;
    for (const Arrival& arrival : stage.network().arrivals()) {
        demand(arrival.at >= latest, "I16", [&] {
            return fmt::format("a POST to {} at {}, after one at {}", arrival.url, arrival.at, latest);
        });
        latest = arrival.at;
        told.push_back({.at = arrival.at, .url = arrival.url, .type = arrival.type});
    }
    std::sort(expected.begin(), expected.end());
    std::sort(told.begin(), told.end());
    if (told == expected) return;
    const auto [a, b] = std::mismatch(told.begin(), told.end(), expected.begin(), expected.end());
    const auto text = [](auto at, auto end) {
        return at == end ? std::string("none") : fmt::format("{} {} {}", at->at, at->type, at->url);
    };
    throw Violation("I18",
                    fmt::format("POSTs: expected {}, came {}", text(b, expected.end()), text(a, told.end())));
}

}  // namespace

void check_topics(Stage& stage, const TopicsModel& model) {
    for (std::size_t who = 0; who < owner_count; ++who) {
        std::vector<std::string> arns;
        for (const auto& [name, subscriptions] : model.topics(who)) {
            arns.push_back(topic_arn(who, name));
            std::vector<std::string> own;
            for (const Subscription& one : subscriptions) own.push_back(one.arn);
            const Json told =
                all_pages(stage, who, {"sns", "ListSubscriptionsByTopic", "Subscriptions", "NextToken"},
                          {{"TopicArn", arns.back()}});
            demand(column(told, "SubscriptionArn") == own, "I24",
                   [&] { return fmt::format("the subscriptions of {}: {}", name, to_text(told)); });
        }
        const Json told = all_pages(stage, who, {"sns", "ListTopics", "Topics", "NextToken"}, Json::object());
        demand(column(told, "TopicArn") == arns, "I4",
               [&] { return fmt::format("the topics of owner {}: {}", who, to_text(told)); });
    }
    check_deliveries(stage, model);
    check_arrivals(stage, model);
}

}  // namespace rockwatch::simulation
