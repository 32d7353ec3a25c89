#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "network.hpp"
#include "queues_model.hpp"
#include "stage.hpp"

namespace rockwatch::simulation {

/// SNS topics, and everything that leaves the emulator through them.
class TopicsModel {
public:
    struct Subscription {
        std::string arn;
        std::string protocol;
        std::string endpoint;
        std::string filter;  ///< the one value of the attribute `kind` that it takes; empty: all
        bool raw = false;
    };
    using Topics = std::map<std::string, std::vector<Subscription>>;

    struct Delivery {
        std::string source;
        std::string target;
        std::string status;
        int attempts = 0;
        std::int64_t next = 0;  ///< while pending
        std::string type;       ///< of a POST
    };

    explicit TopicsModel(QueuesModel& queues) : queues_(queues) {}

    std::string expected_error(std::size_t who, const std::string& operation, const Json& input) const;
    void accepted(std::size_t who, const std::string& operation, const Json& input, const Json& output,
                  std::int64_t now);

    struct Published {
        std::string text;
        std::string kind;  ///< of the message attribute; empty: none
        std::string source = "sns";
    };
    /// False when there is no such topic.
    bool publish(std::size_t who, const std::string& topic, const Published& message, std::int64_t now);

    /// Makes every attempt that is due by `now`; none is made before `running_since`, when the agenda began
    /// to run.
    void run_until(std::int64_t running_since, std::int64_t now);
    void forget_deliveries() { deliveries_.clear(); }
    void reset() { owners_ = {}; }

    const Topics& topics(std::size_t who) const { return owners_.at(who); }
    /// The ARN of the owner's subscription of that number, counted round; ended ones too.
    std::optional<std::string> subscription(std::size_t who, std::size_t number) const;

    const std::vector<Delivery>& deliveries() const { return deliveries_; }
    /// What must have reached the network: time, URL, type.
    const std::vector<Arrival>& arrivals() const { return arrivals_; }

private:
    void deliver(std::size_t who, const Subscription& to, const Published& message, std::int64_t now);
    void post(const std::string& source, const std::string& url, const std::string& type, std::int64_t now);
    void subscribe(std::size_t who, const Json& input, const std::string& arn, std::int64_t now);
    void unsubscribe(std::size_t who, const std::string& arn, std::int64_t now);

    QueuesModel& queues_;
    std::array<Topics, owner_count> owners_;
    std::array<std::vector<std::string>, owner_count> given_out_;
    std::vector<Delivery> deliveries_;
    std::vector<Arrival> arrivals_;
};

std::string topic_arn(std::size_t who, const std::string& topic);

/// I4, I16, I18, I24.
void check_topics(Stage& stage, const TopicsModel& model);

}  // namespace rockwatch::simulation
