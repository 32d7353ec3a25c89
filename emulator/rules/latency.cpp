#include "rules/latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "rules/fields.hpp"

namespace rockwatch::rules {

namespace {

constexpr Range milliseconds{0, rule_ms_max};
constexpr double z_of_p99 = 2.3263478740408408;

double standard_normal(Random& random) {
    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
    return radius * std::cos(2 * std::numbers::pi * random.unit());
}

double on_line(const std::vector<std::pair<double, double>>& points, double share) {
    std::pair<double, double> before{0, points.front().second / 2};
    for (const auto& point : points) {
        if (share <= point.first) {
            const double part = (share - before.first) / (point.first - before.first);
            return before.second + part * (point.second - before.second);
        }
        before = point;
    }
    return points.back().second;
}

double checked_ms(const Json& value, const std::string& pointer) {
    if (!value.is_number()) throw invalid_rule("must be a number of milliseconds", pointer);
    const double ms = value.get<double>();
    if (!(ms >= 0 && ms <= rule_ms_max)) throw invalid_rule("must be from 0 to 86400000 (a day)", pointer);
    return ms;
}

Distribution read_uniform(const Json& value, const std::string& pointer) {
    if (!value.is_array() || value.size() != 2)
        throw invalid_rule("must be a list of two numbers: [200, 900]", pointer);
    const double low = checked_ms(value[0], pointer_to(pointer, "0"));
    const double high = checked_ms(value[1], pointer_to(pointer, "1"));
    if (low > high) throw invalid_rule("the first number must not be greater than the second", pointer);
    return {.kind = Distribution::Kind::uniform, .first = low, .second = high};
}

double required(const Fields& fields, std::string_view name) {
    const auto value = fields.number(name, milliseconds);
    if (!value) throw invalid_rule(fmt::format("needs the member {}", name), fields.pointer());
    return *value;
}

Distribution read_lognormal(const Json& value, const std::string& pointer) {
    const Fields fields(value, pointer, {"p50", "p99"});
    const double p50 = required(fields, "p50");
    const double p99 = required(fields, "p99");
    if (p50 <= 0) throw invalid_rule("must be greater than 0", fields.at("p50"));
    if (p99 < p50) throw invalid_rule("must not be less than p50", fields.at("p99"));
    return {.kind = Distribution::Kind::lognormal, .first = p50, .second = p99};
}

/// 0.999 for p99.9; nullopt when the name is no percentile between p0 and p100.
std::optional<double> share_of(std::string_view name) {
    if (!name.starts_with('p')) return std::nullopt;
    name.remove_prefix(1);
    double percent = 0;
    const auto [stop, error] =
        std::from_chars(name.data(), name.data() + name.size(), percent, std::chars_format::fixed);
    if (error != std::errc{} || stop != name.data() + name.size()) return std::nullopt;
    if (!(percent > 0 && percent <= 100)) return std::nullopt;
    return percent / 100;
}

Distribution read_percentiles(const Json& value, const std::string& pointer) {
    if (!value.is_object() || value.empty())
        throw invalid_rule("must be an object such as {\"p50\":900,\"p99\":4000}", pointer);
    Distribution distribution{.kind = Distribution::Kind::percentiles};
    for (const auto& [name, ms] : value.items()) {
        const auto share = share_of(name);
        if (!share)
            throw invalid_rule("must be named p and a number from 0 to 100: p99, p99.9",
                               pointer_to(pointer, name));
        distribution.points.emplace_back(*share, checked_ms(ms, pointer_to(pointer, name)));
    }
    auto& points = distribution.points;
    std::sort(points.begin(), points.end());
    for (std::size_t index = 1; index < points.size(); ++index) {
        if (points[index].first == points[index - 1].first)
            throw invalid_rule("names one percentile twice", pointer);
        if (points[index].second < points[index - 1].second) {
            throw invalid_rule("a higher percentile must not be smaller than a lower one", pointer);
        }
    }
    return distribution;
}

Distribution read_profile(const Json& value, const std::string& pointer) {
    if (value != Json("realistic")) throw invalid_rule("the only profile is \"realistic\"", pointer);
    return {.kind = Distribution::Kind::realistic};
}

}  // namespace

Distribution distribution_from_json(const Json& value, const std::string& pointer) {
    if (value.is_number()) return {.first = checked_ms(value, pointer)};
    const Fields fields(value, pointer, {"ms", "uniform", "normal", "lognormal", "percentiles", "profile"});
    if (value.size() != 1) {
        throw invalid_rule(
            "must be a number of milliseconds, or name exactly one of ms, uniform, normal, lognormal, "
            "percentiles, profile",
            pointer);
    }
    if (const Json* ms = fields.find("ms")) return {.first = checked_ms(*ms, fields.at("ms"))};
    if (const Json* bounds = fields.find("uniform")) return read_uniform(*bounds, fields.at("uniform"));
    if (const Json* normal = fields.find("normal")) {
        const Fields parts(*normal, fields.at("normal"), {"mean", "stddev"});
        return {.kind = Distribution::Kind::normal,
                .first = required(parts, "mean"),
                .second = required(parts, "stddev")};
    }
    if (const Json* lognormal = fields.find("lognormal"))
        return read_lognormal(*lognormal, fields.at("lognormal"));
    if (const Json* points = fields.find("percentiles"))
        return read_percentiles(*points, fields.at("percentiles"));
    return read_profile(*fields.find("profile"), fields.at("profile"));
}

double draw(const Distribution& distribution, Random& random) {
    using Kind = Distribution::Kind;
    const double first = distribution.first;
    const double second = distribution.second;
    double value = first;
    switch (distribution.kind) {
        case Kind::fixed:
            break;
        case Kind::uniform:
            value = first + random.unit() * (second - first);
            break;
        case Kind::normal:
            value = first + standard_normal(random) * second;
            break;
        case Kind::lognormal:
            value = first * std::exp(standard_normal(random) * std::log(second / first) / z_of_p99);
            break;
        case Kind::percentiles:
            value = on_line(distribution.points, random.unit());
            break;
        case Kind::realistic:
            throw BrokenPromise("the invocation draws from its model's profile itself");
    }
    return std::clamp(value, 0.0, rule_ms_max);
}

Milliseconds draw_ms(const Distribution& distribution, Random& random) {
    return Milliseconds{std::llround(draw(distribution, random))};
}

}  // namespace rockwatch::rules
