#include "runtime_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

constexpr const char* records_stream = "aws/bedrock/modelinvocations";

bool is_streamed(const std::string& operation) { return operation.ends_with("Stream"); }

bool matches(const Json& rule, std::size_t who, const std::string& operation, const Json& input) {
    const Json match = value_or(rule, "match", Json::object());
    if (match.contains("modelId") && !names_model(match.at("modelId"), input.at("modelId"))) return false;
    if (match.contains("operation") && match.at("operation") != operation) return false;
    if (match.contains("prompt") &&
        prompt_of(input).find(match.at("prompt").get<std::string>()) == std::string::npos)
        return false;
    if (match.contains("account") && match.at("account") != owner_at(who).account) return false;
    return !match.contains("region") || match.at("region") == owner_at(who).region;
}

/// "2", "2-", "-3", "2-3"
bool in_calls(const std::string& calls, std::int64_t number) {
    const auto dash = calls.find('-');
    if (dash == std::string::npos) return number == std::stoll(calls);
    const std::string from = calls.substr(0, dash);
    const std::string to = calls.substr(dash + 1);
    return (from.empty() || number >= std::stoll(from)) && (to.empty() || number <= std::stoll(to));
}

Told told_by_converse(const Json& output) {
    return {.text = output.at("output").at("message").at("content").at(0).at("text"),
            .input_tokens = output.at("usage").at("inputTokens"),
            .output_tokens = output.at("usage").at("outputTokens")};
}

Told told_by_stream(const Json& events) {
    Told told;
    for (const Json& event : events) {
        if (event.contains("contentBlockDelta"))
            told.text += text_or_empty(event.at("contentBlockDelta").at("delta"), "text");
        if (!event.contains("metadata")) continue;
        told.input_tokens = event.at("metadata").at("usage").at("inputTokens");
        told.output_tokens = event.at("metadata").at("usage").at("outputTokens");
    }
    return told;
}

/// Titan Text: the chunks' texts one after the other, the metrics in the last one.
Told told_by_chunks(const Json& events) {
    Told told;
    for (const Json& event : events) {
        std::string bytes;
        base64_decode(event.at("chunk").at("bytes").get<std::string>(), bytes);
        const Json chunk = Json::parse(bytes);
        told.text += text_or_empty(chunk, "outputText");
        if (!chunk.contains("amazon-bedrock-invocationMetrics")) continue;
        const Json& metrics = chunk.at("amazon-bedrock-invocationMetrics");
        told.input_tokens = metrics.at("inputTokenCount");
        told.output_tokens = metrics.at("outputTokenCount");
    }
    return told;
}

/// "requests" or "tokens". What a quota refuses is no call that matched a rule; rules throttle, too.
std::string throttled_by_quota(const Outcome& outcome) {
    if (outcome.error != "ThrottlingException" || !outcome.rules.empty()) return {};
    return outcome.message.starts_with("Too many tokens") ? "tokens" : "requests";
}

}  // namespace

std::string prompt_of(const Json& input) {
    if (input.contains("body")) return text_or_empty(input.at("body"), "inputText");
    const Json& messages = input.at("messages");
    return messages.empty() ? "" : text_or_empty(messages.back().at("content").at(0), "text");
}

Told told_by(const std::string& operation, const Json& output) {
    if (operation == "Converse") return told_by_converse(output);
    if (operation == "ConverseStream") return told_by_stream(output.at("events"));
    if (operation == "InvokeModelWithResponseStream") return told_by_chunks(output.at("events"));
    return {.text = output.at("results").at(0).at("outputText"),
            .input_tokens = output.at("inputTextTokenCount"),
            .output_tokens = output.at("results").at(0).at("tokenCount")};
}

bool RuntimeModel::has_rule(const std::string& id) const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [&](const Kept& kept) { return kept.rule.at("id") == id; });
}

void RuntimeModel::remove_rule(const std::string& id) {
    std::erase_if(rules_, [&](const Kept& kept) { return kept.rule.at("id") == id; });
}

void RuntimeModel::clear_rules() {
    rules_.clear();
    quotas_.put(Json::array());
}

void RuntimeModel::restarted() {
    quotas_.restarted();
    for (Kept& kept : rules_) kept.calls = 0;
}

std::string RuntimeModel::expected_config_error(std::size_t who, const std::string& operation,
                                                const Json& input) const {
    if (!operation.starts_with("Put")) return {};
    const std::string group = input.at("loggingConfig").at("cloudWatchConfig").at("logGroupName");
    return logs_.groups(who).contains(group) ? "" : "ValidationException";
}

void RuntimeModel::config_accepted(std::size_t who, const std::string& operation, const Json& input,
                                   std::int64_t now) {
    log_groups_.at(who).clear();
    if (!operation.starts_with("Put")) return;
    log_groups_.at(who) = input.at("loggingConfig").at("cloudWatchConfig").at("logGroupName");
    logs_.write(who, log_groups_.at(who),
                {.timestamp = now,
                 .ingestion_time = now,
                 .message = "Permissions are correctly set for Amazon Bedrock logs.",
                 .is_record = true});
}

