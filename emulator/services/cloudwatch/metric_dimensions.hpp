#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "services/ports.hpp"

namespace rockwatch::cloudwatch {

/// A metric of one account and region; units are streams of their own beneath it.
struct MetricKey {
    std::string metric_namespace;
    std::string name;
    std::vector<Dimension> dimensions;  ///< sorted by name
    bool operator==(const MetricKey&) const = default;
};

/// The member `Dimensions`, sorted by name; empty when the member is absent.
std::vector<Dimension> read_dimensions(const Json& object);

/// [{"Name": ..., "Value": ...}, ...], as AWS answers them and as the tables keep them.
Json dimensions_json(const std::vector<Dimension>& sorted);

/// The first name that stands twice.
std::optional<std::string> repeated_name(const std::vector<Dimension>& sorted);

}  // namespace rockwatch::cloudwatch
