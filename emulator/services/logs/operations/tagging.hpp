#pragma once

#include "core/json.hpp"

namespace rockwatch::logs {

/// Throws InvalidParameterException when a key is one that only AWS may set.
void check_tag_keys(const Json& tags);

}  // namespace rockwatch::logs
