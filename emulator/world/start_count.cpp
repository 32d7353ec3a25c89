#include "world/start_count.hpp"

namespace rockwatch::world {

namespace {

constexpr Migration steps[] = {
    {1, R"sql(
        CREATE TABLE start_count (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            starts INTEGER NOT NULL
        ))sql"},
};

}  // namespace

Migrations start_migrations() { return {.owner = "starts", .steps = steps}; }

std::uint64_t count_start(Database& database) {
    database.run(R"sql(
        INSERT INTO start_count (id, starts) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET starts = starts + 1)sql");
    Rows rows = database.query("SELECT starts - 1 FROM start_count");
    rows.step();
    return static_cast<std::uint64_t>(rows.integer(0));
}

std::uint64_t seed_of_start(std::uint64_t seed, std::uint64_t starts_before) {
    constexpr std::uint64_t far_apart =
        0x9e3779b97f4a7c15;  // so that seed 1's second start is not seed 2's first
    return seed + starts_before * far_apart;
}

}  // namespace rockwatch::world
