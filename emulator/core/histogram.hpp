#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rockwatch {

/// How long things took: how many lasted at most so many seconds, how many there were, and their sum.
class Histogram {
public:
    static constexpr std::array<double, 14> bounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                      0.025,  0.05,    0.1,    0.5,   1,      5,     30};

    void add(double seconds) {
        std::size_t place = 0;
        while (place < bounds.size() && seconds > bounds[place]) ++place;
        ++counts_[place];
        ++count_;
        sum_ += seconds;
    }

    std::uint64_t count() const { return count_; }
    double sum() const { return sum_; }
    /// How many lasted at most bounds[place].
    std::uint64_t within(std::size_t place) const {
        std::uint64_t all = 0;
        for (std::size_t below = 0; below <= place; ++below) all += counts_[below];
        return all;
    }

private:
    std::array<std::uint64_t, bounds.size() + 1> counts_{};  // the last one: longer than any bound
    std::uint64_t count_ = 0;
    double sum_ = 0;
};

}  // namespace rockwatch
