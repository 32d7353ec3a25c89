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

void print(const Tally& tally) {
    for (const auto& [what, times] : tally) fmt::print("{:>8} {}\n", times, what);
}

/// More of them tell a person no more, and each takes time to be made short.
constexpr int failures_told = 3;

/// In so many seeds everything below comes about by itself.
constexpr std::uint64_t seeds_for_everything = 250;
constexpr const char* must_happen[] = {"restart",
                                       "kill",
                                       "cut",
                                       "full reset",
                                       "reset of one scope",
                                       "in doubt, not done",
                                       "in doubt, done",
                                       "crash after the answer",
                                       "disk failed: ServiceUnavailable",
                                       "event",
                                       "event past retention",
                                       "record",
                                       "record of a failure",
                                       "Alarm updated from OK to ALARM",
                                       "Alarm updated from ALARM to OK",
                                       "Alarm updated from OK to INSUFFICIENT_DATA",
                                       "Successfully executed action",
                                       "Failed to execute action",
                                       "delivery of alarm delivered after 1",
                                       "delivery of alarm captured after 0",
                                       "delivery of sns delivered after 3",
                                       "delivery of sns failed after 4",
                                       "delivery of sns failed after 1",
                                       "a message in the dead-letter queue",
                                       "DeleteMessage ",
                                       "ChangeMessageVisibility ",
                                       "ChangeMessageVisibility MessageNotInflight",
                                       "PutLogEvents ",
                                       "PutLogEvents InvalidParameterException",
                                       "PutMetricData InvalidParameterValueException",
                                       "Converse ThrottlingException",
                                       "throttled by requests",
                                       "throttled by tokens",
                                       "let through again",
                                       "quotas refused",
                                       "ConverseStream InternalServerException",
                                       "InvokeModelWithResponseStream ",
                                       "paced through a door"};

}  // namespace

TEST_CASE("the invariants hold in every simulated world", "[simulation]") {
    spdlog::set_level(spdlog::level::off);  // faults are on purpose here
    const auto asked = setting("ROCKWATCH_SIM_STEPS");
    const std::size_t count = asked ? number_of(*asked) : steps_default;
    const bool verbose = setting("ROCKWATCH_SIM_VERBOSE").has_value();
    const auto [from, to] = seeds();
    Tally tally;
    int failures = 0;
    for (std::uint64_t seed = from; seed <= to; ++seed) {
        const Steps steps = generate(seed, count, theme_of(seed));
        const auto failure = judge(seed, steps, {.prints_steps = verbose, .tally = &tally});
        if (!failure) continue;
        FAIL_CHECK(report(seed, count, steps, *failure));
        if (++failures == failures_told) return;
    }
    if (verbose) print(tally);
    if (to - from + 1 < seeds_for_everything) return;
    for (const char* what : must_happen) {
        CAPTURE(what);
        CHECK(tally[what] > 0);
    }
}