RuntimeModel::Decision RuntimeModel::decide(std::size_t who, const std::string& operation, const Json& input,
                                            std::int64_t now) {
    const std::string prompt = prompt_of(input);
    if (prompt.empty()) return {.error = "ValidationException"};  // counts against no quota
    QuotaModel::Ruling ruling = quotas_.ask(
        {.who = who, .model = input.at("modelId"), .at = now, .tokens = reserved_tokens(prompt, input)});
    if (!ruling.refusal.empty()) return {.quotas = std::move(ruling), .error = "ThrottlingException"};
    Decision decision = decide_by_rules(who, operation, input);
    decision.quotas = std::move(ruling);
    return decision;
}

RuntimeModel::Decision RuntimeModel::decide_by_rules(std::size_t who, const std::string& operation,
                                                     const Json& input) {
    Decision decision;
    bool has_error = false;
    for (Kept& kept : rules_) {
        if (!matches(kept.rule, who, operation, input)) continue;
        ++kept.calls;
        if (kept.rule.contains("when") && !in_calls(kept.rule.at("when").at("calls"), kept.calls)) continue;
        if (kept.rule.contains("latency") && !decision.latency_ms)
            decision.latency_ms = kept.rule.at("latency").get<std::int64_t>();
        if (kept.rule.contains("stream") && is_streamed(operation)) decision.is_paced = true;
        if (kept.rule.contains("respond") && !decision.text)
            decision.text = kept.rule.at("respond").at("text").get<std::string>();
        if (!kept.rule.contains("error") || has_error) continue;
        has_error = true;
        decision.error = kept.rule.at("error").at("name");
        decision.within_stream = kept.rule.at("error").contains("afterChunks") && is_streamed(operation);
    }
    return decision;
}

void RuntimeModel::count(std::size_t who, const std::string& model, const std::string& metric,
                         const std::string& unit, double value, std::int64_t now) {
    for (const std::string& dimension : {"ModelId=" + model, std::string()}) {
        metrics_.add({.who = who,
                      .metric_namespace = "AWS/Bedrock",
                      .name = metric,
                      .dimension = dimension,
                      .unit = unit},
                     now, {1, value, value, value});
    }
}

void RuntimeModel::count_failure(std::size_t who, const std::string& model, const std::string& error,
                                 std::int64_t now) {
    const bool theirs = error == "InternalServerException" || error == "ServiceUnavailableException";
    const char* metric = error == "ThrottlingException" ? "InvocationThrottles"
                         : theirs                       ? "InvocationServerErrors"
                                                        : "InvocationClientErrors";
    count(who, model, metric, "Count", 1, now);
}

void RuntimeModel::finished(std::size_t who, const std::string& operation, const Json& input,
                            const Outcome& outcome, const Decision& decision, std::int64_t now) {
    const auto facts = [&] {
        return fmt::format("{} '{}' answered {} {} after {} ms: {}\n  expected '{}' {}, quotas {}", operation,
                           prompt_of(input), outcome.status, outcome.error, outcome.latency_ms,
                           to_text(outcome.output), decision.error, decision.quotas.refusal,
                           to_text(quotas_.quotas()));
    };
    Invocation left{.who = who,
                    .group = log_groups_.at(who),
                    .request_id = outcome.request_id,
                    .operation = operation,
                    .error = decision.error,
                    .latency_ms = outcome.latency_ms};
    demand(throttled_by_quota(outcome) == decision.quotas.refusal, "I25", facts);
    demand(outcome.error == decision.error, "I10", facts);
    demand(decision.within_stream ? outcome.status == 200 : (outcome.status == 200) == decision.error.empty(),
           "I10", facts);
    if (decision.latency_ms && !decision.within_stream && !decision.is_paced)
        demand(outcome.latency_ms == std::max<std::int64_t>(*decision.latency_ms, 1), "I10", facts);
    const std::string model = input.at("modelId");
    if (!decision.error.empty()) {
        count_failure(who, model, decision.error, now);
        quotas_.settle(decision.quotas.number, 0);
    } else {
        const Told told = told_by(operation, outcome.output);
        demand(!decision.text || told.text == *decision.text, "I12", facts);
        left.input_tokens = told.input_tokens;
        left.output_tokens = told.output_tokens;
        count(who, model, "Invocations", "Count", 1, now);
        count(who, model, "InvocationLatency", "Milliseconds", static_cast<double>(outcome.latency_ms), now);
        count(who, model, "InputTokenCount", "Count", static_cast<double>(told.input_tokens), now);
        count(who, model, "OutputTokenCount", "Count", static_cast<double>(told.output_tokens), now);
        const std::int64_t burned = told.input_tokens + told.output_tokens * burndown(model);
        count(who, model, "EstimatedTPMQuotaUsage", "Count", static_cast<double>(burned), now);
        quotas_.settle(decision.quotas.number, burned);
    }
    if (left.group.empty()) return;
    const bool written = logs_.write(
        who, left.group,
        {.timestamp = now, .ingestion_time = now, .message = outcome.request_id, .is_record = true});
    if (written) logged_.push_back(std::move(left));
}

