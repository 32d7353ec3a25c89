#pragma once

#include <string_view>

#include "core/json.hpp"

namespace rockwatch::logs {

/// What is wrong with PutLogEvents' entity, as rejectedEntityInfo.errorType says it; empty: nothing.
///
/// Source: API reference, Entity and RejectedEntityInfo. Chosen: a type outside the documented ones is
/// InvalidTypeValue; an unknown key attribute InvalidKeyAttributes.
std::string_view entity_fault(const Json& entity);

}  // namespace rockwatch::logs
