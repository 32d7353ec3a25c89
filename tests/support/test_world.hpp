#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "deliveries/sender.hpp"
#include "protocol/message.hpp"
#include "world/world.hpp"

namespace rockwatch {

/// Records what would have left the machine, and answers 200, or what a test says.
class RecordingSender : public deliveries::Sender {
public:
    deliveries::SendResult send(const deliveries::OutgoingPost& post) override;

    std::vector<deliveries::OutgoingPost> sent;
    deliveries::SendResult answer{.status = 200};
};

/// A whole emulator in memory, on one thread, with a frozen clock in the test's hand.
class TestWorld {
public:
    explicit TestWorld(std::string_view now = "2026-01-01T00:00:00Z", WorldOptions options = {});

    /// An AWS operation, through validation and the service, as account 000000000000 in us-east-1.
    Json call(std::string_view service, std::string_view operation, const Json& input = Json::object());

    /// A request on the wire, and its answer.
    HttpReply http(std::string method, std::string target, Headers headers = {}, std::string body = {});

    void put_metric(std::string_view metric_namespace, std::string_view metric, double value);
    Happened advance(Milliseconds by) { return world.advance(world.clock().now() + by); }
    std::string alarm_state(std::string_view name);

    RecordingSender sender;
    World world;
};

}  // namespace rockwatch
