#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "logs_model.hpp"
#include "metrics_model.hpp"
#include "quota_model.hpp"
#include "stage.hpp"

namespace rockwatch::simulation {

/// Rules, quotas, the logging configuration, and what each invocation leaves behind.
class RuntimeModel {
public:
    RuntimeModel(LogsModel& logs, MetricsModel& metrics) : logs_(logs), metrics_(metrics) {}

    void add_rule(const Json& rule) { rules_.insert(rules_.begin(), {rule}); }
    bool has_rule(const std::string& id) const;
    void remove_rule(const std::string& id);
    /// A reset of rules empties the quotas, too.
    void clear_rules();
    QuotaModel& quotas() { return quotas_; }
    const QuotaModel& quotas() const { return quotas_; }
    /// Counts of calls live in the process's memory alone.
    void restarted();

    std::string expected_config_error(std::size_t who, const std::string& operation, const Json& input) const;
    void config_accepted(std::size_t who, const std::string& operation, const Json& input, std::int64_t now);
    void reset_config() { log_groups_ = {}; }

    /// What quotas and rules say of one call.
    struct Decision {
        QuotaModel::Ruling quotas;
        std::string error;
        bool within_stream = false;
        bool is_paced = false;  ///< a rule says how a stream comes, and so how long it takes
        std::optional<std::string> text;
        std::optional<std::int64_t> latency_ms;
    };
    Decision decide(std::size_t who, const std::string& operation, const Json& input, std::int64_t now);

    /// A finished call: checks it against the decision (I10, I12, I25), and expects its traces (I11).
    void finished(std::size_t who, const std::string& operation, const Json& input, const Outcome& outcome,
                  const Decision& decision, std::int64_t now);

    struct Invocation {
        std::size_t who;
        std::string group;
        std::string request_id;
        std::string operation;
        std::string error;
        std::int64_t latency_ms;
        std::int64_t input_tokens;
        std::int64_t output_tokens;
    };
    const std::vector<Invocation>& logged() const { return logged_; }
    const std::array<std::string, owner_count>& log_groups() const { return log_groups_; }

private:
    struct Kept {
        Json rule;
        std::int64_t calls = 0;
    };

    Decision decide_by_rules(std::size_t who, const std::string& operation, const Json& input);
    void count(std::size_t who, const std::string& model, const std::string& metric, const std::string& unit,
               double value, std::int64_t now);
    void count_failure(std::size_t who, const std::string& model, const std::string& error, std::int64_t now);

    LogsModel& logs_;
    MetricsModel& metrics_;
    QuotaModel quotas_;
    std::vector<Kept> rules_;  // matching order
    std::array<std::string, owner_count> log_groups_;
    std::vector<Invocation> logged_;
};

/// What was answered, through whatever door: the text and the tokens.
struct Told {
    std::string text;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
};
Told told_by(const std::string& operation, const Json& output);

std::string prompt_of(const Json& input);

/// I11: the records in the log groups tell what answers and metrics told.
void check_records(Stage& stage, const RuntimeModel& model, const LogsModel& logs);
/// I10, I25: no call has moved another metric than those the model has for it.
void check_figures(Stage& stage, const MetricsModel& metrics);
/// The logging configurations, the rules and the quotas as they are told (I24, I21).
void check_settings(Stage& stage, const RuntimeModel& model);

}  // namespace rockwatch::simulation
