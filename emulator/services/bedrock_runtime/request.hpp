#pragma once

#include <string_view>

#include "services/bedrock_runtime/call.hpp"
#include "services/bedrock_runtime/families.hpp"

/// From the gateway's input to what an invocation asks: the model, the native body, the checks of its door.
namespace rockwatch::bedrock_runtime {

enum class UnknownModels { accept, reject };

/// Finds the model; throws ServiceError for one that cannot be called this way.
CatalogueModel find_model(const ModelCatalogue& catalogue, const Call& call, UnknownModels unknown);

/// Reads requestMetadata, performanceConfig and serviceTier of either door. Throws ServiceError.
void read_settings(Call& call);

/// Translates call.body, which has been parsed, and checks what it repeats of its door. Throws ServiceError.
void take_terms(Call& call, const Family& family);

/// Parses the native body and translates it into Converse terms. Returns its family, nullptr when the
/// emulator does not know the model's format: then Converse terms hold what can be guessed, so that rules can
/// match. Throws ServiceError.
const Family* read_native(Call& call);

}  // namespace rockwatch::bedrock_runtime
