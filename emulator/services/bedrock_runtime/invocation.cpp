#include "services/bedrock_runtime/invocation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"
#include "core/text_time.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/chat_completions.hpp"
#include "services/bedrock_runtime/converse_rules.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/image_answer.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/latency_profile.hpp"
#include "services/bedrock_runtime/model_traits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/quota_use.hpp"
#include "services/bedrock_runtime/runtime_errors.hpp"
#include "services/bedrock_runtime/stream_steps.hpp"
#include "services/bedrock_runtime/tokens.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::Connection;
using rules::member;

/// Cuts `chunk`'s closing brace and adds the metrics that end every native stream.
void merge_metrics(std::string& chunk, const Call& call) {
    const Usage& usage = call.answer.usage;
    chunk.pop_back();
    chunk += fmt::format(
        R"(,"amazon-bedrock-invocationMetrics":{{"inputTokenCount":{},"outputTokenCount":{},"invocationLatency":{},"firstByteLatency":{})",
        usage.input, usage.output, call.latency.count(), call.first_token.count());
    if (call.extras.caches) {
        chunk += fmt::format(R"(,"cacheReadInputTokenCount":{},"cacheWriteInputTokenCount":{})",
                             usage.cache_read, usage.cache_write);
    }
    chunk += "}}";
}

/// One invocation on its way from the request to the plan.
class Run {
public:
    Run(const Workshop& workshop, Call& call) : shop_(workshop), call_(call) {}

    ReplyPlan plan();

private:
    void read_request();
    rules::Invocation invocation() const;
    void admit();
    void decide();
    void make_answer();
    void refuse_what_has_no_place() const;
    Answer answer_of_body(const Json& body);
    void set_times();
    void deliver();
    void deliver_whole();
    void deliver_streamed();
    void break_connection();
    void end_in_error();
    void refuse(const ServiceError& error);

    Pace pace() const;
    NativeContext native_context() const;
    std::string native_body() const;
    std::vector<PlannedEvent> native_events(const std::vector<Step>& steps, bool whole);
    PlannedEvent chunk_event(const NativeChunk& chunk);
    std::string additional_fields() const;
    const rules::Fault* fault() const { return decision_.error ? &*decision_.error->error : nullptr; }
    bool fails_within_stream() const {
        return call_.streamed && fault() != nullptr && fault()->within_stream();
    }

    const Workshop& shop_;
    Call& call_;
    ReplyPlan plan_;
    const Family* family_ = nullptr;
    rules::Decision decision_;
    const Json* verbatim_ = nullptr;  // the rule's body, where this door answers it as it is
    std::string message_id_;
    bool timed_ = false;  // a rule or the realistic default gave a time
    std::optional<RealisticTimes> realistic_;
};

ReplyPlan Run::plan() {
    try {
        read_request();
        admit();
        decide();
        const rules::Fault* error = fault();
        if (error != nullptr && !error->name.empty() && error->connection == Connection::kept &&
            !fails_within_stream()) {
            end_in_error();
        } else {
            make_answer();
            deliver();
        }
    } catch (const ServiceError& error) {
        refuse(error);
    }
    plan_.notes.model_id = call_.model_id;
    plan_.notes.latency = call_.latency;
    return std::move(plan_);
}

/// The answer is an error; the latency that was decided holds for it as well.
void Run::refuse(const ServiceError& error) {
    plan_.error = error;
    plan_.streamed = false;
    plan_.events.clear();
    plan_.body.clear();
    call_.error_code = error.code;
    call_.error_status = error.status != 0 ? error.status : status_of(error.code);
    if (call_.latency.count() == 0 && !timed_) call_.latency = Milliseconds{1};
}

void Run::read_request() {
    if (call_.chat) open_chat(call_);
    call_.model = find_model(shop_.catalogue, call_, shop_.options.unknown_models);
    call_.extras.caches = caches_prompts(call_.foundation_id());
    read_settings(call_);
    if (call_.streamed && !call_.model->streaming)
        throw validation_error("The model is unsupported for streaming.");
    if (call_.native) {
        family_ = call_.chat ? &read_chat(call_) : read_native(call_);
    } else {
        check_converse(call_.input, *call_.model, call_.streamed ? Delivery::streamed : Delivery::at_once);
    }
}

