#include "services/cloudwatch/statistics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace rockwatch::cloudwatch {

namespace {

constexpr std::size_t decimals_max = 10;

/// A percentage as statistics write it: up to two digits or 100, up to ten decimals.
std::optional<double> read_percent(std::string_view text) {
    const auto point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const bool has_decimals = point != std::string_view::npos;
    const std::string_view decimals = has_decimals ? text.substr(point + 1) : std::string_view{};
    const auto digits = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(),
                           [](char letter) { return letter >= '0' && letter <= '9'; });
    };
    if (whole.empty() || whole.size() > 3 || !digits(whole) || !digits(decimals)) return std::nullopt;
    if (has_decimals && (decimals.empty() || decimals.size() > decimals_max)) return std::nullopt;
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (value > 100) return std::nullopt;
    return value;
}

std::optional<double> read_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// The value of the observation with this number, counted from 0 along the expanded weights.
double value_at(const std::vector<Sample>& ascending, double rank) {
    double passed = 0;
    for (const Sample& sample : ascending) {
        passed += sample.weight;
        if (passed > rank) return sample.value;
    }
    return ascending.back().value;
}

double percentile_of(const std::vector<Sample>& ascending, double sample_count, double percent) {
    const double rank = std::max(0.0, percent / 100 * (sample_count - 1));
    const double below = value_at(ascending, std::floor(rank));
    const double above = value_at(ascending, std::ceil(rank));
    return below + (above - below) * (rank - std::floor(rank));
}

}  // namespace

void Bucket::widen(double minimum, double maximum) {
    minimum_ = empty() ? minimum : std::min(minimum_, minimum);
    maximum_ = empty() ? maximum : std::max(maximum_, maximum);
}

void Bucket::add(const Sample& sample) {
    widen(sample.value, sample.value);
    sample_count_ += sample.weight;
    sum_ += sample.value * sample.weight;
    if (!samples_.empty() && sample.value < samples_.back().value) is_sorted_ = false;
    samples_.push_back(sample);
}

void Bucket::add(const StatisticSet& set) {
    widen(set.minimum, set.maximum);
    sample_count_ += set.sample_count;
    sum_ += set.sum;
    is_opaque_ = true;
}

void Bucket::merge_totals(const Bucket& other) {
    if (other.empty()) return;
    widen(other.minimum_, other.maximum_);
    sample_count_ += other.sample_count_;
    sum_ += other.sum_;
    is_opaque_ = is_opaque_ || other.is_opaque_;
}

void Bucket::merge(const Bucket& other) {
    merge_totals(other);
    if (other.samples_.empty()) return;
    is_sorted_ = false;
    samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
}

const std::vector<Sample>& Bucket::ascending() {
    if (!is_sorted_) {
        std::sort(samples_.begin(), samples_.end(),
                  [](const Sample& a, const Sample& b) { return a.value < b.value; });
        is_sorted_ = true;
    }
    return samples_;
}

std::optional<Statistic> Statistic::parse(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 5> plain{
        {{"SampleCount", Kind::sample_count},
         {"Average", Kind::average},
         {"Sum", Kind::sum},
         {"Minimum", Kind::minimum},
         {"Maximum", Kind::maximum}}};
    std::optional<Statistic> statistic;
    for (const auto& [name, kind] : plain) {
        if (text == name) statistic.emplace().kind_ = kind;
    }
    if (text == "IQM") statistic = parse_range("TM(25%:75%)");
    if (!statistic && text.ends_with(')')) statistic = parse_range(text);
    if (!statistic) statistic = parse_short(text);
    if (statistic) statistic->name_ = text;
    return statistic;
}

std::optional<Statistic> Statistic::parse_short(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 5> forms{{{"tm", Kind::trimmed_mean},
                                                                             {"wm", Kind::winsorized_mean},
                                                                             {"tc", Kind::trimmed_count},
                                                                             {"ts", Kind::trimmed_sum},
                                                                             {"p", Kind::percentile}}};
    for (const auto& [prefix, kind] : forms) {
        if (!text.starts_with(prefix)) continue;
        const auto percent = read_percent(text.substr(prefix.size()));
        if (!percent) return std::nullopt;
        Statistic statistic;
        statistic.kind_ = kind;
        statistic.by_percent_ = true;
        statistic.high_ = percent;
        return statistic;
    }
    return std::nullopt;
}