namespace {

std::map<std::string, Json> records_in(Stage& stage, std::size_t who, const std::string& group) {
    std::map<std::string, Json> records;
    const Json events =
        stage
            .ask(who, "logs", "GetLogEvents",
                 {{"logGroupName", group}, {"logStreamName", records_stream}, {"startFromHead", true}})
            .at("events");
    for (const Json& event : events) {
        Json record = Json::parse(event.at("message").get<std::string>(), nullptr, false);
        if (!record.is_object()) continue;
        const std::string id = record.at("requestId");
        records[id] = std::move(record);
    }
    return records;
}

void check_record(const RuntimeModel::Invocation& left, const Json& record) {
    const auto facts = [&] {
        return fmt::format("{} {}: {} ms, tokens {} and {}, error '{}'\n  record {}", left.operation,
                           left.request_id, left.latency_ms, left.input_tokens, left.output_tokens,
                           left.error, to_text(record));
    };
    demand(record.at("operation") == left.operation, "I11", facts);
    demand(record.at("accountId") == owner_at(left.who).account, "I11", facts);
    demand(record.at("region") == owner_at(left.who).region, "I11", facts);
    demand(text_or_empty(record, "errorCode") == left.error, "I11", facts);
    if (!left.error.empty()) return;
    demand(record.at("input").at("inputTokenCount") == left.input_tokens, "I11", facts);
    demand(record.at("output").at("outputTokenCount") == left.output_tokens, "I11", facts);
    if (left.operation != "Converse") return;
    demand(record.at("output").at("outputBodyJson").at("metrics").at("latencyMs") == left.latency_ms, "I11",
           facts);
}

}  // namespace

void check_records(Stage& stage, const RuntimeModel& model, const LogsModel& logs) {
    for (std::size_t who = 0; who < owner_count; ++who) {
        for (const auto& [name, group] : logs.groups(who)) {
            if (!group.streams.contains(records_stream)) continue;
            // That each is there once is the logs' check; here it is about what they tell.
            const auto records = records_in(stage, who, name);
            for (const auto& left : model.logged()) {
                const auto found = records.find(left.request_id);
                if (left.who == who && left.group == name && found != records.end())
                    check_record(left, found->second);
            }
        }
    }
}

void check_figures(Stage& stage, const MetricsModel& metrics) {
    static const std::set<std::string> counted{
        "Invocations",     "InvocationClientErrors", "InvocationLatency", "InvocationServerErrors",
        "InputTokenCount", "InvocationThrottles",    "OutputTokenCount",  "EstimatedTPMQuotaUsage"};
    for (std::size_t who = 0; who < owner_count; ++who) {
        const Json told = stage.ask(who, "cloudwatch", "ListMetrics", {{"Namespace", "AWS/Bedrock"}});
        for (const Json& metric : told.at("Metrics")) {
            MetricsModel::Key key{
                .who = who, .metric_namespace = "AWS/Bedrock", .name = metric.at("MetricName")};
            if (!counted.contains(key.name)) continue;
            key.unit = key.name == "InvocationLatency" ? "Milliseconds" : "Count";
            for (const Json& dimension : metric.at("Dimensions"))
                key.dimension = "ModelId=" + text_or_empty(dimension, "Value");
            demand(metrics.metrics().contains(key), "I10", [&] {
                return fmt::format("owner {} has a metric that nothing moved: {}", who, to_text(metric));
            });
        }
    }
}

void check_settings(Stage& stage, const RuntimeModel& model) {
    for (std::size_t who = 0; who < owner_count; ++who) {
        const Json told = stage.ask(who, "bedrock", "GetModelInvocationLoggingConfiguration", Json::object());
        const std::string group =
            told.contains("loggingConfig")
                ? told.at("loggingConfig").at("cloudWatchConfig").at("logGroupName").get<std::string>()
                : "";
        demand(group == model.log_groups().at(who), "I11",
               [&] { return fmt::format("the logging of owner {} is told as {}", who, to_text(told)); });
    }
    const Json quotas = stage.world().quotas().list();
    demand(quotas == model.quotas().quotas(), "I21",
           [&] { return "the quotas are told as " + to_text(quotas); });
    for (const Json& rule : stage.world().rules().list()) {
        demand(model.has_rule(rule.at("id")), "I21", [&] { return "a rule too many: " + to_text(rule); });
    }
}

}  // namespace rockwatch::simulation
