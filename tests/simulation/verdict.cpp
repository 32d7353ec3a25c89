#include "verdict.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

constexpr std::size_t check_every = 25;

RunOptions options_of(std::uint64_t seed) {
    return {.seed = seed, .durability = seed / 4 % 2 == 0 ? Durability::power : Durability::process};
}

void demand_same(const std::string& left, const std::string& right, const char* invariant, const char* what) {
    demand(left == right, invariant,
           [&] { return fmt::format("{} differ: {}", what, first_difference(left, right)); });
}

/// I23 and, with an advance in parts, I15.
void compare_with_twin(Run& run, const Steps& steps, RunOptions options) {
    const char* invariant = options.advance_parts > 1 ? "I15" : "I23";
    Run twin(std::move(options));
    twin.play(steps);
    demand_same(run.stage().transcript(), twin.stage().transcript(), invariant, "answers and journals");
    demand_same(run.stage().dump(), twin.stage().dump(), invariant, "databases");
    demand(run.stage().network().arrivals() == twin.stage().network().arrivals(), invariant,
           [] { return "the POSTs differ"; });
}

/// I22.
void compare_with_solo(const Run& run, const Steps& steps, RunOptions options, std::size_t who) {
    options.only = who;
    Run solo(std::move(options));
    solo.play(steps);
    demand_same(run.answers(who), solo.answers(who), "I22", "answers to one owner");
}

void play(std::uint64_t seed, const Steps& steps, const Listening& listening, std::size_t& at) {
    RunOptions options = options_of(seed);
    options.check_every = check_every;
    options.tally = listening.tally;
    options.on_step = [&](std::size_t number, const Step& step) {
        at = number;
        if (listening.prints_steps) std::printf("%4zu %s\n", number, step_text(step).c_str());
    };
    Run run(std::move(options));
    run.play(steps);
    at = steps.size();
    RunOptions twin = options_of(seed);
    switch (seed % 4) {
        case 0:
            return compare_with_twin(run, steps, twin);
        case 1:
            twin.advance_parts = 5;
            return compare_with_twin(run, steps, twin);
        case 2:
            return compare_with_solo(run, steps, twin, seed / 4 % owner_count);
        default:
            return;
    }
}

}  // namespace

Theme theme_of(std::uint64_t seed) {
    if (seed % 4 == 2) return Theme::isolated;
    // Its own checks read pages that a twin would not: what a disk does at its nth point is no twin's matter.
    return seed % 4 == 3 ? Theme::faulty : Theme::everything;
}

std::optional<Failure> judge(std::uint64_t seed, const Steps& steps, const Listening& listening) {
    std::size_t at = 0;
    try {
        play(seed, steps, listening, at);
        return std::nullopt;
    } catch (const Violation& violation) {
        return Failure{at, violation.invariant, violation.what()};
    } catch (const std::exception& error) {
        return Failure{at, "exception", error.what()};
    }
}

Steps shrunk(std::uint64_t seed, Steps steps, const Failure& failure) {
    if (failure.step + 1 < steps.size()) steps.resize(failure.step + 1);
    const auto still_fails = [&](const Steps& fewer) {
        const auto again = judge(seed, fewer);
        return again && again->invariant == failure.invariant;
    };
    if (!still_fails(steps)) return {};  // what fails comes at a check later on
    for (std::size_t length = steps.size() / 2; length > 0; length /= 2) {
        for (std::size_t from = 0; from + length <= steps.size();) {
            Steps fewer = steps;
            const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(from);
            fewer.erase(first, first + static_cast<std::ptrdiff_t>(length));
            if (still_fails(fewer))
                steps = std::move(fewer);
            else
                from += length;
        }
    }
    return steps;
}

std::string report(std::uint64_t seed, std::size_t count, const Steps& steps, const Failure& failure) {
    std::string text = fmt::format(
        "seed {} fails at step {}: {}\nplay it again: ROCKWATCH_SIM_SEED={} ROCKWATCH_SIM_STEPS={} "
        "ROCKWATCH_SIM_VERBOSE=1 simulation_tests\n",
        seed, failure.step, failure.facts, seed, count);
    const Steps few = shrunk(seed, steps, failure);
    if (few.empty()) return text;
    text += fmt::format("{} steps are enough:\n", few.size());
    for (const Step& step : few) text += "  " + step_text(step) + "\n";
    const auto last = judge(seed, few);
    return last ? text + last->facts + "\n" : text;
}

}  // namespace rockwatch::simulation
