#include "services/cloudwatch/metric_dimensions.hpp"

#include <algorithm>

namespace rockwatch::cloudwatch {

std::vector<Dimension> read_dimensions(const Json& object) {
    std::vector<Dimension> dimensions;
    const auto found = object.find("Dimensions");
    if (found == object.end()) return dimensions;
    for (const Json& dimension : *found) {
        dimensions.push_back(
            {.name = text_or_empty(dimension, "Name"), .value = text_or_empty(dimension, "Value")});
    }
    std::sort(dimensions.begin(), dimensions.end());
    return dimensions;
}

Json dimensions_json(const std::vector<Dimension>& sorted) {
    Json list = Json::array();
    for (const Dimension& dimension : sorted)
        list.push_back({{"Name", dimension.name}, {"Value", dimension.value}});
    return list;
}

std::optional<std::string> repeated_name(const std::vector<Dimension>& sorted) {
    const auto same_name = [](const Dimension& a, const Dimension& b) { return a.name == b.name; };
    const auto found = std::adjacent_find(sorted.begin(), sorted.end(), same_name);
    if (found == sorted.end()) return std::nullopt;
    return found->name;
}

}  // namespace rockwatch::cloudwatch
