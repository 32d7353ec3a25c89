#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace rockwatch::sns {

/// What a filter policy looks at.
enum class FilterScope { message_attributes, message_body };

/// A filter policy breaks SNS's rules; the text is what SNS says behind "FilterPolicy: ".
struct InvalidFilter : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws InvalidFilter when SNS would not take the policy: more than five keys, more than 150 combinations,
/// nesting where attributes are meant, an unknown or malformed condition.
///
/// Source: SNS developer guide, "Filter policy constraints"; the wording as LocalStack recorded it from AWS.
void check_filter_policy(const Json& policy, FilterScope scope);

/// Whether the policy accepts a message. Values of a key are alternatives, keys must all hold, `$or` takes
/// one of its branches. Attributes are SNS message attributes; a body that is no JSON object is accepted by
/// no policy but the empty one. Never throws.
bool accepts(const Json& policy, FilterScope scope, const Json& attributes, std::string_view body);

}  // namespace rockwatch::sns