std::optional<Statistic> Statistic::parse_range(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 5> forms{{{"TM(", Kind::trimmed_mean},
                                                                             {"WM(", Kind::winsorized_mean},
                                                                             {"TC(", Kind::trimmed_count},
                                                                             {"TS(", Kind::trimmed_sum},
                                                                             {"PR(", Kind::percentile_rank}}};
    for (const auto& [prefix, kind] : forms) {
        if (!text.starts_with(prefix)) continue;
        const std::string_view range = text.substr(3, text.size() - 4);
        const auto colon = range.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        std::string_view low = range.substr(0, colon);
        std::string_view high = range.substr(colon + 1);
        if (low.empty() && high.empty()) return std::nullopt;

        Statistic statistic;
        statistic.kind_ = kind;
        statistic.by_percent_ = low.ends_with('%') || high.ends_with('%');
        const auto read = [&](std::string_view bound, std::optional<double>& into) {
            if (bound.empty()) return true;
            if (statistic.by_percent_ != bound.ends_with('%')) return false;
            into =
                statistic.by_percent_ ? read_percent(bound.substr(0, bound.size() - 1)) : read_number(bound);
            return into.has_value();
        };
        if (!read(low, statistic.low_) || !read(high, statistic.high_)) return std::nullopt;
        if (statistic.by_percent_ && kind == Kind::percentile_rank) return std::nullopt;
        if (statistic.low_ && statistic.high_ && *statistic.low_ >= *statistic.high_) return std::nullopt;
        return statistic;
    }
    return std::nullopt;
}

std::optional<double> Statistic::percentile() const {
    return kind_ == Kind::percentile ? high_ : std::nullopt;
}

std::optional<double> Statistic::of(Bucket& bucket) const {
    if (bucket.empty()) return std::nullopt;
    switch (kind_) {
        case Kind::sample_count:
            return bucket.sample_count();
        case Kind::average:
            return bucket.sum() / bucket.sample_count();
        case Kind::sum:
            return bucket.sum();
        case Kind::minimum:
            return bucket.minimum();
        case Kind::maximum:
            return bucket.maximum();
        default:
            return bucket.has_distribution() ? distribution(bucket) : std::nullopt;
    }
}

/// What is inside the bounds, and how much lies outside on either side.
struct Statistic::Trimmed {
    double count = 0;
    double sum = 0;
    double count_below = 0;
    double count_above = 0;
    double lowest =
        std::numeric_limits<double>::quiet_NaN();  ///< what points below become in a winsorized mean
    double highest = std::numeric_limits<double>::quiet_NaN();
};

Statistic::Trimmed Statistic::trim(const std::vector<Sample>& ascending, double sample_count) const {
    Trimmed trimmed;
    if (!by_percent_) {
        if (low_) trimmed.lowest = *low_;
        if (high_) trimmed.highest = *high_;
    }
    const double first = low_.value_or(0) / 100 * sample_count;
    const double last = high_.value_or(100) / 100 * sample_count;
    double passed = 0;
    for (const Sample& sample : ascending) {
        double inside = 0;
        if (by_percent_) {
            const double next = passed + sample.weight;
            inside = std::max(0.0, std::min(next, last) - std::max(passed, first));
            trimmed.count_below += std::max(0.0, std::min(next, first) - passed);
            trimmed.count_above += std::max(0.0, next - std::max(passed, last));
            passed = next;
            if (inside > 0 && std::isnan(trimmed.lowest)) trimmed.lowest = sample.value;
            if (inside > 0) trimmed.highest = sample.value;
        } else if (low_ && sample.value <= *low_) {
            trimmed.count_below += sample.weight;
        } else if (high_ && sample.value > *high_) {
            trimmed.count_above += sample.weight;
        } else {
            inside = sample.weight;
        }
        trimmed.count += inside;
        trimmed.sum += inside * sample.value;
    }
    return trimmed;
}

std::optional<double> Statistic::distribution(Bucket& bucket) const {
    const std::vector<Sample>& ascending = bucket.ascending();
    const double sample_count = bucket.sample_count();
    if (kind_ == Kind::percentile) return percentile_of(ascending, sample_count, *high_);

    const Trimmed trimmed = trim(ascending, sample_count);
    switch (kind_) {
        case Kind::trimmed_count:
            return by_percent_ ? std::round(trimmed.count) : trimmed.count;
        case Kind::trimmed_sum:
            return trimmed.sum;
        case Kind::percentile_rank:
            return trimmed.count / sample_count * 100;
        case Kind::winsorized_mean: {
            double sum = trimmed.sum;
            if (trimmed.count_below > 0) sum += trimmed.count_below * trimmed.lowest;
            if (trimmed.count_above > 0) sum += trimmed.count_above * trimmed.highest;
            return std::isnan(sum) ? std::nullopt : std::optional(sum / sample_count);
        }
        default:
            if (trimmed.count <= 0) return std::nullopt;
            return trimmed.sum / trimmed.count;
    }
}

}  // namespace rockwatch::cloudwatch
