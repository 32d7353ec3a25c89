#include "services/bedrock_runtime/quota_use.hpp"

#include <algorithm>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/converse_rules.hpp"
#include "services/bedrock_runtime/model_traits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/tokens.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

// More than any quota can be, and little enough to be added up.
constexpr std::int64_t reserved_tokens_max = 20'000'000'000;

std::int64_t output_tokens_max(const Call& call) {
    if (!is_text_model(*call.model)) return 0;
    if (const Json* config = rules::member(call.converse(), "inferenceConfig")) {
        const Json* asked = rules::member(*config, "maxTokens");
        if (asked != nullptr && asked->is_number_integer())
            return std::min(count_of(*asked), reserved_tokens_max);
    }
    return default_max_tokens(call.foundation_id());
}

}  // namespace

std::string_view counted_model(const Call& call) {
    if (call.model->invoked_through.empty()) return call.foundation_id();
    const std::string_view called = call.model_id;
    return called.starts_with("arn:") ? called.substr(called.find('/') + 1) : called;
}

std::int64_t reserved_tokens(const Call& call) {
    return std::min(input_tokens(call.converse()) + output_tokens_max(call), reserved_tokens_max);
}

std::int64_t burned_tokens(const Call& call) {
    if (!call.succeeded() || !call.model) return 0;
    const Usage& usage = call.answer.usage;
    return usage.input + usage.cache_write + usage.output * burndown(call.foundation_id());
}

ServiceError throttled(rules::QuotaLimit limit) {
    return {"ThrottlingException", limit == rules::QuotaLimit::requests
                                       ? "Too many requests, please wait before trying again."
                                       : "Too many tokens, please wait before trying again."};
}

}  // namespace rockwatch::bedrock_runtime
