#include "services/cloudwatch/statistics.hpp"

#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

Bucket bucket_of(const std::vector<Sample>& samples) {
    Bucket bucket;
    for (const Sample& sample : samples) bucket.add(sample);
    return bucket;
}

Bucket one_to_hundred() {
    Bucket bucket;
    for (int value = 100; value >= 1; --value) bucket.add(Sample{static_cast<double>(value), 1});
    return bucket;
}

TEST_CASE("statistics of the numbers 1 to 100", "[statistics]") {
    struct Row {
        std::string statistic;
        double value;
    };
    const auto row = GENERATE(values<Row>({
        {"SampleCount", 100},  {"Sum", 5050},         {"Average", 50.5},
        {"Minimum", 1},        {"Maximum", 100},      {"p0", 1},
        {"p50", 50.5},         {"p99", 99.01},        {"p99.9", 99.901},
        {"p100", 100},         {"tm90", 45.5},        {"TM(:90%)", 45.5},
        {"TM(10%:90%)", 50.5}, {"TM(90%:)", 95.5},    {"IQM", 50.5},
        {"TM(10:20)", 15.5},   {"TM(:2)", 1.5},       {"tc90", 90},
        {"TC(10:20)", 10},     {"TC(200:300)", 0},    {"ts90", 4095},
        {"TS(10%:20%)", 155},  {"TS(98:)", 199},      {"PR(:25)", 25},
        {"PR(25:75)", 50},     {"PR(1e1:2E1)", 10},   {"wm90", 49.95},
        {"WM(:90%)", 49.95},   {"WM(10%:90%)", 50.5}, {"WM(10:90)", 50.4},
    }));
    CAPTURE(row.statistic);
    const auto statistic = Statistic::parse(row.statistic);
    REQUIRE(statistic);
    CHECK(statistic->name() == row.statistic);
    Bucket bucket = one_to_hundred();
    CHECK(statistic->of(bucket).value() == Approx(row.value));
}

TEST_CASE("statistics that CloudWatch does not know", "[statistics]") {
    const auto text = GENERATE(values<std::string>(
        {"",      "average", "P99",  "p",          "p101",    "p100.1",      "p99.12345678901", "p9x",
         "p-1",   "tm",      "TM99", "TM(10%:20)", "TM(:)",   "TM(50%:50%)", "TM(20:10)",       "PR(10%:20%)",
         "PR(5)", "TM(1:2",  "iqm",  "o99",        "TM(a:b)", "TM(nan:2)"}));
    CAPTURE(text);
    CHECK_FALSE(Statistic::parse(text));
}

TEST_CASE("weights count as so many equal samples", "[statistics]") {
    Bucket weighted = bucket_of({{1, 2}, {10, 4}});
    CHECK(Statistic::parse("SampleCount")->of(weighted) == 6);
    CHECK(Statistic::parse("Sum")->of(weighted) == 42);
    CHECK(Statistic::parse("Maximum")->of(weighted) == 10);
    CHECK(Statistic::parse("Average")->of(weighted) == 7);
    Bucket single = bucket_of({{1, 1}, {1, 1}, {10, 1}, {10, 1}, {10, 1}, {10, 1}});
    for (const char* name : {"p10", "p30", "p50", "p99", "tm50", "wm50", "tc50", "ts50", "IQM", "PR(:1)"}) {
        CAPTURE(name);
        CHECK(Statistic::parse(name)->of(weighted) == Statistic::parse(name)->of(single));
    }
}

TEST_CASE("one sample is every percentile", "[statistics]") {
    for (const char* name : {"p0", "p1", "p50", "p99.9", "p100"}) {
        Bucket bucket = bucket_of({{7, 1}});
        CHECK(Statistic::parse(name)->of(bucket) == 7);
    }
}

TEST_CASE("percentiles are unknown where values are negative or hidden in a statistic set", "[statistics]") {
    Bucket negative = bucket_of({{-1, 1}, {5, 1}});
    CHECK_FALSE(Statistic::parse("p50")->of(negative));
    CHECK_FALSE(Statistic::parse("PR(:1)")->of(negative));
    CHECK(Statistic::parse("Average")->of(negative) == 2);

    Bucket opaque = bucket_of({{5, 1}});
    opaque.add(StatisticSet{.sample_count = 2, .sum = 30, .minimum = 10, .maximum = 20});
    CHECK_FALSE(Statistic::parse("p50")->of(opaque));
    CHECK(Statistic::parse("Sum")->of(opaque) == 35);
    CHECK(Statistic::parse("Minimum")->of(opaque) == 5);
    CHECK(Statistic::parse("Maximum")->of(opaque) == 20);
}

TEST_CASE("an empty period has no datapoint, and bounds that leave nothing have no mean", "[statistics]") {
    Bucket empty;
    CHECK_FALSE(Statistic::parse("Sum")->of(empty));
    CHECK_FALSE(Statistic::parse("SampleCount")->of(empty));
    Bucket bucket = bucket_of({{5, 1}});
    CHECK_FALSE(Statistic::parse("TM(10:20)")->of(bucket));
    CHECK(Statistic::parse("TS(10:20)")->of(bucket) == 0);
}

TEST_CASE("a statistic set of equal values is as good as samples", "[statistics]") {
    CHECK(StatisticSet{.sample_count = 3, .sum = 6, .minimum = 2, .maximum = 2}.is_degenerate());
    CHECK_FALSE(StatisticSet{.sample_count = 3, .sum = 7, .minimum = 2, .maximum = 2}.is_degenerate());
    CHECK_FALSE(StatisticSet{.sample_count = 2, .sum = 3, .minimum = 1, .maximum = 2}.is_degenerate());
}

}  // namespace
}  // namespace rockwatch::cloudwatch