rules::Invocation Run::invocation() const {
    return rules::Invocation({.operation = call_.operation,
                              .model_id = call_.model_id,
                              .foundation_model_id = call_.foundation_id(),
                              .caller = call_.caller,
                              .converse = call_.converse(),
                              .body = call_.native ? call_.body : call_.input,
                              .metadata = &call_.metadata});
}

void Run::admit() {
    if (shop_.quotas.empty()) return;
    const rules::Invocation asking = invocation();
    const auto limit = shop_.quotas.admit(
        {.invocation = asking, .model = counted_model(call_), .tokens = reserved_tokens(call_)},
        call_.charge);
    if (limit) throw throttled(*limit);
}

void Run::decide() {
    decision_ = shop_.book.decide(invocation(), call_.arrival);
    plan_.notes.rules = decision_.rules;
    plan_.notes.near_misses = decision_.near_misses;
    if (shop_.options.unmatched == Unmatched::answer || decision_.respond || decision_.error) return;
    std::string text = fmt::format("No rule answers this {} of {}.", call_.operation, call_.model_id);
    for (const auto& miss : decision_.near_misses)
        text += fmt::format(" Rule {} missed at {}.", miss.rule, miss.failed);
    throw validation_error(std::move(text));
}

void Run::end_in_error() {
    const rules::Fault& rule = *fault();
    set_times();
    ServiceError error(rule.name, rule.message.value_or(std::string(usual_message(rule.name))));
    error.status = rule.status;
    refuse(error);
}

/// Through the OpenAI-compatible door a body may be in that door's format or in the model's own.
Answer Run::answer_of_body(const Json& body) {
    const Family* family = family_ != nullptr ? family_ : find_family(call_.foundation_id(), body);
    auto read = family == nullptr ? std::nullopt : family->read_body(body);
    const bool is_in_format = read || !call_.chat;
    if (call_.native && !call_.streamed && is_in_format) verbatim_ = &body;
    if (!read && call_.chat) {
        const Family* native = find_family(call_.foundation_id(), body);
        if (native != nullptr) read = native->read_body(body);
    }
    if (!read && verbatim_ == nullptr) {
        throw not_supported(
            fmt::format("The body of rule {} cannot be told through {}: it is no answer of {} that the "
                        "emulator can read.",
                        decision_.respond->id, call_.operation, call_.foundation_id()));
    }
    Answer answer = read.value_or(Answer());
    if (answer.usage.input == 0) answer.usage.input = input_tokens(call_.converse());
    return answer;
}

void Run::make_answer() {
    const Json& converse = call_.converse();
    const rules::Invocation asked(
        {call_.operation, call_.model_id, call_.foundation_id(), call_.caller, converse, converse, nullptr});
    const rules::TemplateValues values{.prompt = asked.prompt(),
                                       .model_id = call_.model_id,
                                       .turn = rules::user_turns(converse),
                                       .request_id = call_.caller.request_id,
                                       .now = decision_.respond ? iso_ms(call_.arrival) : std::string(),
                                       .groups = decision_.respond
                                                     ? rules::prompt_groups(decision_.respond->match, asked)
                                                     : std::vector<std::string_view>{}};
    const rules::Response* response = decision_.response;
    if (response != nullptr && !response->body.is_null()) {
        call_.answer = answer_of_body(response->body);
        override_usage(call_.answer.usage, response->usage);
        return;
    }
    if (call_.native && family_ == nullptr) {
        throw not_supported(fmt::format(
            "{} of {} is not supported yet by the emulator: it does not know that family's native format. "
            "Use Converse, or a rule whose respond has a body.",
            call_.operation, call_.foundation_id()));
    }
    Question question{.converse = converse, .model_id = call_.foundation_id(), .values = values};
    if (const Json* config = member(converse, "inferenceConfig")) {
        const Json* max_tokens = member(*config, "maxTokens");
        if (max_tokens != nullptr && max_tokens->is_number_integer())
            question.max_tokens = count_of(*max_tokens);
        for (const Json& stop : rules::elements(*config, "stopSequences")) {
            if (stop.is_string()) question.stop_sequences.push_back(stop.get<std::string>());
        }
    }
    call_.answer = answer(question, response, shop_.random);
    if (call_.native) refuse_what_has_no_place();
}

