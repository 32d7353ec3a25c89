#include <fmt/format.h>

#include <utility>

#include "run.hpp"
#include "violation.hpp"

/// Calls during which the disk fails or the power goes.
namespace rockwatch::simulation {

namespace {

constexpr const char* not_taken = "ServiceUnavailable";

std::map<std::string, std::string> files_of(const test::MemoryDisk& disk) {
    std::map<std::string, std::string> files;
    for (const std::string& name : disk.files()) files[name] = disk.read(name);
    return files;
}

Outcome call_as(Stage& stage, const Step& step, const Json& input) {
    return stage.call(step.at("who"), step.at("service"), step.at("operation"), input);
}

/// What this one call answers and leaves in the database, when another world makes it from the same files.
struct Alone {
    Json output;
    std::string dump;
};

Alone made_alone(const RunOptions& options, const Step& step, const Json& input,
                 const std::map<std::string, std::string>& files) {
    Stage other(options.seed, options.durability, files);
    Outcome outcome = call_as(other, step, input);
    return {std::move(outcome.output), other.dump()};
}

/// The power goes, or the process: at a point of I/O, or when the call's commit has come so far.
void set_end(test::MemoryDisk& disk, Durability durability, const Json& fault) {
    const bool cuts = durability == Durability::power;
    if (fault.contains("commit")) {
        // Without a sync there is no other moment after the writing.
        const auto point =
            cuts && fault.at("commit") == "synced" ? test::CommitPoint::synced : test::CommitPoint::written;
        cuts ? disk.cut_at_commit(point, fault.at("luck")) : disk.kill_at_commit(point);
    } else {
        cuts ? disk.cut_after(fault.at("after"), fault.at("luck")) : disk.kill_after(fault.at("after"));
    }
}

}  // namespace

/// I2: a call that could not be stored says so and has changed nothing; the next ones are served again.
void Run::serve_on_failing_disk(const Step& step, const Json& input) {
    const std::string expected = expected_error(step, input);
    const std::string before = stage_.dump();
    stage_.disk().fail({.after = step.at("fault").at("after")});
    const Outcome outcome = call_as(stage_, step, input);
    const bool has_failed = stage_.disk().has_failed();
    stage_.disk().heal();
    note_new_id(outcome.request_id);
    tell(has_failed ? "disk failed: " + outcome.error : "disk did not fail");
    const bool refused = has_failed && outcome.error == not_taken;
    may_be_in_log_ = may_be_in_log_ || refused;
    demand(refused || outcome.error == expected, "answer", [&] {
        return fmt::format("on a failing disk {} was answered '{}', expected '{}'", to_text(step),
                           outcome.error, expected);
    });
    if (!refused && expected.empty()) {
        note_ids({.output = outcome.output, .request_id = outcome.request_id + " answered"});
        return accepted(step, input, outcome.output);
    }
    const std::string after = stage_.dump();
    demand(before == after, "I2", [&] {
        return fmt::format("{} was answered {} and changed something: {}", to_text(step), outcome.error,
                           first_difference(before, after));
    });
}

/// A commit whose sync or last write failed may yet stand in the log as a whole: a start after a crash would
/// find it, and no emulator could prevent that on a disk that failed. The next commit takes its place.
void Run::end_doubt() {
    if (!std::exchange(may_be_in_log_, false)) return;
    for (const char* operation : {"CreateLogGroup", "DeleteLogGroup"})
        stage_.ask(0, "logs", operation, {{"logGroupName", "ends-doubt"}});
}

/// I21: what was acknowledged is there; what was in doubt is there as a whole or not at all.
void Run::serve_and_crash(const Step& step, const Json& input) {
    end_doubt();
    const std::string expected = expected_error(step, input);
    const std::string before = stage_.dump();
    const auto files = files_of(stage_.disk());
    set_end(stage_.disk(), options_.durability, step.at("fault"));
    const Outcome outcome = call_as(stage_, step, input);
    note_new_id(outcome.request_id);
    if (!stage_.disk().is_off()) stage_.disk().kill();
    stage_.cut(0);
    runtime_.restarted();
    if (outcome.error.empty()) {
        tell("crash after the answer");
        accepted(step, input, outcome.output);
        return check();
    }
    demand(outcome.error == not_taken || outcome.error == expected, "answer", [&] {
        return fmt::format("{} was answered '{}' when the power went", to_text(step), outcome.error);
    });
    const std::string after = stage_.dump();
    tell(outcome.error != not_taken ? "crash in an error"
         : after == before          ? "in doubt, not done"
                                    : "in doubt, done");
    if (after == before) return;
    const Alone alone = made_alone(options_, step, input, files);
    demand(expected.empty() && after == alone.dump, "I21", [&] {
        return fmt::format("{} was in doubt and is there in part: {}", to_text(step),
                           first_difference(alone.dump, after));
    });
    accepted(step, input, alone.output);
    check();
}

}  // namespace rockwatch::simulation
