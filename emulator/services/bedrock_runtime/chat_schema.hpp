#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Checks of chat requests in the words of the servers behind Bedrock. They read a body into a type and stop
/// at the first thing that does not fit, and Bedrock hands their words through.
///
/// Source: "The model returned the following errors: Failed to deserialize the JSON body into the target
/// type: reasoning_effort: invalid type: map, expected a string at line 1 column 187", recorded for gpt-oss
/// (aws-samples/amazon-bedrock-client-for-mac, issue 114). Chosen: the same words for every model of this
/// shape, without line and column; a member that is null counts as absent.
namespace rockwatch::bedrock_runtime {

/// `path`: "messages[0].role"; empty for the body itself.
ServiceError unreadable(std::string_view path, std::string_view problem);
/// A text that is none of the words.
ServiceError unknown_variant(std::string_view path, std::string_view found,
                             std::span<const std::string_view> words);
ServiceError wrong_type(std::string_view path, const Json& value, JsonKind kind);
/// "messages[3]"
std::string element_path(std::string_view list, std::size_t index);
/// "messages[3].role"; the name alone within the body itself.
std::string member_path(std::string_view object, std::string_view name);

/// The member; nullptr when it is absent or null.
const Json* given(const Json& object, std::string_view name);

/// Throws for what is no object, a member that is missing, of another type, or known to nobody.
void check_members(const Json& object, const std::string& path, std::span<const NativeKey> keys);

}  // namespace rockwatch::bedrock_runtime
