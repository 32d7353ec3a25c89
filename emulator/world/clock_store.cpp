#include "world/clock_store.hpp"

#include <cmath>

namespace rockwatch::world {

namespace {

constexpr Migration steps[] = {
    {1, R"sql(
        CREATE TABLE clock_setting (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            mode TEXT NOT NULL,        -- real, frozen, scaled
            now_ms INTEGER NOT NULL,   -- the reading when it was saved
            wall_ms INTEGER NOT NULL,  -- the wall clock then
            speed REAL NOT NULL
        ))sql"},
};

}  // namespace

const char* mode_name(ClockMode mode) {
    switch (mode) {
        case ClockMode::frozen:
            return "frozen";
        case ClockMode::scaled:
            return "scaled";
        case ClockMode::real:
            break;
    }
    return "real";
}

Migrations migrations() { return {.owner = "world", .steps = steps}; }

void save_clock(Database& database, const ClockState& state, Instant wall) {
    database.run(R"sql(
        INSERT INTO clock_setting (id, mode, now_ms, wall_ms, speed) VALUES (1, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE
        SET mode = excluded.mode, now_ms = excluded.now_ms, wall_ms = excluded.wall_ms, speed = excluded.speed)sql",
                 mode_name(state.mode), epoch_ms(state.now), epoch_ms(wall), state.speed);
}

void load_clock(Database& database, VirtualClock& clock, Instant wall) {
    Rows rows = database.query("SELECT mode, now_ms, wall_ms, speed FROM clock_setting WHERE id = 1");
    if (!rows.step()) return;
    const std::string mode = rows.text(0);
    const Instant now = from_epoch_ms(rows.integer(1));
    const Milliseconds away = wall - from_epoch_ms(rows.integer(2));
    const double speed = rows.real(3);
    if (mode == "frozen") {
        clock.set(ClockMode::frozen, now);
    } else if (mode == "scaled" && speed > 0) {
        const auto passed = Milliseconds{std::llround(static_cast<double>(away.count()) * speed)};
        clock.set(ClockMode::scaled, now + passed, speed);
    } else {
        clock.set(ClockMode::real, now + away);
    }
}

}  // namespace rockwatch::world