/// Content and stop reasons of a rule that the family's own format cannot tell are refused, not dropped.
///
/// Chosen: texts and vectors do not get in each other's way. To an embedding model a rule's text, content,
/// toolUse, reasoning and stopReason say nothing, and to a chat model its embedding says nothing: embedding
/// is a companion that stands beside them in one rule, so a rule whose text answers everything leaves an
/// application's embeddings alone.
void Run::refuse_what_has_no_place() const {
    const rules::Response* response = decision_.response;
    const auto& blocks = call_.answer.blocks;
    const auto all = [&](auto fits) { return std::all_of(blocks.begin(), blocks.end(), fits); };
    const bool stops = response != nullptr && response->stop_reason;
    const bool embeds = response != nullptr && response->embedding;
    switch (family_->output) {
        case Family::Output::blocks:
        case Family::Output::embedding:
            return;
        case Family::Output::text:
            if (!all([](const Block& block) { return block.kind == Block::Kind::text; }))
                throw no_place_for("tool calls, reasoning and images", family_->name);
            return;
        case Family::Output::images:
            if (embeds || !all([](const Block& block) { return !image_base64(block).empty(); }))
                throw no_place_for("anything but images with their bytes", family_->name);
            if (stops && response->stop_reason != "content_filtered" && response->stop_reason != "end_turn")
                throw no_place_for("the stop reason " + *response->stop_reason, family_->name);
            return;
        case Family::Output::ranking:
            if (embeds || stops || !blocks.empty())
                throw no_place_for("anything but a ranking", family_->name);
            return;
    }
}

/// Decides what a plain answer's latency is, and what a stream starts from.
void Run::set_times() {
    using Kind = rules::Distribution::Kind;
    const rules::Latency* rule = decision_.latency ? &*decision_.latency->latency : nullptr;
    const bool realistic = rule != nullptr ? rule->time.kind == Kind::realistic
                                           : shop_.options.latency == DefaultLatency::realistic;
    if (realistic) {
        const ProfileQuestion profile{.model_id = call_.foundation_id(),
                                      .optimized = call_.extras.performance == "optimized"};
        realistic_ = realistic_times(profile, call_.answer.usage, shop_.random);
        const double tokens = static_cast<double>(std::max<std::int64_t>(0, call_.answer.usage.output - 1));
        call_.latency =
            Milliseconds{std::llround(realistic_->first_token_ms + tokens * realistic_->per_token_ms)};
    } else if (rule != nullptr) {
        call_.latency = rules::draw_ms(rule->time, shop_.random);
    }
    timed_ = realistic || rule != nullptr;
    const bool waits = timed_ || decision_.stream || fails_within_stream();
    plan_.latency = call_.latency;
    const bool clock_goes = shop_.clock.mode() != ClockMode::frozen;
    plan_.sleeps = waits && (rule != nullptr ? rule->sleep.value_or(clock_goes) : clock_goes);
    if (!timed_) call_.latency = Milliseconds{1};
    call_.first_token = call_.latency;
}

