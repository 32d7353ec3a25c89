#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rockwatch::cloudwatch {

/// `weight` observations of `value`.
struct Sample {
    double value = 0;
    double weight = 1;
    bool operator==(const Sample&) const = default;
};

/// What a client summed up itself: PutMetricData's StatisticValues.
struct StatisticSet {
    double sample_count = 0;
    double sum = 0;
    double minimum = 0;
    double maximum = 0;

    /// All observations have one value, so that the set says as much as samples do.
    bool is_degenerate() const { return minimum == maximum && sum == minimum * sample_count; }
};

/// The observations of one period.
class Bucket {
public:
    void add(const Sample& sample);
    void add(const StatisticSet& set);
    /// Takes over counts and bounds alone, which the five plain statistics need.
    void merge_totals(const Bucket& other);
    void merge(const Bucket& other);

    bool empty() const { return sample_count_ == 0; }
    double sample_count() const { return sample_count_; }
    double sum() const { return sum_; }
    double minimum() const { return minimum_; }
    double maximum() const { return maximum_; }

    /// Whether percentiles and their kin are known: no statistic set hides values, and none is negative.
    bool has_distribution() const { return !is_opaque_ && !empty() && minimum_ >= 0; }
    /// The samples, smallest first.
    const std::vector<Sample>& ascending();

private:
    void widen(double minimum, double maximum);

    double sample_count_ = 0;
    double sum_ = 0;
    double minimum_ = 0;
    double maximum_ = 0;
    bool is_opaque_ = false;
    bool is_sorted_ = true;
    std::vector<Sample> samples_;
};

/// A statistic of CloudWatch: `Average`, `p99.9`, `tm95`, `TM(10%:90%)`, `PR(:300)`, `IQM`, ...
class Statistic {
public:
    /// Nullopt: no such statistic. Spelling and case count.
    ///
    /// Source: CloudWatch user guide, "CloudWatch statistics definitions".
    static std::optional<Statistic> parse(std::string_view text);

    const std::string& name() const { return name_; }
    /// One of the five that need no single values.
    bool is_plain() const { return kind_ <= Kind::maximum; }
    /// pNN, in [0, 100].
    std::optional<double> percentile() const;

    /// Nullopt: no datapoint, because there is none in the period or it cannot be told (has_distribution).
    ///
    /// Chosen: linear interpolation between the ranks around p/100 x (n - 1); AWS does not publish its own.
    /// Chosen: percent bounds keep the samples whose rank lies in [low x n, high x n), with parts at the
    /// edges.
    std::optional<double> of(Bucket& bucket) const;

private:
    enum class Kind {
        sample_count,
        average,
        sum,
        minimum,
        maximum,
        percentile,
        trimmed_mean,
        winsorized_mean,
        trimmed_count,
        trimmed_sum,
        percentile_rank,
    };
    struct Trimmed;

    static std::optional<Statistic> parse_short(std::string_view text);
    static std::optional<Statistic> parse_range(std::string_view text);
    std::optional<double> distribution(Bucket& bucket) const;
    Trimmed trim(const std::vector<Sample>& ascending, double sample_count) const;

    Kind kind_ = Kind::sample_count;
    bool by_percent_ = false;
    std::optional<double> low_;   ///< percent, or a value that is itself outside
    std::optional<double> high_;  ///< percent, or a value that is itself inside
    std::string name_;
};

}  // namespace rockwatch::cloudwatch
