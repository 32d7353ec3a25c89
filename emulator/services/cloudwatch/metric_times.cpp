#include "services/cloudwatch/metric_times.hpp"

namespace rockwatch::cloudwatch {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr hours high_resolution_kept{3};
constexpr hours minutes_kept{24 * 15};
constexpr hours five_minutes_kept{24 * 63};
constexpr hours hours_kept{24 * 455};

}  // namespace

bool is_read_period(std::int64_t period) {
    if (period > 0 && period % 60 == 0) return true;
    return period == 1 || period == 5 || period == 10 || period == 20 || period == 30;
}

Instant rounded_start(Instant start, std::int64_t period, Instant now) {
    const Milliseconds age = now - start;
    Milliseconds step = minutes{1};
    if (age >= five_minutes_kept) {
        step = hours{1};
    } else if (age >= minutes_kept) {
        step = minutes{5};
    } else if (period < 60) {
        step = seconds{period};
    }
    const Instant anchor = floor_to(start, step);
    const Instant oldest = now - hours_kept;
    if (anchor >= oldest) return anchor;
    const Milliseconds length = seconds{period};
    return anchor + (oldest - anchor) / length * length;
}

bool is_kept(Instant start, std::int64_t period, Instant now) {
    const Milliseconds age = now - start;
    if (age > five_minutes_kept) return period % 3600 == 0;
    if (age > minutes_kept) return period % 300 == 0;
    if (age > high_resolution_kept) return period % 60 == 0;
    return true;
}

}  // namespace rockwatch::cloudwatch
