#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/caller.hpp"
#include "core/json.hpp"

namespace rockwatch::simulation {

/// Two accounts by two regions; a step names its owner by number.
inline constexpr std::size_t owner_count = 4;
const Owner& owner_at(std::size_t who);

/// What happens in a simulated world, as plain data: {"do":"call","who":0,"service":"logs",
/// "operation":"PutLogEvents","input":{…}}. Other things done: advance and jump (with "ms"), evaluate, rule
/// ("rule"), unrule ("id"), quotas ("quotas", a list in place of the old one), reset ("scopes"), restart,
/// kill, cut. An invocation may have steps "meanwhile", made while it is on its way.
///
/// An input may have members that only the world's state can fill in: {"$now":-5000} is the clock's reading
/// less five seconds, {"$handle":7} the eighth receipt handle that the queue gave out and -1 the newest,
/// {"$subscription":2} the third subscription of the owner, counted round. So a sequence stays meaningful
/// when steps are taken out of it.
using Step = Json;
using Steps = std::vector<Step>;

/// One line, for people and for the eye that compares two runs.
std::string step_text(const Step& step);

}  // namespace rockwatch::simulation
