#include "deliveries/delivery.hpp"

#include <chrono>

#include "core/text.hpp"
#include "core/text_time.hpp"

namespace rockwatch::deliveries {

std::string_view status_text(Status status) {
    switch (status) {
        case Status::pending:
            return "pending";
        case Status::delivered:
            return "delivered";
        case Status::failed:
            return "failed";
        case Status::captured:
            return "captured";
    }
    return "failed";
}

std::vector<Milliseconds> default_retry_waits() {
    using namespace std::chrono_literals;
    return {20s, 20s, 20s};
}

Status judge(const SendResult& result) {
    if (result.error.empty()) return Status::delivered;
    if (result.refused) return Status::failed;
    const bool final_answer = result.status >= 300 && result.status < 500 && result.status != 429;
    return final_answer ? Status::failed : Status::pending;
}

const Destination* find_destination(const std::vector<Destination>& destinations, std::string_view target) {
    for (const auto& destination : destinations) {
        if (destination.arn == target || glob_matches(destination.arn, target)) return &destination;
    }
    return nullptr;
}

namespace {

/// A document is shown as one; a number or a word that happens to be JSON stays the text that was sent.
Json payload_json(const std::string& payload) {
    const auto first = payload.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || (payload[first] != '{' && payload[first] != '[')) return payload;
    auto parsed = parse_json(payload);
    return parsed ? std::move(*parsed) : Json(payload);
}

}  // namespace

Json to_json(const Delivery& delivery) {
    Json json{{"id", delivery.id},
              {"time", iso_ms(delivery.time)},
              {"source", delivery.source},
              {"target", delivery.target},
              {"protocol", delivery.protocol},
              {"status", status_text(delivery.status)},
              {"attempts", delivery.attempts},
              {"payload", payload_json(delivery.payload)},
              {"error", delivery.error.empty() ? Json(nullptr) : Json(delivery.error)}};
    if (!delivery.topic.empty()) json["topic"] = delivery.topic;
    if (delivery.http_status != 0) json["httpStatus"] = delivery.http_status;
    if (delivery.next_attempt) json["nextAttempt"] = iso_ms(*delivery.next_attempt);
    return json;
}

}  // namespace rockwatch::deliveries
