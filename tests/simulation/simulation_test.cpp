#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstdlib>

#include "generator.hpp"
#include "support/catch.hpp"
#include "verdict.hpp"

using namespace rockwatch;
using namespace rockwatch::simulation;

namespace {

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::runtime_error(fmt::format("'{}' is not a number", text));
    return number;
}

std::optional<std::string> setting(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

struct Seeds {
    std::uint64_t from = 0;
    std::uint64_t to = 1999;  ///< included
};

/// ROCKWATCH_SIM_SEEDS=from-to, or ROCKWATCH_SIM_SEED=n for one.
Seeds seeds() {
    if (const auto one = setting("ROCKWATCH_SIM_SEED")) return {number_of(*one), number_of(*one)};
    const auto range = setting("ROCKWATCH_SIM_SEEDS");
    if (!range) return {};
    const auto dash = range->find('-');
    if (dash == std::string::npos) throw std::runtime_error("ROCKWATCH_SIM_SEEDS is FROM-TO");
    return {number_of(range->substr(0, dash)), number_of(range->substr(dash + 1))};
}

}  // namespace

TEST_CASE("the invariants hold in every simulated world", "[simulation]") {
    spdlog::set_level(spdlog::level::off);  // faults are on purpose here
    const std::size_t count =
        setting("ROCKWATCH_SIM_STEPS") ? number_of(*setting("ROCKWATCH_SIM_STEPS")) : steps_default;
    const bool verbose = setting("ROCKWATCH_SIM_VERBOSE").has_value();
    const auto [from, to] = seeds();
    for (std::uint64_t seed = from; seed <= to; ++seed) {
        const Steps steps = generate(seed, count, theme_of(seed));
        const auto failure = judge(seed, steps, verbose);
        if (failure) FAIL_CHECK(report(seed, count, steps, *failure));
    }
    SUCCEED("seeds " << from << " to " << to);
}