Pace Run::pace() const {
    const rules::StreamPace* rule = decision_.stream ? &*decision_.stream->stream : nullptr;
    Pace pace{.first_byte = plan_.latency, .tool_input_in_pieces = is_claude(call_.foundation_id())};
    if (streams_in_one_piece(call_.foundation_id())) pace.tokens_per_piece = 0;
    if (realistic_) {
        pace.first_byte = Milliseconds{std::llround(realistic_->first_token_ms)};
        pace.inter_token = {.first = realistic_->per_token_ms};
        if (pace.tokens_per_piece == 0) pace.first_byte = plan_.latency;
    }
    if (rule == nullptr) return pace;
    if (rule->first_token) pace.first_token = rules::draw_ms(*rule->first_token, shop_.random);
    if (rule->inter_token) pace.inter_token = *rule->inter_token;
    pace.jitter_ms = rule->jitter_ms;
    if (rule->tokens_per_chunk) pace.tokens_per_piece = static_cast<std::size_t>(*rule->tokens_per_chunk);
    if (pace.tokens_per_piece == 0)
        pace.tokens_per_piece = 4;  // a paced answer comes in pieces, whatever the model
    if (!rule->chunks.empty()) pace.cuts = &rule->chunks;
    return pace;
}

/// additionalModelResponseFieldPaths: the places of the native answer that the request asks for, as JSON
/// text.
std::string Run::additional_fields() const {
    const Json& paths = rules::elements(call_.input, "additionalModelResponseFieldPaths");
    if (paths.empty()) return {};
    const Family* family = find_family(call_.foundation_id(), Json());
    const Json native = family == nullptr
                            ? Json()
                            : parse_json(family->body(call_.answer, native_context())).value_or(Json());
    Json fields = Json::object();
    for (const Json& path : paths) {
        try {
            const Json::json_pointer pointer(path.is_string() ? path.get<std::string>() : std::string());
            if (!pointer.empty() && native.contains(pointer)) fields[pointer] = native.at(pointer);
        } catch (const Json::exception&) {
            throw validation_error(
                fmt::format("The value {} in additionalModelResponseFieldPaths is not a valid JSON pointer.",
                            json_text(path)));
        }
    }
    if (call_.streamed && is_claude(call_.foundation_id())) fields = {{"delta", std::move(fields)}};
    return json_text(fields);
}

void Run::deliver() {
    set_times();
    if (call_.native && family_ != nullptr) message_id_ = family_->new_id(shop_.random);
    const bool invokes = call_.native && !call_.chat;
    if (!call_.extras.performance.empty() && invokes) {
        plan_.headers.add("X-Amzn-Bedrock-PerformanceConfig-Latency", call_.extras.performance);
    }
    if (!call_.extras.tier.empty() && invokes)
        plan_.headers.add("X-Amzn-Bedrock-Service-Tier", call_.extras.tier);
    call_.streamed ? deliver_streamed() : deliver_whole();
    if (fault() != nullptr && fault()->connection != Connection::kept) break_connection();
}

NativeContext Run::native_context() const {
    NativeContext context{
        .model_id = call_.chat ? std::string_view(call_.model_id) : call_.foundation_id(),
        .message_id = message_id_,
        .caches = call_.extras.caches,
        .created = std::chrono::floor<std::chrono::seconds>(call_.arrival).time_since_epoch().count(),
        .request_id = call_.caller.request_id};
    if (!call_.extras.tier.empty()) context.service_tier = call_.extras.tier;
    if (call_.native) context.request = &call_.body;
    return context;
}

std::string Run::native_body() const {
    if (verbatim_ != nullptr) return json_text(*verbatim_);
    return family_->body(call_.answer, native_context());
}

void Run::deliver_whole() {
    call_.extras.latency = call_.latency;
    if (!call_.native) {
        call_.extras.additional_fields = additional_fields();
        plan_.body = converse_body(call_.answer, call_.extras);
        return;
    }
    plan_.body = native_body();
    call_.native_output = plan_.body;
    if (call_.chat) return;
    const Usage& usage = call_.answer.usage;
    plan_.headers.add("X-Amzn-Bedrock-Invocation-Latency", std::to_string(call_.latency.count()));
    plan_.headers.add("X-Amzn-Bedrock-Input-Token-Count", std::to_string(usage.input));
    if (is_text_model(*call_.model))
        plan_.headers.add("X-Amzn-Bedrock-Output-Token-Count", std::to_string(usage.output));
    if (!call_.extras.caches) return;
    plan_.headers.add("X-Amzn-Bedrock-Cache-Read-Input-Token-Count", std::to_string(usage.cache_read));
    plan_.headers.add("X-Amzn-Bedrock-Cache-Write-Input-Token-Count", std::to_string(usage.cache_write));
}

