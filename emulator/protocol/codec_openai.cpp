#include <array>

#include "core/json.hpp"
#include "protocol/codecs.hpp"
#include "protocol/openai.hpp"

namespace rockwatch {

namespace {

/// What OpenAI calls one of AWS's errors.
struct Words {
    std::string_view name;  ///< of AWS's error; empty: the last resort of its status
    int status;
    const char* code;
    const char* type;
};

constexpr std::array<Words, 14> vocabulary = {{
    {"ValidationException", 400, "validation_error", "invalid_request_error"},
    {"AccessDeniedException", 403, "access_denied", "permission_denied_error"},
    {"ResourceNotFoundException", 404, "not_found", "not_found_error"},
    {"ThrottlingException", 429, "rate_limit_exceeded", "rate_limit_error"},
    {"ModelNotReadyException", 429, "model_not_ready", "rate_limit_error"},
    {"ModelTimeoutException", 408, "model_timeout", "timeout_error"},
    {"ModelErrorException", 424, "model_error", "server_error"},
    {"ModelStreamErrorException", 424, "model_error", "server_error"},
    {"ServiceQuotaExceededException", 400, "quota_exceeded", "invalid_request_error"},
    {"", 403, "invalid_api_key", "authentication_error"},
    {"", 404, "unknown_url", "invalid_request_error"},
    {"", 501, "not_implemented", "server_error"},
    {"", 503, "service_unavailable", "server_error"},
    {"", 500, "internal_server_error", "server_error"},
}};

Words words_for(const ErrorFacts& facts) {
    for (const Words& words : vocabulary) {
        if (words.name.empty() ? words.status == facts.status : words.name == facts.shape_name) return words;
    }
    constexpr int first_server_error = 500;
    return facts.status >= first_server_error ? vocabulary.back() : vocabulary.front();
}

/// A request is taken as restJson1 takes it: its body as a blob, the rest in headers.
class OpenAiCodec : public Codec {
public:
    Json parse(const OperationModel& operation, const HttpRequest& request, std::string_view body,
               Ignored& ignored) const override {
        return rest_json_codec().parse(operation, request, body, ignored);
    }

    HttpReply serialise(const ServiceModel& /*service*/, const OperationModel& operation, const Json& output,
                        std::string_view request_id) const override {
        HttpReply reply = reply_of(request_id);
        reply.status = operation.success_status;
        reply.body = to_text(output);
        return reply;
    }

    HttpReply serialise_error(const ServiceModel& service, const HttpRequest& /*request*/,
                              const ServiceError& error, std::string_view request_id) const override {
        HttpReply reply = reply_of(request_id);
        reply.status = facts_of(service, error, Protocol::openai, false).status;
        reply.body = openai_error_text(service, error);
        // OpenAI's clients would try a 501 again, and read this.
        constexpr int not_implemented = 501;
        if (reply.status == not_implemented) reply.headers.add("x-should-retry", "false");
        return reply;
    }

private:
    static HttpReply reply_of(std::string_view request_id) {
        HttpReply reply;
        reply.headers.add("x-amzn-RequestId", std::string(request_id));
        reply.headers.add("x-request-id", std::string(request_id));
        reply.headers.add("Content-Type", "application/json");
        return reply;
    }
};

}  // namespace

std::string openai_error_text(const ServiceModel& service, const ServiceError& error) {
    const Words words = words_for(facts_of(service, error, Protocol::openai, false));
    return to_text(
        Json{{"error",
              {{"code", words.code}, {"message", error.message}, {"param", nullptr}, {"type", words.type}}}});
}

std::string openai_event(std::string_view json) {
    std::string event = "data: ";
    event += json;
    event += "\n\n";
    return event;
}

const Codec& openai_codec() {
    static const OpenAiCodec codec;
    return codec;
}

}  // namespace rockwatch
