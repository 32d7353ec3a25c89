#pragma once

#include "services/bedrock/service.hpp"

namespace rockwatch::bedrock {

Json put_model_invocation_logging_configuration(Write& bedrock, const Caller& caller, const Json& input);
Json get_model_invocation_logging_configuration(Read& bedrock, const Caller& caller, const Json& input);
Json delete_model_invocation_logging_configuration(Write& bedrock, const Caller& caller, const Json& input);

Json list_foundation_models(Read& bedrock, const Caller& caller, const Json& input);
Json get_foundation_model(Read& bedrock, const Caller& caller, const Json& input);
Json get_foundation_model_availability(Read& bedrock, const Caller& caller, const Json& input);

Json list_inference_profiles(Read& bedrock, const Caller& caller, const Json& input);
Json get_inference_profile(Read& bedrock, const Caller& caller, const Json& input);

}  // namespace rockwatch::bedrock
