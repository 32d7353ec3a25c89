#include "core/clock.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace rockwatch;
using namespace std::chrono_literals;

namespace {

constexpr Instant noon = from_epoch_ms(1'767'268'800'000);  // 2026-01-01T12:00:00Z

/// A machine's clock in our hand.
struct Wall {
    Instant now = noon;
    VirtualClock clock{[this] { return now; }};
};

}  // namespace

TEST_CASE("a real clock tells the machine's time", "[core][clock]") {
    Wall wall;
    CHECK(wall.clock.mode() == ClockMode::real);
    CHECK(wall.clock.now() == noon);
    wall.now += 1234ms;
    CHECK(wall.clock.now() == noon + 1234ms);
    CHECK(wall.clock.state().offset == 0ms);
    CHECK(wall.clock.state().speed == 1);
    CHECK(wall.clock.real_duration(4038ms) == 4038ms);
}

TEST_CASE("a real clock that was advanced runs on from there", "[core][clock]") {
    Wall wall;
    wall.clock.advance_to(noon + 15min);
    CHECK(wall.clock.now() == noon + 15min);
    wall.now += 2s;
    CHECK(wall.clock.now() == noon + 15min + 2s);
    CHECK(wall.clock.state().offset == 15min);
}

TEST_CASE("a frozen clock stands still until it is advanced", "[core][clock]") {
    Wall wall;
    wall.clock.set(ClockMode::frozen, noon + 1h);
    wall.now += 10min;
    CHECK(wall.clock.now() == noon + 1h);
    CHECK(wall.clock.real_duration(4038ms) == 0ms);
    wall.clock.advance_to(noon + 2h);
    CHECK(wall.clock.now() == noon + 2h);
    CHECK(wall.clock.state().speed == 0);
}

TEST_CASE("a scaled clock runs as many times faster as it was told", "[core][clock]") {
    Wall wall;
    wall.clock.set(ClockMode::scaled, noon, 60);
    wall.now += 1500ms;
    CHECK(wall.clock.now() == noon + 90s);
    CHECK(wall.clock.real_duration(1min) == 1s);
    wall.clock.advance_to(noon + 10min);
    wall.now += 1s;
    CHECK(wall.clock.now() == noon + 11min);
}

TEST_CASE("advancing to the past changes nothing", "[core][clock]") {
    Wall wall;
    const auto mode = GENERATE(ClockMode::real, ClockMode::frozen, ClockMode::scaled);
    wall.clock.set(mode, noon, 2);
    wall.clock.advance_to(noon - 1s);
    CHECK(wall.clock.now() == noon);
}

TEST_CASE("emulated time does not go back when the machine's clock is set back", "[core][clock]") {
    Wall wall;
    wall.now += 10s;
    CHECK(wall.clock.now() == noon + 10s);
    wall.now = noon;
    CHECK(wall.clock.now() == noon + 10s);
    wall.clock.advance_to(noon + 20s);
    CHECK(wall.clock.now() == noon + 20s);
    wall.now += 1s;
    CHECK(wall.clock.now() == noon + 21s);
}

TEST_CASE("a clock may be set back by whoever owns it", "[core][clock]") {
    Wall wall;
    wall.clock.set(ClockMode::frozen, noon - 24h);
    CHECK(wall.clock.now() == noon - 24h);
    wall.clock.set(ClockMode::real, noon);
    CHECK(wall.clock.now() == noon);
}

TEST_CASE("periods begin at multiples of their length, before 1970 as well", "[core][clock]") {
    CHECK(floor_to(noon + 299'999ms, 5min) == noon);
    CHECK(floor_to(noon + 5min, 5min) == noon + 5min);
    CHECK(floor_to(from_epoch_ms(-1), 1min) == from_epoch_ms(-60'000));
}
