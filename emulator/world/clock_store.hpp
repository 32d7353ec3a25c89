#pragma once

#include "core/clock.hpp"
#include "storage/database.hpp"

namespace rockwatch::world {

/// The clock's setting; owns the table clock_setting. A frozen clock keeps its reading over a restart, a real
/// one its distance from the wall clock, a scaled one runs on as if the program had never stopped.
Migrations migrations();

/// real, frozen, scaled: as the table and the control API spell it.
const char* mode_name(ClockMode mode);

void save_clock(Database& database, const ClockState& state, Instant wall);

/// Sets `clock` as it was saved; does nothing when nothing was.
void load_clock(Database& database, VirtualClock& clock, Instant wall);

}  // namespace rockwatch::world
