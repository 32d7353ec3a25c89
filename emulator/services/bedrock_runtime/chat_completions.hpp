#pragma once

#include "core/json.hpp"
#include "services/bedrock_runtime/call.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/ports.hpp"

/// The OpenAI-compatible door: POST /openai/v1/chat/completions, GET /openai/v1/models (facts: bedrock.md 8).
/// For rules, log and metrics it is InvokeModel, or InvokeModelWithResponseStream when the body asks for it.
namespace rockwatch::bedrock_runtime {

/// Parses the body and takes model and stream out of it. Throws ServiceError.
void open_chat(Call& call);

/// The request in Converse terms; call.model is known. Throws ServiceError when the model does not speak chat
/// completions.
///
/// Source: the words of the refusal, recorded in July 2026. Chosen, from the documentation's "OpenAI models,
/// and Claude by its profiles": models whose native format it is, and Claude when it is called through an
/// inference profile.
const Family& read_chat(Call& call);

/// {"object":"list","data":[…]}: models and profiles that can be called from the owner's region.
/// Chosen: `created` is 0 throughout, since nobody tells it.
Json list_chat_models(const ModelCatalogue& catalogue, const Owner& owner);

}  // namespace rockwatch::bedrock_runtime
