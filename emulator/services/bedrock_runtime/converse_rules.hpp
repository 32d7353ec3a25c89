#pragma once

#include "core/json.hpp"
#include "services/ports.hpp"

namespace rockwatch::bedrock_runtime {

enum class Delivery { at_once, streamed };

/// Checks a Converse request as Bedrock does before a model sees it (facts: bedrock.md 4.3), in the order:
/// the model, the conversation, its blocks, the parameters. Throws ServiceError ValidationException.
///
/// Chosen: two messages of one role in a row are accepted, as Bedrock has done for most models since 2025.
void check_converse(const Json& input, const CatalogueModel& model, Delivery delivery);

/// Whether Converse can talk to it: it answers in text, and to more than a ranking. Chosen: these are the
/// models that have output tokens; those of a ranking are none.
bool is_text_model(const CatalogueModel& model);

}  // namespace rockwatch::bedrock_runtime
