#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "generator.hpp"
#include "run.hpp"

namespace rockwatch::simulation {

/// A seed that does not hold.
struct Failure {
    std::size_t step = 0;  ///< of the sequence
    std::string invariant;
    std::string facts;
};

/// How long a seed's story is unless somebody says otherwise.
inline constexpr std::size_t steps_default = 100;

/// What a seed is about.
Theme theme_of(std::uint64_t seed);
/// Plays a sequence as the seed has it: beside the model, and one of the twins after it: twice the same
/// (I23), the clock moved in many small steps (I15), or each owner alone (I22). Nullopt: all holds.
struct Listening {
    bool prints_steps = false;
    Tally* tally = nullptr;
};
std::optional<Failure> judge(std::uint64_t seed, const Steps& steps, const Listening& listening = {});

/// Takes steps out while the sequence still fails in the same way.
Steps shrunk(std::uint64_t seed, Steps steps, const Failure& failure);

/// For a person: what failed, how to play it again, and the shortest sequence that does.
std::string report(std::uint64_t seed, std::size_t count, const Steps& steps, const Failure& failure);

}  // namespace rockwatch::simulation
