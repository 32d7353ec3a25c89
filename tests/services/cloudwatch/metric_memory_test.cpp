#include "services/cloudwatch/metric_memory.hpp"

#include "services/cloudwatch/cloudwatch_bench.hpp"
#include "services/cloudwatch/metric_store.hpp"
#include "support/catch.hpp"

namespace rockwatch::cloudwatch {
namespace {

using std::chrono::minutes;

const Instant start = *parse_iso("2026-01-01T00:00:00Z");

struct MinutesBench {
    MinutesBench() {
        storage.write([&](Database& database) {
            series =
                MetricWriter(database, memory).series({"123456789012", "us-east-1"}, "Test", "m", {}, "None");
        });
    }
    void add(int minute, double value) {
        storage.write([&](Database& database) {
            std::vector<NewSample> samples{{series, epoch_ms(start + minutes{minute}), value, 1}};
            MetricWriter(database, memory).add(samples);
        });
    }
    std::vector<double> sums(int end_minute, int period_minutes, int count) {
        return storage.write([&](Database& database) {
            memory.minutes.begin(database);
            std::vector<double> sums;
            for (const Bucket& bucket :
                 memory.minutes.windows(database, series, start + minutes{end_minute},
                                        minutes{period_minutes}, count, MinuteBuckets::Keep::totals)) {
                sums.push_back(bucket.sum());
            }
            memory.minutes.end_of_all();
            return sums;
        });
    }

    std::vector<Migrations> all{migrations()};
    Storage storage{{.path = ":memory:", .writer_thread = false}, all};
    MetricMemory memory;
    std::int64_t series = 0;
};

TEST_CASE("remembered minutes answer what the table answers, whatever arrives in between", "[metrics]") {
    MinutesBench bench;
    for (int minute = 0; minute < 10; ++minute) bench.add(minute, minute + 1);
    CHECK(bench.sums(6, 2, 3) == std::vector<double>{3, 7, 11});
    CHECK(bench.sums(7, 2, 3) == std::vector<double>{5, 9, 13});
    bench.add(3, 100);  // late, into a minute that is remembered
    bench.add(3, 1000);
    CHECK(bench.sums(7, 2, 3) == std::vector<double>{5, 1109, 13});
    CHECK(bench.sums(8, 4, 2) == std::vector<double>{1110, 26});  // further back than before
    CHECK(bench.sums(2, 1, 2) == std::vector<double>{1, 2});      // a clock that was set back
    CHECK(bench.sums(100, 1, 2) == std::vector<double>{0, 0});
    CHECK(bench.sums(10, 10, 1) == std::vector<double>{1155});
}

TEST_CASE("what an evaluation read is forgotten when its change is taken back", "[metrics]") {
    MinutesBench bench;
    bench.add(0, 1);
    CHECK_THROWS(bench.storage.write([&](Database& database) {
        std::vector<NewSample> samples{{bench.series, epoch_ms(start), 5, 1}};
        MetricWriter(database, bench.memory).add(samples);
        bench.memory.minutes.begin(database);
        bench.memory.minutes.windows(database, bench.series, start + minutes{1}, minutes{1}, 1,
                                     MinuteBuckets::Keep::totals);
        throw std::runtime_error("taken back");
    }));
    CHECK(bench.sums(1, 1, 1) == std::vector<double>{1});
}

TEST_CASE("an id of a series that was taken back is not remembered", "[metrics]") {
    MinutesBench bench;
    const Owner owner{"123456789012", "us-east-1"};
    CHECK_THROWS(bench.storage.write([&](Database& database) {
        MetricWriter(database, bench.memory).series(owner, "Test", "gone", {}, "None");
        throw std::runtime_error("taken back");
    }));
    CHECK_FALSE(bench.memory.ids.find(bench.memory.ids.key(owner, "Test", "gone", {}, "None")));
    CHECK(bench.memory.ids.find(bench.memory.ids.key(owner, "Test", "m", {}, "None")) == bench.series);
}

}  // namespace
}  // namespace rockwatch::cloudwatch
