#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "services/cloudwatch/metric_dimensions.hpp"
#include "services/cloudwatch/metric_memory.hpp"
#include "services/cloudwatch/statistics.hpp"
#include "storage/database.hpp"

namespace rockwatch::cloudwatch {

/// One unit of a metric.
struct UnitSeries {
    std::int64_t id;
    std::string unit;
};

/// Buckets of `period` from `from`; what starts at `to` or later stays out.
struct BucketRange {
    Instant from;
    Instant to;
    Milliseconds period;
};

/// What ListMetrics looks for; empty texts are no filter.
struct MetricFilter {
    std::string metric_namespace;
    std::string metric_name;
    Instant newer_than;           ///< a metric counts when it has a sample at or after that
    std::string after_namespace;  ///< the place of the last page's end
    std::string after_name;
    std::string after_dimensions;
};

struct ListedMetric {
    std::string metric_namespace;
    std::string metric_name;
    std::string dimensions;  ///< JSON
};

/// Reads metrics; owns metric_series, metric_sample and metric_statistic_set together with MetricWriter.
class MetricReader {
public:
    explicit MetricReader(Database& database) : database_(database) {}

    /// The metric's units, in the order of unit_rank; of one unit alone when it is given.
    std::vector<UnitSeries> units(const Owner& owner, const MetricKey& key, std::string_view unit = {}) const;

    /// Start of the bucket -> what fell into it. Buckets without samples are absent.
    std::map<Instant, Bucket> buckets(std::int64_t series, const BucketRange& range) const;

    /// Metrics by namespace, name, dimensions, each once, until `visit` says false.
    void list(const Owner& owner, const MetricFilter& filter,
              const std::function<bool(const ListedMetric&)>& visit) const;

    /// Whether any account has a metric.
    bool any() const;

private:
    Database& database_;
};

/// A sample on its way into the table.
struct NewSample {
    std::int64_t series;
    std::int64_t start_ms;
    double value;
    double weight;
};

/// Writes metrics. Runs on the writer thread.
class MetricWriter {
public:
    MetricWriter(Database& database, MetricMemory& memory) : database_(database), memory_(memory) {}

    /// Finds or makes the series.
    std::int64_t series(const Owner& owner, std::string_view metric_namespace, std::string_view metric_name,
                        const std::vector<Dimension>& sorted, std::string_view unit);

    /// Adds samples; equal ones are summed up first. Sorts `samples`.
    void add(std::vector<NewSample>& samples);
    void add(std::int64_t series, std::int64_t start_ms, const StatisticSet& set);
    void remove_all();

private:
    Database& database_;
    MetricMemory& memory_;
};

}  // namespace rockwatch::cloudwatch
