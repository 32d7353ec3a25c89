#include "world_options.hpp"

#include "shell.hpp"

namespace rockwatch {

WorldOptions world_options(const Options& options) {
    WorldOptions world;
    world.defaults = {options.account, options.region};
    world.iam = options.iam;
    world.runtime = options.runtime;
    world.seed = options.seed;
    // --now alone starts a real clock at that reading.
    if (options.clock || options.now) {
        world.clock = ClockStart{
            .mode = options.clock.value_or(ClockMode::real), .now = options.now, .speed = options.speed};
    }
    world.journal_entries = static_cast<std::size_t>(options.journal);
    world.destinations = options.destinations;
    world.base_url = endpoint_of(options.host, options.port);
    return world;
}

}  // namespace rockwatch
