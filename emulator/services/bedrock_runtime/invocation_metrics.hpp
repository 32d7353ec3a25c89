#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "services/bedrock_runtime/call.hpp"
#include "services/ports.hpp"

namespace rockwatch::bedrock_runtime {

inline constexpr std::string_view metric_namespace = "AWS/Bedrock";

/// One number that a call adds to a metric. The texts are literals.
struct Figure {
    std::string_view metric;
    double value = 1;
    std::string_view unit = "Count";
    auto operator<=>(const Figure&) const = default;
};

/// What one call adds (facts: bedrock.md 6.1-6.3): what succeeded counts as Invocations with its latency and
/// tokens, what failed in one error metric alone. Image models count the images that came out; ImageSize and
/// BucketedStepSize were dimensions of SDXL's, which is gone.
///
/// Chosen: 408 and 424 count by their HTTP class, as client errors.
std::vector<Figure> invocation_figures(const Call& call);

/// Figures of many calls, put together to data points: each by ModelId and across all models. Equal ones of
/// a minute become one point with their number as its weight, since no metric of Bedrock is told finer.
class GatheredFigures {
public:
    void add(const Owner& owner, std::string_view model_id, Instant at, const std::vector<Figure>& figures);
    /// Whether records reached their log group, across all models (facts: bedrock.md 6.4).
    void add_delivery(const Owner& owner, bool succeeded, Instant at);

    std::map<Owner, std::vector<DataPoint>> take();

private:
    struct Place {
        Owner owner;
        Instant minute;
        std::string model;  ///< empty: across all models alone
        auto operator<=>(const Place&) const = default;
    };
    using Weights = std::map<Figure, double>;

    Weights& weights_of(const Owner& owner, std::string_view model, Instant at);

    std::map<Place, Weights> gathered_;
    std::pair<const Place, Weights>* last_ = nullptr;  ///< calls of one model come in rows
};

/// The ModelId dimension: as called; an application inference profile's ARN by its id.
std::string_view model_dimension(std::string_view model_id);

}  // namespace rockwatch::bedrock_runtime
