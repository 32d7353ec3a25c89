#pragma once

#include <string>
#include <string_view>

namespace rockwatch::bedrock_runtime {

/// The HTTP status of an error of the runtime service (facts: bedrock.md 1.6); 400 for names it does not
/// have.
int status_of(std::string_view name);

/// What Bedrock says with it, for rules that give no message (facts: bedrock.md 1.7); empty for unknown
/// names.
std::string_view usual_message(std::string_view name);

}  // namespace rockwatch::bedrock_runtime
