#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"
#include "core/random.hpp"

namespace rockwatch::rules {

/// How a time of a rule is drawn.
struct Distribution {
    enum class Kind {
        fixed,        ///< `first` always
        uniform,      ///< from `first` to `second`
        normal,       ///< mean `first`, standard deviation `second`, never below zero
        lognormal,    ///< median `first`, 99th percentile `second`
        percentiles,  ///< straight lines through `points`
        realistic,    ///< the model's own profile: the invocation knows it, draw() does not
    };
    Kind kind = Kind::fixed;
    double first = 0;
    double second = 0;
    std::vector<std::pair<double, double>>
        points;  ///< share of the calls (0.5), milliseconds; both ascending
};

/// A number of milliseconds, or an object that names one distribution: {"ms"}, {"uniform"}, {"normal"},
/// {"lognormal"}, {"percentiles"}, {"profile"}. Throws InvalidRule; `pointer` says where `value` stands.
Distribution distribution_from_json(const Json& value, const std::string& pointer);

/// One value in milliseconds, from zero to a day. Every kind but fixed takes numbers from `random`.
///
/// Chosen: below the lowest given percentile the line goes on to half its value, above the highest it stays
/// flat, so that no call is slower than what the rule names.
double draw(const Distribution& distribution, Random& random);

/// draw(), rounded to whole milliseconds.
Milliseconds draw_ms(const Distribution& distribution, Random& random);

}  // namespace rockwatch::rules
