#include "rules/latency.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace rockwatch::rules {

namespace {

/// 4,001 values, ascending.
std::vector<double> drawn(const Json& distribution, std::uint64_t seed = 1) {
    Random random(seed);
    const Distribution read = distribution_from_json(distribution, "/latency");
    std::vector<double> values;
    for (int count = 0; count < 4001; ++count) values.push_back(draw(read, random));
    std::sort(values.begin(), values.end());
    return values;
}

}  // namespace

TEST_CASE("a fixed latency is the same for every call and needs no random number", "[rules][latency]") {
    const Json form = GENERATE(values<Json>({4038, {{"ms", 4038}}}));
    const auto values = drawn(form);
    CHECK(values.front() == 4038);
    CHECK(values.back() == 4038);
    Random used(5);
    Random untouched(5);
    draw(distribution_from_json(form, ""), used);
    CHECK(used.next() == untouched.next());
}

TEST_CASE("a drawn latency has the distribution that the rule names", "[rules][latency]") {
    struct Row {
        Json distribution;
        double p50;
        double p99;
    };
    const auto row =
        GENERATE(values<Row>({{{{"uniform", {200, 900}}}, 550, 893},
                              {{{"normal", {{"mean", 800}, {"stddev", 120}}}}, 800, 1079},
                              {{{"lognormal", {{"p50", 900}, {"p99", 4000}}}}, 900, 4000},
                              {{{"percentiles", {{"p50", 900}, {"p90", 1500}, {"p99", 4000}}}}, 900, 4000}}));
    CAPTURE(row.distribution.dump());
    const auto values = drawn(row.distribution);
    CHECK(values[2000] == Approx(row.p50).epsilon(0.06));
    CHECK(values[3960] == Approx(row.p99).epsilon(0.12));
}

TEST_CASE("no latency is negative, and none of a list of percentiles is above the highest",
          "[rules][latency]") {
    CHECK(drawn({{"normal", {{"mean", 1}, {"stddev", 500}}}}).front() == 0);
    CHECK(drawn({{"percentiles", {{"p50", 10}, {"p99", 40}}}}).back() == 40);
    CHECK(drawn({{"uniform", {200, 900}}}).front() >= 200);
}

TEST_CASE("the same seed draws the same latencies", "[rules][latency]") {
    const Json distribution = {{"lognormal", {{"p50", 900}, {"p99", 4000}}}};
    CHECK(drawn(distribution, 7) == drawn(distribution, 7));
    CHECK(drawn(distribution, 7) != drawn(distribution, 8));
}

}  // namespace rockwatch::rules
