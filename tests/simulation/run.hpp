#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "alarms_model.hpp"
#include "logs_model.hpp"
#include "metrics_model.hpp"
#include "queues_model.hpp"
#include "runtime_model.hpp"
#include "stage.hpp"
#include "step.hpp"
#include "topics_model.hpp"

namespace rockwatch::simulation {

/// How often what happened: a story in which nothing happens proves nothing.
using Tally = std::map<std::string, std::uint64_t>;

struct RunOptions {
    std::uint64_t seed = 0;
    Durability durability = Durability::process;
    /// Every so many steps everything is compared with the model; 0: never, the run is somebody's twin.
    std::size_t check_every = 0;
    /// An advance is made in up to so many parts (I15).
    std::uint64_t advance_parts = 1;
    /// Only this owner's calls are made (I22).
    std::optional<std::size_t> only;
    /// Hears of each step before it is made.
    std::function<void(std::size_t number, const Step&)> on_step;
    Tally* tally = nullptr;  ///< counts with it
};

/// Plays steps in one world beside its model. Throws Violation.
class Run {
public:
    explicit Run(RunOptions options);

    void play(const Steps& steps);

    Stage& stage() { return stage_; }
    /// What each owner's calls were answered, without what is drawn by chance: I22 compares these.
    const std::string& answers(std::size_t who) const { return answers_.at(who); }

private:
    void make(const Step& step);
    void call(const Step& step);
    void serve(const Step& step, const Json& input);
    void invoke(const Step& step, const Json& input);
    void serve_on_failing_disk(const Step& step, const Json& input);
    void serve_and_crash(const Step& step, const Json& input);
    void end_doubt();
    void move_clock(const Step& step);
    void evaluate();
    void change_rules(const Step& step);
    void change_quotas(const Step& step);
    void reset(const Step& step);
    void reset_scope(const std::string& scope);
    void crash(const Step& step);
    void check();
    void tell(const std::string& what);
    void tell_end();

    std::optional<Json> filled_in(const Step& step) const;
    std::string expected_error(const Step& step, const Json& input) const;
    void accepted(const Step& step, const Json& input, const Json& output);
    void note_ids(const Outcome& outcome);
    void note_new_id(const std::string& id);
    void note_answer(const Step& step, const Outcome& outcome);
    std::string expected_role_error(const Step& step, const Json& input) const;

    RunOptions options_;
    Stage stage_;
    LogsModel logs_;
    QueuesModel queues_;
    MetricsModel metrics_;
    TopicsModel topics_{queues_};
    AlarmsModel alarms_{metrics_, topics_};
    RuntimeModel runtime_{logs_, metrics_};
    std::map<std::string, std::set<std::string>> roles_;  // account -> names
    std::set<std::string> ids_;
    std::map<std::uint64_t, std::string> told_through_doors_;
    std::array<std::string, owner_count> answers_;
    bool may_be_in_log_ = false;  ///< a call that was refused, for its commit failed
    std::uint64_t checks_ = 0;
};

}  // namespace rockwatch::simulation
