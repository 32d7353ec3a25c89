#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/agenda.hpp"
#include "core/clock.hpp"
#include "core/text_time.hpp"
#include "services/cloudwatch/service.hpp"
#include "storage/storage.hpp"

namespace rockwatch::cloudwatch {

/// Keeps what alarms publish; refuses topics named ...:broken.
class RecordingPublisher : public Publisher {
public:
    std::vector<Notification> notifications;

    std::optional<std::string> publish(Database& /*database*/, const Owner& /*owner*/,
                                       const Notification& notification, Instant /*now*/) override {
        if (notification.topic_arn.ends_with(":broken")) return "CloudWatch Alarms is not authorized";
        notifications.push_back(notification);
        return std::nullopt;
    }
};

/// Keeps what alarms do beside publishing.
class RecordingActions : public ActionSink {
public:
    std::vector<AlarmAction> taken;
    void act(Database& /*database*/, const Owner& /*owner*/, const AlarmAction& action,
             Instant /*now*/) override {
        taken.push_back(action);
    }
};

class RecordingListener : public AlarmListener {
public:
    std::vector<AlarmTransition> transitions;
    void changed(const AlarmTransition& transition) override { transitions.push_back(transition); }
};

/// An error's code and message.
struct Refusal {
    std::string code;
    std::string message;
    bool operator==(const Refusal&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Refusal& refusal) {
    return out << refusal.code << ": " << refusal.message;
}

/// CloudWatch by itself, on one thread, with its clock in our hand.
struct Bench {
    explicit Bench(const std::string& now = "2026-01-01T00:00:00Z", const std::string& path = ":memory:")
        : all_migrations{migrations()},
          storage({.path = path, .writer_thread = false}, all_migrations),
          cloudwatch(storage, agenda, clock, publisher, actions, listener) {
        clock.set(ClockMode::frozen, *parse_iso(now));
        cloudwatch.start();
    }

    Json call(const std::string& operation, const Json& input) {
        if (cloudwatch.access(operation) == Access::read) {
            const auto lease = storage.read();
            return cloudwatch.call(operation, *lease, clock.now(), caller, input);
        }
        return storage.write([&](Database& database) {
            return cloudwatch.call(operation, database, clock.now(), caller, input);
        });
    }

    Refusal refusal(const std::string& operation, const Json& input) {
        try {
            call(operation, input);
        } catch (const ServiceError& error) {
            return {error.code, error.message};
        }
        return {"none", "the call was accepted"};
    }

    void advance(Milliseconds duration) {
        const Instant until = clock.now() + duration;
        agenda.run_until(until, clock);
        clock.advance_to(until);
    }

    void put_value(double value, const std::string& name = "Latency", const std::string& at = "") {
        Json datum{{"MetricName", name}, {"Value", value}};
        if (!at.empty()) datum["Timestamp"] = epoch_ms(*parse_iso(at));
        call("PutMetricData", {{"Namespace", "Test"}, {"MetricData", Json::array({datum})}});
    }

    Json alarm(const std::string& name) {
        return call("DescribeAlarms", {{"AlarmNames", {name}}})["MetricAlarms"].at(0);
    }
    std::string state(const std::string& name) { return alarm(name)["StateValue"]; }

    Caller caller{{.account = "123456789012", .region = "us-east-1"}};
    std::vector<Migrations> all_migrations;
    Storage storage;
    Agenda agenda;
    Instant wall = *parse_iso("2026-01-01T00:00:00Z");  ///< what a clock that runs gets its pace from
    VirtualClock clock{[this] { return wall; }};
    RecordingPublisher publisher;
    RecordingActions actions;
    RecordingListener listener;
    CloudWatch cloudwatch;
};

inline std::int64_t ms(const std::string& iso) { return epoch_ms(*parse_iso(iso)); }

/// A valid alarm on Test/Latency: Average over one minute, once, above 10.
inline Json alarm_input(const std::string& name, const Json& changes = Json::object()) {
    Json input{{"AlarmName", name},
               {"Namespace", "Test"},
               {"MetricName", "Latency"},
               {"Statistic", "Average"},
               {"Period", 60},
               {"EvaluationPeriods", 1},
               {"Threshold", 10.0},
               {"ComparisonOperator", "GreaterThanThreshold"}};
    input.update(changes);
    for (auto member = input.begin(); member != input.end();) {
        member = member->is_null() ? input.erase(member) : std::next(member);
    }
    return input;
}

}  // namespace rockwatch::cloudwatch
