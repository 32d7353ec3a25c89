#include "services/bedrock/errors.hpp"
#include "services/bedrock/logging_config.hpp"
#include "services/bedrock/operations/operations.hpp"

namespace rockwatch::bedrock {

namespace {

/// The delivery test that AWS makes before it takes a configuration: may we write to the group, and do it.
void probe(Write& bedrock, const Owner& owner, const LoggingConfig& config) {
    if (!bedrock.logs.has_group(bedrock.database, owner, config.log_group)) {
        throw log_group_not_permitted(config.log_group, config.role_arn,
                                      "The specified log group does not exist.");
    }
    if (const auto refusal = bedrock.roles.refusal(bedrock.database, role_use(config, owner))) {
        throw log_group_not_permitted(config.log_group, config.role_arn, *refusal);
    }
    const LogLine line{bedrock.now, std::string(probe_message)};
    bedrock.logs.put(bedrock.database, owner, config.log_group, invocations_stream, {&line, 1}, bedrock.now);
}

}  // namespace

Json put_model_invocation_logging_configuration(Write& bedrock, const Caller& caller, const Json& input) {
    const LoggingConfig config = read_logging_config(input.at("loggingConfig"));
    probe(bedrock, caller, config);
    bedrock.logging.put(caller, config);
    bedrock.database.after_commit(
        [&cache = bedrock.cache, owner = Owner(caller), config] { cache.set(owner, config); });
    return Json::object();
}

Json get_model_invocation_logging_configuration(Read& bedrock, const Caller& caller, const Json& /*input*/) {
    const auto config = bedrock.logging.find(caller);
    if (!config) return Json::object();
    return {{"loggingConfig", logging_config_json(*config)}};
}

Json delete_model_invocation_logging_configuration(Write& bedrock, const Caller& caller,
                                                   const Json& /*input*/) {
    bedrock.logging.remove(caller);
    bedrock.database.after_commit(
        [&cache = bedrock.cache, owner = Owner(caller)] { cache.set(owner, std::nullopt); });
    return Json::object();
}

}  // namespace rockwatch::bedrock
