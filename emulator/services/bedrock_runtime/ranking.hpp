#pragma once

#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/bedrock_runtime/answer.hpp"

namespace rockwatch::bedrock_runtime {

/// How well a document fits a query, from 0 to below 1: the share of the query's words that it has, and a
/// little for having few others. Words are runs of letters and digits, whatever their case; what is not ASCII
/// is a letter. Pure.
///
/// Chosen: models know meanings, and tests know words.
double relevance(std::string_view query, std::string_view document);

/// The documents of a request's member "ranking" by their relevance for the query, the best first and, among
/// equals, in the order of the request; at most its "top".
std::vector<Rank> ranked(std::string_view query, const Json& ranking);

}  // namespace rockwatch::bedrock_runtime
