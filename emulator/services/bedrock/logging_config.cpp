#include "services/bedrock/logging_config.hpp"

#include <fmt/format.h>

#include "core/arn.hpp"
#include "services/bedrock/errors.hpp"

namespace rockwatch::bedrock {

LoggingConfig read_logging_config(const Json& config) {
    const auto cloud_watch = config.find("cloudWatchConfig");
    if (cloud_watch == config.end() && !config.contains("s3Config")) throw no_log_destination();
    if (config.contains("s3Config")) throw s3_delivery_not_supported("s3Config");
    if (cloud_watch->contains("largeDataDeliveryS3Config")) {
        throw s3_delivery_not_supported("cloudWatchConfig.largeDataDeliveryS3Config");
    }
    return {.log_group = cloud_watch->at("logGroupName"),
            .role_arn = cloud_watch->at("roleArn"),
            .text = value_or(config, "textDataDeliveryEnabled", true),
            .image = value_or(config, "imageDataDeliveryEnabled", true),
            .embedding = value_or(config, "embeddingDataDeliveryEnabled", true),
            .video = value_or(config, "videoDataDeliveryEnabled", true),
            .audio = value_or(config, "audioDataDeliveryEnabled", true)};
}

Json logging_config_json(const LoggingConfig& config) {
    return {{"cloudWatchConfig", {{"logGroupName", config.log_group}, {"roleArn", config.role_arn}}},
            {"textDataDeliveryEnabled", config.text},
            {"imageDataDeliveryEnabled", config.image},
            {"embeddingDataDeliveryEnabled", config.embedding},
            {"videoDataDeliveryEnabled", config.video},
            {"audioDataDeliveryEnabled", config.audio}};
}

RoleUse role_use(const LoggingConfig& config, const Owner& owner) {
    return {
        .role_arn = config.role_arn,
        .service = "bedrock.amazonaws.com",
        .owner = owner,
        // The user guide's trust policies compare with arn:aws:bedrock:REGION:ACCOUNT:*.
        .source_arn = arn_of(owner, "bedrock", "model-invocation-logging"),
        .actions = {"logs:CreateLogStream", "logs:PutLogEvents"},
        .resource = arn_of(owner, "logs",
                           fmt::format("log-group:{}:log-stream:{}", config.log_group, invocations_stream))};
}

}  // namespace rockwatch::bedrock
