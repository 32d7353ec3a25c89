#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace rockwatch::rules {

/// What {{…}} in a rule's text stands for.
struct TemplateValues {
    std::string_view prompt;
    std::string_view model_id;
    std::int64_t turn = 0;
    std::string_view request_id;
    std::string now;                       ///< ISO 8601
    std::vector<std::string_view> groups;  ///< of the prompt's pattern; the first is the whole match
};

/// Largest text that a template may grow to.
inline constexpr std::size_t filled_bytes_max = std::size_t{1} << 20U;

/// Fills in {{prompt}}, {{modelId}}, {{turn}}, {{requestId}}, {{now}} and {{match.N}}. Pure substitution:
/// what is filled in is not looked at again, and other {{names}} stay as they are, since models are asked for
/// such texts. Throws ServiceError ValidationException when the text outgrows `filled_bytes_max`.
std::string fill(std::string_view text, const TemplateValues& values);

/// The highest N of {{match.N}}; -1 when there is none.
int highest_group(std::string_view text);
/// The same over every text of a tree.
int highest_group_in(const Json& tree);

}  // namespace rockwatch::rules
