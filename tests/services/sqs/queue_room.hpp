#pragma once

#include <optional>
#include <string>

#include "core/text_time.hpp"
#include "services/sqs/service.hpp"
#include "support/catch.hpp"

namespace rockwatch::sqs {

/// SQS over a storage of its own, a frozen clock in our hand.
struct QueueRoom {
    explicit QueueRoom(const std::string& path = ":memory:", bool writer_thread = false)
        : storage({.path = path, .writer_thread = writer_thread}, std::vector{migrations()}),
          service(storage, clock, random) {
        clock.set(ClockMode::frozen, *parse_iso("2026-01-01T00:00:00Z"));
        caller.account = "111122223333";
        caller.region = "us-east-1";
        caller.base_url = "http://localhost:4566";
    }

    /// As the gateway calls, without the wire.
    Json call(const std::string& operation, const Json& input) {
        if (service.access(operation) == Access::write) {
            return storage.write([&](Database& database) {
                return service.call(operation, database, clock.now(), caller, input);
            });
        }
        const auto lease = storage.read();
        return service.call(operation, *lease, clock.now(), caller, input);
    }

    std::string make_queue(const std::string& name, const Json& attributes = Json::object()) {
        return call("CreateQueue", {{"QueueName", name}, {"Attributes", attributes}}).at("QueueUrl");
    }
    std::string send(const std::string& url, const std::string& body) {
        return call("SendMessage", {{"QueueUrl", url}, {"MessageBody", body}}).at("MessageId");
    }
    Json receive(const std::string& url, Json more = Json::object()) {
        more["QueueUrl"] = url;
        return value_or(call("ReceiveMessage", more), "Messages", Json::array());
    }
    std::string attribute(const std::string& url, const std::string& name) {
        return call("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {name}}})
            .at("Attributes")
            .at(name);
    }
    void pass(Milliseconds time) { clock.advance_to(clock.now() + time); }

    /// "Code: message"; "" when the call is taken.
    std::string refusal(const std::string& operation, const Json& input) {
        try {
            call(operation, input);
            return "";
        } catch (const ServiceError& error) {
            return error.code + ": " + error.message;
        }
    }

    VirtualClock clock;
    Random random{1};
    Storage storage;
    Sqs service;
    Caller caller;
};

}  // namespace rockwatch::sqs
