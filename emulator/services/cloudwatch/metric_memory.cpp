#include "services/cloudwatch/metric_memory.hpp"

#include <algorithm>

#include "services/cloudwatch/metric_store.hpp"

namespace rockwatch::cloudwatch {

namespace {

constexpr Milliseconds minute{60'000};

/// Length first, so that no value can look like the end of another.
void append(std::string& key, std::string_view part) {
    key += std::to_string(part.size());
    key += ':';
    key += part;
}

}  // namespace

const std::string& SeriesIds::key(const Owner& owner, std::string_view metric_namespace,
                                  std::string_view metric_name, const std::vector<Dimension>& sorted,
                                  std::string_view unit) {
    key_.clear();
    for (const std::string_view part : {std::string_view(owner.account), std::string_view(owner.region),
                                        metric_namespace, metric_name, unit}) {
        append(key_, part);
    }
    for (const Dimension& dimension : sorted) {
        append(key_, dimension.name);
        append(key_, dimension.value);
    }
    return key_;
}

std::optional<std::int64_t> SeriesIds::find(const std::string& key) const {
    const auto found = ids_.find(key);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

void SeriesIds::remember(Database& database, const std::string& key, std::int64_t id) {
    ++version_;
    database.after_commit([this, key, id, asked_at = reset_count_] {
        if (asked_at == reset_count_) ids_.emplace(key, id);
    });
}

void SeriesIds::forget_all() {
    ids_.clear();
    ++reset_count_;
    ++version_;
}

bool MinuteBuckets::begin(Database& database) {
    const bool is_clean = !is_open_;
    if (!is_clean) series_.clear();
    is_open_ = true;
    for (auto& [id, known] : series_) known.was_asked = false;
    database.after_commit([this] { is_open_ = false; });
    return is_clean;
}

void MinuteBuckets::end_of_all() {
    std::erase_if(series_, [](const auto& entry) { return !entry.second.was_asked; });
    for (auto& [id, known] : series_) {
        if (known.asked_from <= known.from) continue;
        known.from = known.asked_from;
        known.minutes.erase(known.minutes.begin(), known.minutes.lower_bound(known.from));
        known.holes.erase(known.holes.begin(), known.holes.lower_bound(known.from));
    }
}

void MinuteBuckets::fill(Database& database, std::int64_t series, Known& known, Instant from, Instant to) {
    if (from >= to) return;
    auto buckets = MetricReader(database).buckets(series, {.from = from, .to = to, .period = minute});
    known.minutes.merge(buckets);
}

std::vector<Bucket> MinuteBuckets::windows(Database& database, std::int64_t series, Instant end,
                                           Milliseconds period, int count, Keep keep) {
    const Instant from = end - count * period;
    Known& known = series_[series];
    known.asked_from = known.was_asked ? std::min(known.asked_from, from) : from;
    known.was_asked = true;
    if (known.from == known.to || from > known.to || end < known.from) {
        known.minutes.clear();
        known.holes.clear();
        fill(database, series, known, from, end);
        known.from = from;
        known.to = end;
    } else {
        fill(database, series, known, from, known.from);
        fill(database, series, known, known.to, end);
        known.from = std::min(known.from, from);
        known.to = std::max(known.to, end);
        for (const Instant hole : known.holes) fill(database, series, known, hole, hole + minute);
        known.holes.clear();
    }

    std::vector<Bucket> windows(static_cast<std::size_t>(count));
    for (auto at = known.minutes.lower_bound(from); at != known.minutes.end() && at->first < end; ++at) {
        Bucket& window = windows[static_cast<std::size_t>((at->first - from) / period)];
        keep == Keep::samples ? window.merge(at->second) : window.merge_totals(at->second);
    }
    return windows;
}

void MinuteBuckets::touch(std::int64_t series, std::int64_t start_ms) {
    const auto found = series_.find(series);
    if (found == series_.end()) return;
    const Instant at = floor_to(from_epoch_ms(start_ms), minute);
    Known& known = found->second;
    if (at < known.from || at >= known.to) return;
    known.minutes.erase(at);
    known.holes.insert(at);
}

}  // namespace rockwatch::cloudwatch
