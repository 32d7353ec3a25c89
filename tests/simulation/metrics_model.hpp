#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stage.hpp"

namespace rockwatch::simulation {

/// Count, sum and bounds of observations.
struct Totals {
    double count = 0;
    double sum = 0;
    double minimum = 0;
    double maximum = 0;

    void add(const Totals& other);
    /// By CloudWatch's name.
    double statistic(const std::string& name) const;
};

/// Every sample that a metric got, by minute.
class MetricsModel {
public:
    struct Key {
        std::size_t who;
        std::string metric_namespace;
        std::string name;
        std::string dimension;  ///< `Name=Value`, or empty
        std::string unit = "None";
        auto operator<=>(const Key&) const = default;
    };
    using Minutes = std::map<std::int64_t, std::vector<Totals>>;

    std::string expected_error(const std::string& operation, const Json& input, std::int64_t now) const;
    void accepted(std::size_t who, const std::string& operation, const Json& input, std::int64_t now);
    void add(const Key& key, std::int64_t at, const Totals& totals);
    /// What fell into [from, to); nullopt: nothing.
    std::optional<Totals> between(const Key& key, std::int64_t from, std::int64_t to) const;
    void reset() { metrics_.clear(); }

    const std::map<Key, Minutes>& metrics() const { return metrics_; }

private:
    std::map<Key, Minutes> metrics_;
};

/// I9, I10: every statistic of every metric, for periods of one, five and sixty minutes.
void check_metrics(Stage& stage, const MetricsModel& model, std::uint64_t luck);

}  // namespace rockwatch::simulation
