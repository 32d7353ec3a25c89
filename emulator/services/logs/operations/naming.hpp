#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/logs/service.hpp"

/// How operations name log groups, and the parts that listings share.
namespace rockwatch::logs {

/// arn:aws:logs:R:A:log-group:NAME, without the `:*` of DescribeLogGroups' `arn`.
std::string group_arn(const Owner& owner, std::string_view group);

/// The name in a log group's name or ARN; nullopt when it is an ARN of something else, or of a group in
/// another account or region: nobody links accounts here.
std::optional<std::string> group_name_of(const Owner& owner, std::string_view identifier);

/// Throws ResourceNotFoundException.
LogGroup group_named(const Reading& logs, const Owner& owner, std::string_view name);
/// By name or ARN. Throws ResourceNotFoundException.
LogGroup group_identified(const Reading& logs, const Owner& owner, std::string_view identifier);
/// By logGroupName or logGroupIdentifier, of which there must be one. Throws InvalidParameterException or
/// ResourceNotFoundException.
LogGroup group_of(const Reading& logs, const Owner& owner, const Json& input);

/// What a nextToken of this operation is good for: the same owner and input but for token and limit.
std::string listing_query(std::string_view operation, const Owner& owner, const Json& input);
/// Where the listing goes on; nullopt without a token. Throws InvalidParameterException.
std::optional<std::string> resume_position(std::string_view query, const Json& input);

}  // namespace rockwatch::logs
