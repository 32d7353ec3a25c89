#include "services/bedrock_runtime/service.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/chat_completions.hpp"
#include "services/bedrock_runtime/invocation_metrics.hpp"
#include "services/bedrock_runtime/invocation_record.hpp"
#include "services/bedrock_runtime/quota_use.hpp"
#include "services/bedrock_runtime/runtime_errors.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

struct Door {
    std::string_view operation;
    bool native;
    bool streamed;
    bool chat = false;
};

constexpr std::array<Door, 5> doors = {{{"Converse", false, false},
                                        {"ConverseStream", false, true},
                                        {"InvokeModel", true, false},
                                        {"InvokeModelWithResponseStream", true, true},
                                        {"ChatCompletions", true, false, true}}};
constexpr std::string_view list_models = "ListModels";

const Door* find_door(std::string_view operation) {
    const auto* const found = std::find_if(doors.begin(), doors.end(),
                                           [&](const Door& door) { return door.operation == operation; });
    return found == doors.end() ? nullptr : found;
}

std::shared_ptr<Call> new_call(const Door& door, const Caller& caller, std::string_view model_id,
                               Instant now) {
    auto call = std::make_shared<Call>();
    call->operation = door.chat ? "InvokeModel" : door.operation;
    call->native = door.native;
    call->streamed = door.streamed;
    call->chat = door.chat;
    call->caller = caller;
    call->arrival = now;
    call->model_id = model_id;
    return call;
}

}  // namespace

BedrockRuntime::BedrockRuntime(Storage& storage, const Clock& clock, Random& random, rules::RuleBook& book,
                               rules::QuotaBook& quotas, const ModelCatalogue& catalogue,
                               const LoggingSettings& logging, LogSink& logs, MetricSink& metrics,
                               RuntimeOptions options)
    : clock_(clock),
      workshop_{clock,     random,
                book,      quotas,
                catalogue, InvocationOptions{options.unmatched, options.unknown_models, options.latency}},
      logging_(logging),
      completions_(storage, clock, logging, logs, metrics, options.invocation_log) {}

std::vector<std::string_view> BedrockRuntime::operations() const {
    std::vector<std::string_view> names;
    names.reserve(doors.size() + 1);
    for (const Door& door : doors) names.push_back(door.operation);
    names.push_back(list_models);
    return names;
}

std::optional<Access> BedrockRuntime::access(std::string_view operation) const {
    if (operation == list_models) return Access::read;
    if (find_door(operation) == nullptr) return std::nullopt;
    return Access::invoke;
}

Json BedrockRuntime::call(std::string_view operation, Database&, Instant, const Caller& caller, const Json&) {
    ensure(operation == list_models, "all others are invocations");
    return list_chat_models(workshop_.catalogue, caller);
}

ReplyPlan BedrockRuntime::invoke(std::string_view operation, Instant now, const Caller& caller, Json input) {
    const Door* door = find_door(operation);
    ensure(door != nullptr, "the gateway asks for operations of the table alone");
    // Shared: the plan's completion is a std::function, which must be copyable.
    const std::shared_ptr<Call> call = new_call(*door, caller, rules::text_member(input, "modelId"), now);
    call->input = std::move(input);
    ReplyPlan plan = plan_invocation(workshop_, *call);
    const bool ours =
        plan.error && plan.error->code == "NotImplemented";  // says nothing about an account of AWS
    if (ours) {
        plan.on_complete = [this, call] { workshop_.quotas.settle(call->charge, 0); };
    } else {
        plan.on_complete = [this, call] { complete(*call); };
    }
    return plan;
}

void BedrockRuntime::failed_before(std::string_view operation, const Caller& caller,
                                   std::string_view model_id, const ServiceError& error, Instant now) {
    const Door* door = find_door(operation);
    if (door == nullptr) return;
    const std::shared_ptr<Call> call = new_call(*door, caller, model_id, now);
    call->model = workshop_.catalogue.find(caller, model_id);
    call->error_code = error.code;
    call->error_status = error.status != 0 ? error.status : status_of(error.code);
    complete(*call);
}

void BedrockRuntime::complete(const Call& call) noexcept {
    try {
        workshop_.quotas.settle(call.charge, burned_tokens(call));
        const Instant completed = clock_.now();
        Completion completion{.owner = call.caller,
                              .model_id = call.model_id,
                              .at = completed,
                              .figures = invocation_figures(call)};
        if (const auto logging = logging_.logging(call.caller); logging && !logging->log_group.empty()) {
            completion.log_group = logging->log_group;
            completion.log_role = logging->role_arn;
            completion.record = invocation_record(call, *logging, completed);
        }
        completions_.push(std::move(completion));
    } catch (const std::exception& error) {
        spdlog::error("the record of invocation {} is lost: {}", call.caller.request_id, error.what());
    }
}

}  // namespace rockwatch::bedrock_runtime
