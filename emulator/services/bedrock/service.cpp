#include "services/bedrock/service.hpp"

#include "services/bedrock/logging_config.hpp"
#include "services/bedrock/operations/operations.hpp"

namespace rockwatch::bedrock {

namespace {

constexpr Operation<Read, Write> table[] = {
    {"PutModelInvocationLoggingConfiguration", put_model_invocation_logging_configuration},
    {"GetModelInvocationLoggingConfiguration", get_model_invocation_logging_configuration},
    {"DeleteModelInvocationLoggingConfiguration", delete_model_invocation_logging_configuration},
    {"ListFoundationModels", list_foundation_models},
    {"GetFoundationModel", get_foundation_model},
    {"GetFoundationModelAvailability", get_foundation_model_availability},
    {"ListInferenceProfiles", list_inference_profiles},
    {"GetInferenceProfile", get_inference_profile},
};

LoggingCache::Configs stored_configs(Storage& storage) {
    const auto lease = storage.read();
    return LoggingReader(*lease).all();
}

}  // namespace

Bedrock::Bedrock(Storage& storage, const Clock& clock, RoleDirectory& roles, LogSink& logs)
    : TableService(table),
      clock_(clock),
      roles_(roles),
      logs_(logs),
      catalogue_(built_in_models()),
      cache_(stored_configs(storage)) {}

std::optional<CatalogueModel> Bedrock::find(const Owner& owner, std::string_view model_id) const {
    return catalogue_.find(owner, model_id, clock_.now());
}

std::vector<std::string> Bedrock::callable(const Owner& owner) const {
    return catalogue_.callable(owner.region);
}

std::optional<std::string> Bedrock::delivery_refusal(Database& database, const Owner& owner,
                                                     const LoggingConfig& config) const {
    RoleUse use = role_use(config, owner);
    use.is_repeated = true;  // PutModelInvocationLoggingConfiguration asked first
    return roles_.refusal(database, use);
}

void Bedrock::reset(Database& database) {
    LoggingWriter(database).remove_all();
    database.after_commit([this] { cache_.clear(); });
}

Read Bedrock::reading(Database& database, Instant /*now*/) { return {LoggingReader(database), catalogue_}; }

Write Bedrock::writing(Database& database, Instant now) {
    return {LoggingWriter(database), cache_, roles_, logs_, database, now};
}

}  // namespace rockwatch::bedrock
