#include "services/cloudwatch/metric_store.hpp"

#include <algorithm>
#include <tuple>

#include "core/error.hpp"
#include "services/cloudwatch/metric_units.hpp"

namespace rockwatch::cloudwatch {

std::vector<UnitSeries> MetricReader::units(const Owner& owner, const MetricKey& key,
                                            std::string_view unit) const {
    std::vector<UnitSeries> units;
    Rows rows = database_.query(R"sql(
        SELECT id, unit FROM metric_series
        WHERE account = ? AND region = ? AND namespace = ? AND metric_name = ? AND dimensions = ?)sql",
                                owner.account, owner.region, key.metric_namespace, key.name,
                                to_text(dimensions_json(key.dimensions)));
    while (rows.step()) {
        if (unit.empty() || rows.view(1) == unit)
            units.push_back({.id = rows.integer(0), .unit = rows.text(1)});
    }
    std::sort(units.begin(), units.end(),
              [](const UnitSeries& a, const UnitSeries& b) { return unit_rank(a.unit) < unit_rank(b.unit); });
    return units;
}

std::map<Instant, Bucket> MetricReader::buckets(std::int64_t series, const BucketRange& range) const {
    std::map<Instant, Bucket> buckets;
    const std::int64_t from = epoch_ms(range.from);
    const std::int64_t to = epoch_ms(range.to);
    const std::int64_t period = range.period.count();
    std::int64_t open_until = from;
    Bucket* open = nullptr;
    const auto bucket_at = [&](std::int64_t start) -> Bucket& {
        if (open == nullptr || start >= open_until) {
            const std::int64_t bucket_start = from + (start - from) / period * period;
            open = &buckets[from_epoch_ms(bucket_start)];
            open_until = bucket_start + period;
        }
        return *open;
    };
    Rows samples = database_.query(R"sql(
        SELECT start_ms, value, weight FROM metric_sample
        WHERE series_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms)sql",
                                   series, from, to);
    while (samples.step()) bucket_at(samples.integer(0)).add(Sample{samples.real(1), samples.real(2)});

    open = nullptr;
    Rows sets = database_.query(R"sql(
        SELECT start_ms, sample_count, sum, minimum, maximum FROM metric_statistic_set
        WHERE series_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms)sql",
                                series, from, to);
    while (sets.step()) {
        bucket_at(sets.integer(0))
            .add(StatisticSet{.sample_count = sets.real(1),
                              .sum = sets.real(2),
                              .minimum = sets.real(3),
                              .maximum = sets.real(4)});
    }
    return buckets;
}

void MetricReader::list(const Owner& owner, const MetricFilter& filter,
                        const std::function<bool(const ListedMetric&)>& visit) const {
    // The newest sample is the last entry of the series in each index, so "is it still active" is one
    // look-up.
    constexpr std::string_view active = R"sql(
          AND max(ifnull((SELECT max(start_ms) FROM metric_sample WHERE series_id = s.id), -1),
                  ifnull((SELECT max(start_ms) FROM metric_statistic_set WHERE series_id = s.id), -1)) >= ?
        ORDER BY namespace, metric_name, dimensions)sql";
    constexpr std::string_view columns = "SELECT namespace, metric_name, dimensions FROM metric_series s ";
    const std::int64_t newer_than = epoch_ms(filter.newer_than);
    const auto after = std::tie(filter.after_namespace, filter.after_name, filter.after_dimensions);
    const auto walk = [&](Rows rows) {
        std::string last;
        while (rows.step()) {
            ListedMetric metric{
                .metric_namespace = rows.text(0), .metric_name = rows.text(1), .dimensions = rows.text(2)};
            if (std::tie(metric.metric_namespace, metric.metric_name, metric.dimensions) <= after) continue;
            std::string identity =
                metric.metric_namespace + '\n' + metric.metric_name + '\n' + metric.dimensions;
            if (identity == last) continue;  // another unit
            if (!filter.metric_name.empty() && metric.metric_name != filter.metric_name) continue;
            if (!visit(metric)) return;
            last = std::move(identity);
        }
    };
    if (filter.metric_namespace.empty()) {
        walk(database_.query(std::string(columns) + "WHERE account = ? AND region = ? AND namespace >= ?" +
                                 std::string(active),
                             owner.account, owner.region, filter.after_namespace, newer_than));
    } else {
        walk(database_.query(std::string(columns) +
                                 "WHERE account = ? AND region = ? AND namespace = ? AND metric_name >= ?" +
                                 std::string(active),
                             owner.account, owner.region, filter.metric_namespace,
                             std::max(filter.after_name, filter.metric_name), newer_than));
    }
}

bool MetricReader::any() const { return database_.query("SELECT 1 FROM metric_series LIMIT 1").step(); }

std::int64_t MetricWriter::series(const Owner& owner, std::string_view metric_namespace,
                                  std::string_view metric_name, const std::vector<Dimension>& sorted,
                                  std::string_view unit) {
    const std::string& key = memory_.ids.key(owner, metric_namespace, metric_name, sorted, unit);
    if (const auto known = memory_.ids.find(key)) return *known;

    const std::string dimensions = to_text(dimensions_json(sorted));
    database_.run(R"sql(
        INSERT INTO metric_series (account, region, namespace, metric_name, dimensions, unit)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING)sql",
                  owner.account, owner.region, metric_namespace, metric_name, dimensions, unit);
    Rows rows = database_.query(R"sql(
        SELECT id FROM metric_series
        WHERE account = ? AND region = ? AND namespace = ? AND metric_name = ? AND dimensions = ? AND unit = ?)sql",
                                owner.account, owner.region, metric_namespace, metric_name, dimensions, unit);
    ensure(rows.step(), "a series that was just inserted is there");
    const std::int64_t id = rows.integer(0);
    memory_.ids.remember(database_, key, id);
    return id;
}

void MetricWriter::add(std::vector<NewSample>& samples) {
    const auto place = [](const NewSample& sample) {
        return std::tie(sample.series, sample.start_ms, sample.value);
    };
    std::sort(samples.begin(), samples.end(),
              [&](const NewSample& a, const NewSample& b) { return place(a) < place(b); });
    for (std::size_t index = 0; index < samples.size();) {
        const NewSample& first = samples[index];
        double weight = 0;
        for (; index < samples.size() && place(samples[index]) == place(first); ++index)
            weight += samples[index].weight;
        database_.run(R"sql(
            INSERT INTO metric_sample (series_id, start_ms, value, weight) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET weight = weight + excluded.weight)sql",
                      first.series, first.start_ms, first.value, weight);
        memory_.minutes.touch(first.series, first.start_ms);
    }
}

void MetricWriter::add(std::int64_t series, std::int64_t start_ms, const StatisticSet& set) {
    database_.run(R"sql(
        INSERT INTO metric_statistic_set (series_id, start_ms, sample_count, sum, minimum, maximum)
        VALUES (?, ?, ?, ?, ?, ?))sql",
                  series, start_ms, set.sample_count, set.sum, set.minimum, set.maximum);
    memory_.minutes.touch(series, start_ms);
}

void MetricWriter::remove_all() {
    database_.execute(
        "DELETE FROM metric_sample; DELETE FROM metric_statistic_set; DELETE FROM metric_series;");
    memory_.ids.forget_all();
    memory_.minutes.forget_all();
}

}  // namespace rockwatch::cloudwatch
