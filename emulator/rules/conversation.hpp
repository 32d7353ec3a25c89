#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

/// Questions to a request in Converse terms: {"messages":[…],"system":[…],"toolConfig":{…}}. Pure; what has
/// another form than expected counts as absent.
namespace rockwatch::rules {

/// The member of an object; nullptr when `value` is no object or has none.
const Json* member(const Json& value, std::string_view name);
/// The elements of a list member, or an empty list.
const Json& elements(const Json& value, std::string_view name);
/// The text member, or an empty view. Valid as long as `value`.
std::string_view text_member(const Json& value, std::string_view name);

/// The text blocks of a message or a system list, a line each.
std::string text_of_blocks(const Json& blocks);
/// The text of the last user message; empty when there is none.
std::string last_user_text(const Json& converse);
std::string system_text(const Json& converse);
/// The number of user messages.
std::int64_t user_turns(const Json& converse);
/// The names of the tools on offer.
std::vector<std::string_view> offered_tools(const Json& converse);
bool offers_tool(const Json& converse, std::string_view name);
/// Of the results in the last message: their toolUseIds, and the names of the tools that were called.
std::vector<std::string_view> tool_results(const Json& converse);
/// Whether the last message carries a result for that toolUseId, or for a call of the tool of that name.
bool has_tool_result(const Json& converse, std::string_view id_or_name);

}  // namespace rockwatch::rules
