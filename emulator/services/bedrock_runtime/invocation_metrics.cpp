#include "services/bedrock_runtime/invocation_metrics.hpp"

#include "services/bedrock_runtime/converse_rules.hpp"
#include "services/bedrock_runtime/image_answer.hpp"
#include "services/bedrock_runtime/modalities.hpp"
#include "services/bedrock_runtime/quota_use.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

constexpr Milliseconds minute{60'000};

const char* error_metric(const Call& call) {
    constexpr int server_errors = 500;
    if (call.error_code == "ThrottlingException") return "InvocationThrottles";
    return call.error_status >= server_errors ? "InvocationServerErrors" : "InvocationClientErrors";
}

}  // namespace

std::string_view model_dimension(std::string_view model_id) {
    constexpr std::string_view mark = ":application-inference-profile/";
    const auto at = model_id.find(mark);
    return at == std::string_view::npos ? model_id : model_id.substr(at + mark.size());
}

std::vector<Figure> invocation_figures(const Call& call) {
    if (!call.succeeded() || !call.model) return {{error_metric(call)}};
    const Usage& usage = call.answer.usage;
    std::vector<Figure> figures;
    figures.reserve(8);
    const auto count = [&](std::string_view metric, std::int64_t value) {
        figures.push_back({metric, static_cast<double>(value)});
    };
    const auto time = [&](std::string_view metric, Milliseconds value) {
        figures.push_back({metric, static_cast<double>(value.count()), "Milliseconds"});
    };
    count("Invocations", 1);
    time("InvocationLatency", call.latency);
    if (call.streamed) time("TimeToFirstToken", call.first_token);
    count("InputTokenCount", usage.input);
    if (is_text_model(*call.model)) count("OutputTokenCount", usage.output);
    if (has_modality(call.model->output_modalities, "IMAGE"))
        count("OutputImageCount", image_count(call.answer));
    if (usage.cache_read > 0) count("CacheReadInputTokens", usage.cache_read);
    if (usage.cache_write > 0) count("CacheWriteInputTokens", usage.cache_write);
    count("EstimatedTPMQuotaUsage", burned_tokens(call));
    if (call.model->legacy) count("LegacyModelInvocations", 1);
    return figures;
}

GatheredFigures::Weights& GatheredFigures::weights_of(const Owner& owner, std::string_view model,
                                                      Instant at) {
    const Instant start = floor_to(at, minute);
    if (last_ == nullptr || last_->first.minute != start || last_->first.model != model ||
        last_->first.owner != owner) {
        last_ = &*gathered_.try_emplace({owner, start, std::string(model)}).first;
    }
    return last_->second;
}

void GatheredFigures::add(const Owner& owner, std::string_view model_id, Instant at,
                          const std::vector<Figure>& figures) {
    Weights& weights = weights_of(owner, model_dimension(model_id), at);
    for (const Figure& figure : figures) weights[figure] += 1;
}

void GatheredFigures::add_delivery(const Owner& owner, bool succeeded, Instant at) {
    weights_of(owner, {}, at)[{succeeded ? "ModelInvocationLogsCloudWatchDeliverySuccess"
                                         : "ModelInvocationLogsCloudWatchDeliveryFailure"}] += 1;
}

std::map<Owner, std::vector<DataPoint>> GatheredFigures::take() {
    std::map<Owner, std::vector<DataPoint>> points;
    for (const auto& [place, weights] : gathered_) {
        auto& own = points[place.owner];
        for (const auto& [figure, weight] : weights) {
            DataPoint point{.metric_name = std::string(figure.metric),
                            .timestamp = place.minute,
                            .value = figure.value,
                            .weight = weight,
                            .unit = std::string(figure.unit)};
            if (!place.model.empty()) {
                own.push_back(point);
                own.back().dimensions = {{"ModelId", place.model}};
            }
            own.push_back(std::move(point));
        }
    }
    gathered_.clear();
    last_ = nullptr;
    return points;
}

}  // namespace rockwatch::bedrock_runtime
