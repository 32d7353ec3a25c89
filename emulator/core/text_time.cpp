#include "core/text_time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace rockwatch {

namespace {

using namespace std::chrono;

constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<const char*, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct Fields {
    int year;
    unsigned month, day;
    int hour, minute, second, millisecond;
    unsigned weekday;
};

Fields fields_of(Instant instant) {
    const auto day_start = floor<days>(instant);
    const year_month_day date{day_start};
    const hh_mm_ss time{instant - day_start};
    return {.year = int(date.year()),
            .month = unsigned(date.month()),
            .day = unsigned(date.day()),
            .hour = int(time.hours().count()),
            .minute = int(time.minutes().count()),
            .second = int(time.seconds().count()),
            .millisecond = int(time.subseconds().count()),
            .weekday = weekday{day_start}.c_encoding()};
}

/// Reads text from its front, one expectation after the other.
class Cursor {
public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int number = 0;
        const char* end = rest_.data() + count;
        const auto [stop, error] = std::from_chars(rest_.data(), end, number);
        if (error != std::errc{} || stop != end || rest_[0] == '-') return std::nullopt;
        rest_.remove_prefix(count);
        return number;
    }
    bool skip(char letter) {
        if (rest_.empty() || rest_[0] != letter) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool skip(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    std::string_view rest() const { return rest_; }
    bool done() const { return rest_.empty(); }
    void drop(std::size_t count) { rest_.remove_prefix(count); }

private:
    std::string_view rest_;
};

std::optional<Instant> build(int year, int month, int day, int hour, int minute, int second) {
    const year_month_day date{std::chrono::year{year}, std::chrono::month(unsigned(month)),
                              std::chrono::day(unsigned(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return Instant{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second};
}

/// The milliseconds of `.123456`; the cursor stands behind the point. Nullopt without a digit.
std::optional<int> read_fraction(Cursor& cursor) {
    const std::size_t before = cursor.rest().size();
    int value = 0;
    int scale = 100;
    while (!cursor.done() && cursor.rest()[0] >= '0' && cursor.rest()[0] <= '9') {
        value += scale * (cursor.rest()[0] - '0');
        scale /= 10;
        cursor.drop(1);
    }
    if (cursor.rest().size() == before) return std::nullopt;
    return value;
}

/// Minutes east of Greenwich for Z, +00:00 or +0000; nullopt when the text goes on otherwise.
std::optional<int> read_offset(Cursor& cursor) {
    if (cursor.skip('Z') || cursor.skip('z')) return 0;
    const int sign = cursor.skip('+') ? 1 : cursor.skip('-') ? -1 : 0;
    if (sign == 0) return std::nullopt;
    const auto hour = cursor.digits(2);
    cursor.skip(':');
    const auto minute = cursor.digits(2);
    if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
    return sign * (*hour * 60 + *minute);
}

}  // namespace

std::string iso_ms(Instant instant) {
    const Fields f = fields_of(instant);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", f.year, f.month, f.day, f.hour, f.minute,
                       f.second, f.millisecond);
}

std::string iso_seconds(Instant instant) {
    const Fields f = fields_of(instant);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", f.year, f.month, f.day, f.hour, f.minute,
                       f.second);
}

std::string iso_offset(Instant instant) {
    std::string text = iso_ms(instant);
    text.pop_back();
    return text + "+0000";
}

std::string reason_time(Instant instant) {
    const Fields f = fields_of(instant);
    return fmt::format("{:02}/{:02}/{:02} {:02}:{:02}:{:02}", f.day, f.month, f.year % 100, f.hour, f.minute,
                       f.second);
}

std::string http_date(Instant instant) {
    const Fields f = fields_of(instant);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[f.weekday], f.day,
                       months[f.month - 1], f.year, f.hour, f.minute, f.second);
}

std::optional<Instant> parse_iso(std::string_view text) {
    Cursor cursor(text);
    const auto year = cursor.digits(4);
    if (!year || !cursor.skip('-')) return std::nullopt;
    const auto month = cursor.digits(2);
    if (!month || !cursor.skip('-')) return std::nullopt;
    const auto day = cursor.digits(2);
    if (!day) return std::nullopt;
    if (cursor.done()) return build(*year, *month, *day, 0, 0, 0);
    if (!cursor.skip('T') && !cursor.skip('t') && !cursor.skip(' ')) return std::nullopt;
    const auto hour = cursor.digits(2);
    if (!hour || !cursor.skip(':')) return std::nullopt;
    const auto minute = cursor.digits(2);
    if (!minute) return std::nullopt;
    const auto second = cursor.skip(':') ? cursor.digits(2) : std::optional{0};
    if (!second) return std::nullopt;
    const auto fraction = cursor.skip('.') ? read_fraction(cursor) : std::optional{0};
    const auto offset = read_offset(cursor);
    if (!fraction || !offset || !cursor.done()) return std::nullopt;
    const auto instant = build(*year, *month, *day, *hour, *minute, *second);
    if (!instant) return std::nullopt;
    return *instant + Milliseconds{*fraction} - minutes{*offset};
}

std::optional<Instant> parse_http_date(std::string_view text) {
    const auto comma = text.find(", ");
    if (comma == std::string_view::npos) return std::nullopt;
    Cursor cursor(text.substr(comma + 2));
    const auto day = cursor.digits(2);
    if (!day || !cursor.skip(' ')) return std::nullopt;
    int month = 0;
    for (std::size_t index = 0; index < months.size() && month == 0; ++index) {
        if (cursor.skip(std::string_view(months[index]))) month = int(index) + 1;
    }
    if (month == 0 || !cursor.skip(' ')) return std::nullopt;
    const auto year = cursor.digits(4);
    if (!year || !cursor.skip(' ')) return std::nullopt;
    const auto hour = cursor.digits(2);
    if (!hour || !cursor.skip(':')) return std::nullopt;
    const auto minute = cursor.digits(2);
    if (!minute || !cursor.skip(':')) return std::nullopt;
    const auto second = cursor.digits(2);
    if (!second || cursor.rest() != " GMT") return std::nullopt;
    return build(*year, month, *day, *hour, *minute, *second);
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    constexpr std::int64_t number_max = 1'000'000'000;
    if (error != std::errc{} || number < 0 || number > number_max) return std::nullopt;
    const std::string_view unit(stop, text.data() + text.size() - stop);
    if (unit == "ms") return Milliseconds{number};
    if (unit == "s") return seconds{number};
    if (unit == "m") return minutes{number};
    if (unit == "h") return hours{number};
    if (unit == "d") return hours{24 * number};
    return std::nullopt;
}

}  // namespace rockwatch
