#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "rules/rule_book.hpp"
#include "services/bedrock_runtime/completions.hpp"
#include "services/bedrock_runtime/invocation.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "storage/storage.hpp"

namespace rockwatch::bedrock_runtime {

/// How the runtime behaves; the command line's options of the same names.
struct RuntimeOptions {
    Unmatched unmatched = Unmatched::answer;
    UnknownModels unknown_models = UnknownModels::reject;
    DefaultLatency latency = DefaultLatency::none;
    InvocationLog invocation_log = InvocationLog::async;
};

/// Amazon Bedrock Runtime: models that answer as the rules say. Keeps no state of its own.
class BedrockRuntime : public Service {
public:
    BedrockRuntime(Storage& storage, const Clock& clock, Random& random, rules::RuleBook& book,
                   rules::QuotaBook& quotas, const ModelCatalogue& catalogue, const LoggingSettings& logging,
                   LogSink& logs, MetricSink& metrics, RuntimeOptions options);

    std::string_view name() const override { return "bedrock-runtime"; }
    std::vector<std::string_view> operations() const override;
    std::optional<Access> access(std::string_view operation) const override;
    Json call(std::string_view operation, Database& database, Instant now, const Caller& caller,
              const Json& input) override;

    /// `input` is the rest-json tree: Converse's members and modelId, or InvokeModel's or ChatCompletions'
    /// with the blob `body`.
    ReplyPlan invoke(std::string_view operation, Instant now, const Caller& caller, Json input) override;

    /// For invocations that the gateway refused before invoke(): Bedrock logs and counts them too.
    void failed_before(std::string_view operation, const Caller& caller, std::string_view model_id,
                       const ServiceError& error, Instant now) override;

private:
    /// Writes record and metrics, stamped with the clock's reading. Chosen: also when a latency is reported
    /// but not slept, so that a read up to the present finds them and records keep the order of the calls.
    void complete(const Call& call) noexcept;

    const Clock& clock_;
    Workshop workshop_;
    const LoggingSettings& logging_;
    Completions completions_;
};

}  // namespace rockwatch::bedrock_runtime
