#include "services/bedrock_runtime/runtime_errors.hpp"

#include <array>

namespace rockwatch::bedrock_runtime {

namespace {

struct RuntimeError {
    std::string_view name;
    int status;
    std::string_view message;
};

constexpr std::array<RuntimeError, 11> runtime_errors = {{
    {"AccessDeniedException", 403, "You don't have access to the model with the specified model ID."},
    {"InternalServerException", 500,
     "The system encountered an unexpected error during processing. Try your request again."},
    {"ModelErrorException", 424, "The request failed due to an error while processing the model."},
    {"ModelNotReadyException", 429, "Model is not ready for inference. Wait and try your request again."},
    {"ModelStreamErrorException", 424, "An error occurred while streaming the response. Retry your request."},
    {"ModelTimeoutException", 408, "Model has timed out in processing the request. Try your request again."},
    {"ResourceNotFoundException", 404,
     "This model version has reached the end of its life. Please refer to the AWS documentation for more "
     "details."},
    {"ServiceQuotaExceededException", 400, "Your request exceeds the service quota for your account."},
    {"ServiceUnavailableException", 503, "Bedrock is unable to process your request."},
    {"ThrottlingException", 429, "Too many requests, please wait before trying again."},
    {"ValidationException", 400, "The request is not valid."},
}};

const RuntimeError* find(std::string_view name) {
    for (const RuntimeError& error : runtime_errors) {
        if (error.name == name) return &error;
    }
    return nullptr;
}

}  // namespace

int status_of(std::string_view name) {
    constexpr int client_error = 400;
    const RuntimeError* error = find(name);
    return error == nullptr ? client_error : error->status;
}

std::string_view usual_message(std::string_view name) {
    const RuntimeError* error = find(name);
    return error == nullptr ? std::string_view{} : error->message;
}

}  // namespace rockwatch::bedrock_runtime
