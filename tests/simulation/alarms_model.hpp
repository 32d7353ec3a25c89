#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics_model.hpp"
#include "topics_model.hpp"

namespace rockwatch::simulation {

/// One alarm over one metric without dimensions.
struct PlainAlarm {
    std::string metric;
    std::string unit;
    std::string statistic;
    std::int64_t period_ms = 60'000;
    int evaluation_periods = 1;
    int datapoints_to_alarm = 1;
    double threshold = 0;
    std::string comparison;
    std::string treat_missing_data = "missing";
    bool actions_enabled = true;
    std::map<std::string, std::vector<std::string>> actions;  ///< state -> topics
    std::string state = "INSUFFICIENT_DATA";
};

/// The second reference of I13, written from facts/cloudwatch.md 6.3: `points` oldest first, empty where
/// there is no datum.
std::string plainly_judged(const PlainAlarm& alarm, const std::vector<std::optional<double>>& points);

/// Metric alarms, their states, actions and history.
class AlarmsModel {
public:
    using Alarms = std::map<std::string, PlainAlarm>;
    struct Item {
        std::int64_t at;
        std::string type;  ///< StateUpdate, Action
        std::string text;  ///< how the summary begins
    };
    using History = std::map<std::string, std::vector<Item>>;

    AlarmsModel(const MetricsModel& metrics, TopicsModel& topics) : metrics_(metrics), topics_(topics) {}

    std::string expected_error(std::size_t who, const std::string& operation, const Json& input) const;
    void accepted(std::size_t who, const std::string& operation, const Json& input, std::int64_t now);
    /// Every alarm is judged at `now`.
    void evaluate(std::int64_t now);
    /// At every whole minute in (from, to].
    void evaluate_between(std::int64_t from, std::int64_t to);
    void reset();

    const Alarms& alarms(std::size_t who) const { return owners_.at(who); }
    const History& history(std::size_t who) const { return histories_.at(who); }
    /// From, to, at of every change, in order: what advance answers.
    const std::vector<std::string>& transitions() const { return transitions_; }

private:
    void change(std::size_t who, const std::string& name, const std::string& to, std::int64_t now);
    void act(std::size_t who, const std::string& name, std::int64_t now);
    std::vector<std::optional<double>> points(std::size_t who, const PlainAlarm& alarm,
                                              std::int64_t now) const;

    const MetricsModel& metrics_;
    TopicsModel& topics_;
    std::array<Alarms, owner_count> owners_;
    std::array<History, owner_count> histories_;
    std::vector<std::string> transitions_;
};

std::string transition_text(const std::string& name, const std::string& from, const std::string& to,
                            std::int64_t at);

/// I13, I14.
void check_alarms(Stage& stage, const AlarmsModel& model, std::size_t who, std::uint64_t luck);

}  // namespace rockwatch::simulation