/// The chunks as events; the decoded ones are kept for the record.
std::vector<PlannedEvent> Run::native_events(const std::vector<Step>& steps, bool whole) {
    if (family_ == nullptr || family_->chunks == nullptr) {
        throw not_supported(fmt::format("{} of {} is not supported yet by the emulator.", call_.operation,
                                        call_.foundation_id()));
    }
    std::vector<NativeChunk> chunks = family_->chunks(call_.answer, steps, native_context());
    if (whole && !chunks.empty() && !call_.chat) merge_metrics(chunks.back().json, call_);
    std::vector<PlannedEvent> events;
    events.reserve(chunks.size());
    call_.native_output = "[";
    for (const NativeChunk& chunk : chunks) {
        if (call_.native_output.size() > 1) call_.native_output += ',';
        call_.native_output += chunk.json;
        events.push_back(call_.chat ? PlannedEvent{chunk.due, "data", chunk.json} : chunk_event(chunk));
    }
    call_.native_output += ']';
    return events;
}

PlannedEvent Run::chunk_event(const NativeChunk& chunk) {
    return {chunk.due, "chunk", {{"bytes", base64_encode(chunk.json)}, {"p", padding(shop_.random)}}};
}

void Run::deliver_streamed() {
    std::vector<Step> steps = stream_steps(call_.answer, pace(), shop_.random);
    plan_.latency = steps.front().due;
    // A pace that takes no time says nothing about the latency: 1 ms, as without any.
    if (timed_ || steps.back().due.count() > 0) {
        call_.latency = steps.back().due;
        call_.first_token = first_piece_due(steps);
    }
    bool whole = true;
    if (fails_within_stream()) {
        const rules::Fault& rule = *fault();
        whole = false;
        steps.resize(steps_before(steps, rule.after_chunks, rule.after));
        const Milliseconds due = rule.after ? *rule.after : steps.empty() ? plan_.latency : steps.back().due;
        plan_.latency = std::min(plan_.latency, due);
        call_.latency = std::max(due, Milliseconds{1});
        if (rule.connection == Connection::kept) {
            const std::string message = rule.message.value_or(std::string(usual_message(rule.name)));
            plan_.stream_error.emplace(due, ServiceError(rule.name, message));
            call_.error_code = rule.name;
            call_.error_status = rule.status != 0 ? rule.status : status_of(rule.name);
        }
    }
    call_.extras.latency = call_.latency;
    if (!call_.native) call_.extras.additional_fields = additional_fields();
    plan_.streamed = true;
    plan_.content_type = "application/vnd.amazon.eventstream";
    if (call_.native && !call_.chat) plan_.headers.add("X-Amzn-Bedrock-Content-Type", "application/json");
    plan_.events = call_.native ? native_events(steps, whole)
                                : converse_events(call_.answer, steps, call_.extras, shop_.random);
}

void Run::break_connection() {
    const rules::Fault& rule = *fault();
    if (!rule.name.empty()) {
        call_.error_code = rule.name;
        call_.error_status = rule.status != 0 ? rule.status : status_of(rule.name);
    }
    switch (rule.connection) {
        case Connection::kept:
            return;
        case Connection::reset:
            plan_.ending = Ending::reset;
            break;
        case Connection::hang:
            plan_.ending = Ending::hang;
            break;
        case Connection::truncate:
            plan_.ending = Ending::truncate;
            break;
    }
    if (rule.connection == Connection::truncate) {
        const std::size_t size = plan_.streamed ? plan_.events.size() : plan_.body.size();
        plan_.truncate_after = fails_within_stream() ? size : size / 2;
    } else if (!fails_within_stream()) {
        plan_.streamed = false;
        plan_.events.clear();
        plan_.body.clear();
    }
}

}  // namespace

ReplyPlan plan_invocation(const Workshop& workshop, Call& call) { return Run(workshop, call).plan(); }

}  // namespace rockwatch::bedrock_runtime
