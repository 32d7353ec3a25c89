#pragma once

#include "core/clock.hpp"
#include "core/random.hpp"
#include "rules/quota_book.hpp"
#include "rules/reply_plan.hpp"
#include "rules/rule_book.hpp"
#include "services/bedrock_runtime/call.hpp"
#include "services/bedrock_runtime/request.hpp"

namespace rockwatch::bedrock_runtime {

enum class Unmatched { answer, reject };
enum class DefaultLatency { none, realistic };

/// How invocations are treated where no rule says.
struct InvocationOptions {
    Unmatched unmatched = Unmatched::answer;
    UnknownModels unknown_models = UnknownModels::reject;
    DefaultLatency latency = DefaultLatency::none;
};

/// What invocations are made with.
struct Workshop {
    const Clock& clock;
    Random& random;
    rules::RuleBook& book;
    rules::QuotaBook& quotas;
    const ModelCatalogue& catalogue;
    InvocationOptions options;
};

/// Plans one invocation: checks it, asks the rules, makes the answer and its times. Fills in the call's
/// outcome for record and metrics. What AWS would refuse is an error of the plan, not thrown. `on_complete`
/// is left to the caller.
///
/// Chosen, where AWS or the rules' contract leave it open:
/// - Without any latency a call reports 1 ms, since AWS never reports 0, and nobody waits.
/// - In a stream the rule's latency is the time to the first byte; firstTokenMs counts from there, and the
/// reported
///   latency is the time of the last event. A latency without `stream` sends all of it at that time.
/// - `sleep` holds for a stream's times as well: false, or none on a frozen clock, sends all events at once,
/// reported as planned; true waits in real time even while the clock is frozen.
/// - A connection fault breaks the way back, not the invocation: it is logged and counted as what it was on
/// the
///   service's side, or as the error that the rule names beside it.
/// - A cut without a number of chunks comes in the middle.
/// - Quotas are asked once the request is known to be valid, and before the rules: what they refuse is no
/// call that
///   matched a rule.
ReplyPlan plan_invocation(const Workshop& workshop, Call& call);

}  // namespace rockwatch::bedrock_runtime
