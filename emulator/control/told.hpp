#pragma once

#include "core/clock.hpp"
#include "core/json.hpp"
#include "world/world.hpp"

/// How the control API tells the world's values.
namespace rockwatch::control {

Json told(const ClockState& state);
Json told(const std::vector<AlarmTransition>& transitions);
/// {"now","transitions","deliveries","evaluations"}
Json told(const Happened& happened);

}  // namespace rockwatch::control
