#pragma once

#include <optional>
#include <string>

#include "core/caller.hpp"
#include "core/json.hpp"
#include "services/ports.hpp"

/// Rules of the model invocation logging configuration (facts: bedrock.md 5.1 to 5.3). Pure.
namespace rockwatch::bedrock {

/// Where every invocation record goes, and the probe.
inline constexpr std::string_view invocations_stream = "aws/bedrock/modelinvocations";
/// What the delivery test of PutModelInvocationLoggingConfiguration writes: plain text, as AWS has it.
inline constexpr std::string_view probe_message = "Permissions are correctly set for Amazon Bedrock logs.";

/// Reads LoggingConfig as the API has it; absent switches are on. Throws what AWS refuses, and what we cannot
/// do.
LoggingConfig read_logging_config(const Json& config);

/// The LoggingConfig that Get answers: what was put, and the switches that were not.
Json logging_config_json(const LoggingConfig& config);

/// What Bedrock has to be allowed to write invocations to the configuration's log group.
RoleUse role_use(const LoggingConfig& config, const Owner& owner);

}  // namespace rockwatch::bedrock
