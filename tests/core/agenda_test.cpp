#include "core/agenda.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace rockwatch;
using namespace std::chrono_literals;

namespace {

constexpr Instant start = from_epoch_ms(1'767'225'600'000);  // 2026-01-01T00:00:00Z

struct World {
    VirtualClock clock{[] { return start; }};
    Agenda agenda;
    std::vector<std::string> ran;

    World() { clock.set(ClockMode::frozen, start); }

    Agenda::Task note(std::string name) {
        return [this, name = std::move(name)](Instant due) {
            CHECK(clock.now() == due);
            ran.push_back(name);
        };
    }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the agenda runs work in time order, and at one instant in the order it was added",
          "[core][agenda]") {
    World world;
    world.agenda.add(start + 2min, world.note("c"));
    world.agenda.add(start + 1min, world.note("a"));
    world.agenda.add(start + 1min, world.note("b"));
    world.agenda.add(start + 3min, world.note("later"));

    CHECK(world.agenda.run_until(start + 2min, world.clock) == 3);
    CHECK(world.ran == Names{"a", "b", "c"});
    CHECK(world.agenda.next_due() == start + 3min);
}

TEST_CASE("work may add work that is due within the same run", "[core][agenda]") {
    World world;
    world.agenda.add(start + 1min, [&](Instant due) {
        world.ran.push_back("first");
        world.agenda.add(due + 1min, world.note("second"));
        world.agenda.add(due + 1h, world.note("too late"));
    });
    CHECK(world.agenda.run_until(start + 10min, world.clock) == 2);
    CHECK(world.ran == Names{"first", "second"});
}

TEST_CASE("a task that repeats itself runs once a period however far the clock goes", "[core][agenda]") {
    World world;
    int evaluations = 0;
    std::function<void(Instant)> each_minute = [&](Instant due) {
        ++evaluations;
        world.agenda.add(due + 1min, each_minute);
    };
    world.agenda.add(start + 1min, each_minute);
    world.agenda.run_until(start + 1h, world.clock);
    CHECK(evaluations == 60);
}

TEST_CASE("late work sees the present clock, not the past", "[core][agenda]") {
    World world;
    world.clock.advance_to(start + 1h);
    world.agenda.add(start + 1min, [&](Instant due) {
        CHECK(due == start + 1min);
        CHECK(world.clock.now() == start + 1h);
    });
    CHECK(world.agenda.run_until(start + 1h, world.clock) == 1);
}

TEST_CASE("deliveries go out once after all work of an instant", "[core][agenda]") {
    World world;
    world.agenda.add(start + 1min, world.note("a"));
    world.agenda.add(start + 1min, [&](Instant due) {
        world.ran.push_back("b");
        world.agenda.add(due, world.note("c"));
    });
    world.agenda.add(start + 2min, world.note("d"));
    world.agenda.run_until(start + 2min, world.clock, [&] { world.ran.push_back("|"); });
    CHECK(world.ran == Names{"a", "b", "c", "|", "d", "|"});
}

TEST_CASE("the agenda tells of additions and forgets them on a reset", "[core][agenda]") {
    World world;
    int added = 0;
    world.agenda.on_add([&] {
        ++added;
        CHECK(world.agenda.next_due().has_value());  // told outside the lock
    });
    world.agenda.add(start, world.note("never"));
    CHECK(added == 1);
    world.agenda.clear();
    CHECK_FALSE(world.agenda.next_due().has_value());
    CHECK(world.agenda.run_until(start + 1h, world.clock) == 0);
}
