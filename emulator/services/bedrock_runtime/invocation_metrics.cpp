#include "services/bedrock_runtime/invocation_metrics.hpp"

#include <algorithm>

#include "services/bedrock_runtime/model_traits.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

/// Gathers points in pairs: by model, and across all.
class Points {
public:
    Points(std::string_view model, Instant at) : model_(model), at_(at) { points_.reserve(16); }

    void count(const char* name, double value = 1) { add(name, value, "Count"); }
    void time(const char* name, Milliseconds value) {
        add(name, static_cast<double>(value.count()), "Milliseconds");
    }
    std::vector<DataPoint> take() { return std::move(points_); }

private:
    void add(const char* name, double value, const char* unit) {
        points_.push_back({.metric_name = name,
                           .dimensions = {{"ModelId", std::string(model_)}},
                           .timestamp = at_,
                           .value = value,
                           .unit = unit});
        points_.push_back({.metric_name = name, .timestamp = at_, .value = value, .unit = unit});
    }

    std::string_view model_;
    Instant at_;
    std::vector<DataPoint> points_;
};

const char* error_metric(const Call& call) {
    constexpr int server_errors = 500;
    if (call.error_code == "ThrottlingException") return "InvocationThrottles";
    return call.error_status >= server_errors ? "InvocationServerErrors" : "InvocationClientErrors";
}

bool answers_text(const Call& call) {
    if (!call.answer.embedding.empty()) return false;
    const auto& outputs = call.model->output_modalities;
    return std::find(outputs.begin(), outputs.end(), "TEXT") != outputs.end();
}

}  // namespace

std::string_view model_dimension(std::string_view model_id) {
    constexpr std::string_view mark = ":application-inference-profile/";
    const auto at = model_id.find(mark);
    return at == std::string_view::npos ? model_id : model_id.substr(at + mark.size());
}

std::vector<DataPoint> invocation_metrics(const Call& call, Instant completed) {
    Points points(model_dimension(call.model_id), completed);
    if (!call.succeeded() || !call.model) {
        points.count(error_metric(call));
        return points.take();
    }
    const Usage& usage = call.answer.usage;
    points.count("Invocations");
    points.time("InvocationLatency", call.latency);
    if (call.streamed) points.time("TimeToFirstToken", call.first_token);
    points.count("InputTokenCount", static_cast<double>(usage.input));
    if (answers_text(call)) points.count("OutputTokenCount", static_cast<double>(usage.output));
    if (usage.cache_read > 0) points.count("CacheReadInputTokens", static_cast<double>(usage.cache_read));
    if (usage.cache_write > 0) points.count("CacheWriteInputTokens", static_cast<double>(usage.cache_write));
    const std::int64_t burned =
        usage.input + usage.cache_write + usage.output * burndown(call.foundation_id());
    points.count("EstimatedTPMQuotaUsage", static_cast<double>(burned));
    if (call.model->legacy) points.count("LegacyModelInvocations");
    return points.take();
}

DataPoint delivery_metric(LogDelivery delivery, Instant at) {
    return {.metric_name = delivery == LogDelivery::succeeded
                               ? "ModelInvocationLogsCloudWatchDeliverySuccess"
                               : "ModelInvocationLogsCloudWatchDeliveryFailure",
            .timestamp = at,
            .value = 1,
            .unit = "Count"};
}

}  // namespace rockwatch::bedrock_runtime
