#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/text_time.hpp"
#include "deliveries/recording_sender.hpp"
#include "services/sns/service.hpp"
#include "support/catch.hpp"

namespace rockwatch::sns {

/// Queues by their ARN, without SQS.
class RecordingQueues : public QueueSink {
public:
    struct Sent {
        std::string arn;
        std::string body;
        Json attributes;
    };
    bool send(Database& /*database*/, std::string_view arn, const std::string& body, const Json& attributes,
              Instant /*now*/) override {
        if (arn.ends_with(":none")) return false;
        sent.push_back({std::string(arn), body, attributes});
        return true;
    }
    std::vector<Sent> sent;
};

/// SNS with an outbox, recorded queues and a recorded network; a frozen clock in our hand.
struct TopicRoom {
    explicit TopicRoom(const std::string& path = ":memory:")
        : storage({.path = path, .writer_thread = false},
                  std::vector{migrations(), deliveries::migrations()}),
          outbox(storage, agenda, clock, sender, {.threads = 0}),
          service(storage, clock, random, queues, outbox, {.base_url = "http://127.0.0.1:4566"}) {
        clock.set(ClockMode::frozen, *parse_iso("2026-01-01T00:00:00Z"));
        caller.account = "111122223333";
        caller.region = "us-east-1";
        caller.access_key = "test";
    }

    Json call(const std::string& operation, const Json& input) {
        if (service.access(operation) == Access::write) {
            return storage.write([&](Database& database) {
                return service.call(operation, database, clock.now(), caller, input);
            });
        }
        const auto lease = storage.read();
        return service.call(operation, *lease, clock.now(), caller, input);
    }
    std::string make_topic(const std::string& name = "oncall", const Json& attributes = Json::object()) {
        return call("CreateTopic", {{"Name", name}, {"Attributes", attributes}}).at("TopicArn");
    }
    std::string subscribe(const std::string& topic, const std::string& protocol, const std::string& endpoint,
                          const Json& attributes = Json::object()) {
        return call("Subscribe", {{"TopicArn", topic},
                                  {"Protocol", protocol},
                                  {"Endpoint", endpoint},
                                  {"Attributes", attributes}})
            .at("SubscriptionArn");
    }
    Json publish(const std::string& topic, const std::string& message, Json more = Json::object()) {
        more["TopicArn"] = topic;
        more["Message"] = message;
        return call("Publish", more);
    }
    void advance(Milliseconds by) {
        const Instant to = clock.now() + by;
        agenda.run_until(to, clock);
        clock.advance_to(to);
    }
    Json deliveries_list(const deliveries::DeliveryFilter& filter = {}) {
        const auto lease = storage.read();
        return outbox.list(*lease, filter).at("deliveries");
    }
    std::string refusal(const std::string& operation, const Json& input) {
        try {
            call(operation, input);
            return "";
        } catch (const ServiceError& error) {
            return error.code + ": " + error.message;
        }
    }

    VirtualClock clock;
    Agenda agenda;
    Random random{1};
    Storage storage;
    deliveries::RecordingSender sender;
    deliveries::Outbox outbox;
    RecordingQueues queues;
    Sns service;
    Caller caller;
};

inline std::vector<std::string> keys_in_order(const std::string& text) {
    std::vector<std::string> keys;
    const auto parsed = OrderedJson::parse(text);
    for (const auto& [key, value] : parsed.items()) keys.push_back(key);
    return keys;
}

}  // namespace rockwatch::sns
