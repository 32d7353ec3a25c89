#include "services/logs/retention.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace rockwatch::logs {

namespace {

constexpr std::array<std::int64_t, 22> allowed_days = {
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace

bool is_allowed_retention(std::int64_t days) {
    return std::find(allowed_days.begin(), allowed_days.end(), days) != allowed_days.end();
}

std::string allowed_retention_text() { return fmt::format("[{}]", fmt::join(allowed_days, ", ")); }

}  // namespace rockwatch::logs
