#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

#include "core/log.hpp"
#include "gateway/gateway.hpp"
#include "gateway/planned_reply.hpp"
#include "gateway/receive.hpp"
#include "gateway/storage_failure.hpp"
#include "protocol/event_stream.hpp"
#include "protocol/json_values.hpp"
#include "protocol/validate.hpp"

namespace rockwatch {

/// What is known of a call on its way, and what the journal will tell.
struct Gateway::Call {
    const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    Target target;
    Instant arrived;
    std::string body;
    Json input;
    JournalEntry entry;

    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    }
    const Codec& codec() const { return codec_for(target.protocol); }
    const Caller& caller() const { return entry.caller; }
};

namespace {

ServiceError not_implemented(const Target& target) {
    ServiceError error("NotImplemented", fmt::format("Rockwatch does not support {} {}.",
                                                     target.service->name, target.operation->name));
    error.status = 501;
    return error;
}

/// Facts: protocols.md 2.4.
ServiceError missing_action() { return {"MissingAction", "The request must contain the parameter Action."}; }

ServiceError unknown_operation(const Target& target, const HttpRequest& request) {
    const bool is_query = target.protocol == Protocol::query;
    if (is_query && target.operation_name.empty()) return missing_action();
    const bool is_rest = target.protocol == Protocol::rest_json || target.protocol == Protocol::rest_xml ||
                         target.protocol == Protocol::openai;
    const std::string named = !target.operation_name.empty() ? log_safe(target.operation_name)
                              : is_rest ? fmt::format("{} {}", request.method, log_safe(request.path()))
                                        : "no operation";
    ServiceError error(
        is_query ? "InvalidAction" : "UnknownOperationException",
        fmt::format("The request names {}, which {} does not have.", named, target.service->name));
    error.status = is_rest ? 404 : 400;
    return error;
}

ServiceError internal_failure() {
    ServiceError error("InternalFailure", "The emulator failed to answer; its log says why.");
    error.status = 500;
    return error;
}

/// For a request that no service of ours would send: said plainly, with what was missing.
ServiceError nobody_home(const HttpRequest& request) {
    ServiceError error(
        "UnknownOperationException",
        fmt::format("No AWS operation fits {} {}: no X-Amz-Target, no signature with a service that "
                    "Rockwatch knows, no Action, and no known path.",
                    request.method, log_safe(request.target)));
    error.status = 404;
    return error;
}

/// An error where no service says in which protocol.
HttpReply refusal_of_nobody(const ServiceError& error, std::string_view request_id) {
    HttpReply reply;
    reply.status = error.status;
    reply.headers.add("Content-Type", "application/json");
    reply.headers.add("x-amzn-RequestId", std::string(request_id));
    reply.headers.add("x-amzn-ErrorType", error.code);
    reply.body = to_text(Json{{"__type", error.code}, {"message", error.message}});
    add_retry_after(reply);
    return reply;
}

/// For the person whose test has just failed: what was refused, and which rules were near. What a rule asked
/// for is no news.
void log_call(const JournalEntry& entry) {
    const bool is_news = !entry.error_code.empty() && entry.notes.rules.empty();
    const auto level = is_news ? spdlog::level::info : spdlog::level::debug;
    if (!spdlog::should_log(level)) return;
    std::string line = fmt::format("{} {} {} for {} in {}", entry.service, log_safe(entry.operation),
                                   entry.status, entry.caller.account, log_safe(entry.caller.region));
    if (!entry.error_code.empty())
        line += fmt::format(": {}: {}", entry.error_code, log_safe(entry.error_message));
    if (!entry.notes.rules.empty())
        line += fmt::format(", by {}", log_safe(fmt::format("{}", fmt::join(entry.notes.rules, ", "))));
    for (const auto& miss : entry.notes.near_misses)
        line += fmt::format("; {} misses at {}", log_safe(miss.rule), log_safe(miss.failed));
    spdlog::log(level, line);
}

/// An event's payload as the journal tells it: JSON text that a stream carries as it is, taken apart.
Json told(Json payload) {
    if (!payload.is_string()) return payload;
    auto parsed = parse_json(payload.get_ref<const std::string&>());
    return parsed ? std::move(*parsed) : std::move(payload);
}

std::string model_id_of(const Json& input) {
    return input.is_object() ? text_or_empty(input, "modelId") : std::string{};
}

}  // namespace

void Gateway::note(Call& call, int status) {
    call.entry.status = status;
    if (call.entry.notes.model_id.empty()) call.entry.notes.model_id = model_id_of(call.input);
    log_call(call.entry);
    figures_.count(call.target, status, call.seconds());
    parts_.journal.add(std::move(call.entry));
}

HttpReply Gateway::refuse(const HttpRequest& request, Call& call, const ServiceError& error) {
    HttpReply reply =
        call.codec().serialise_error(*call.target.service, request, error, call.caller().request_id);
    call.entry.error_code = error.code;
    call.entry.error_message = error.message;
    return reply;
}

/// A call that finds nothing may be made again until it finds something or its time is up.
Json Gateway::perform_polling(Call& call, Service& service, Access access) {
    const auto poll = service.long_poll(call.target.operation->name, call.caller(), call.input);
    Json output = perform(call, service, access);
    while (poll && !poll->satisfied_by(output) && poll->wait()) {
        call.arrived = parts_.clock.now();
        output = perform(call, service, access);
    }
    return output;
}

Json Gateway::perform(Call& call, Service& service, Access access) {
    const auto& operation = call.target.operation->name;
    if (access == Access::write) {
        return parts_.storage.write([&](Database& database) {
            return service.call(operation, database, call.arrived, call.caller(), call.input);
        });
    }
    const auto lease = parts_.storage.read();
    return service.call(operation, *lease, call.arrived, call.caller(), call.input);
}

HttpReply Gateway::run(HttpRequest& request, Call& call, Service& service, Access access) {
    // The read barrier: what was asked before this call arrived is seen by it. Writes queue behind it anyway.
    if (access == Access::read) parts_.storage.wait_for(parts_.storage.position());
    call.input = call.codec().parse(*call.target.operation, request, call.body, call.entry.ignored);
    validate(*call.target.service, *call.target.operation, call.input);
    Json output = perform_polling(call, service, access);
    HttpReply reply = call.codec().serialise(*call.target.service, *call.target.operation, output,
                                             call.caller().request_id);
    call.entry.response = {.tree = std::move(output), .text = {}, .bytes = reply.body.size()};
    return reply;
}

HttpReply Gateway::invoke(HttpRequest& request, Call& call, Service& service) {
    const auto& operation = *call.target.operation;
    try {
        call.input = call.codec().parse(operation, request, call.body, call.entry.ignored);
        call.entry.notes.model_id = model_id_of(call.input);
        validate(*call.target.service, operation, call.input);
    } catch (const ServiceError& error) {
        service.failed_before(operation.name, call.caller(), call.entry.notes.model_id, error, call.arrived);
        throw;
    }
    ReplyPlan plan = service.invoke(operation.name, call.arrived, call.caller(), std::move(call.input));
    return play(request, call, std::move(plan));
}

HttpReply Gateway::play(const HttpRequest& request, Call& call, ReplyPlan plan) {
    HttpReply reply;
    if (plan.error) {
        reply = refuse(request, call, *plan.error);
        reply.due = first_byte_due(plan, parts_.clock);
        reply.ending = plan.ending;
    } else {
        reply = planned_reply(plan, parts_.clock, call.target, call.caller().request_id);
        if (plan.stream_error) {
            call.entry.error_code = plan.stream_error->second.code;
            call.entry.error_message = plan.stream_error->second.message;
        }
    }
    // The journal tells the answer as it was meant, faults and all; its time of writing is the completion's.
    call.entry.status = reply.status;
    call.entry.notes = std::move(plan.notes);
    call.entry.request.text = std::move(call.body);
    if (plan.streamed) {
        Json events = Json::array();
        for (auto& event : plan.events) events.push_back({{event.type, told(std::move(event.payload))}});
        call.entry.response.tree = {{"events", std::move(events)}};
        for (const TimedPiece& piece : reply.pieces) call.entry.response.bytes += piece.bytes.size();
    } else {
        call.entry.response.text = plan.body;
    }
    if (!plan.error) reply.body = std::move(plan.body);
    auto ended = std::make_shared<Call>(std::move(call));
    reply.on_complete = [this, ended, finish = std::move(plan.on_complete)] {
        if (finish) finish();
        log_call(ended->entry);
        figures_.count(ended->target, ended->entry.status, ended->seconds());
        parts_.journal.add(std::move(ended->entry));
    };
    return reply;
}

HttpReply Gateway::answer_call(HttpRequest& request, Call& call) {
    if (call.target.operation == nullptr) throw unknown_operation(call.target, request);
    call.entry.operation = call.target.operation->name;
    const auto access = access_to(call.target);
    if (!access) throw not_implemented(call.target);
    Service& service = *services_.find(call.target.service->name)->second;
    if (*access == Access::invoke) return invoke(request, call, service);
    HttpReply reply = run(request, call, service, *access);
    call.entry.request = {.tree = std::move(call.input), .text = {}, .bytes = call.body.size()};
    note(call, reply.status);
    return reply;
}

/// Nullopt: nobody performs it.
std::optional<Access> Gateway::access_to(const Target& target) const {
    const auto found = services_.find(target.service->name);
    return found == services_.end() ? std::nullopt : found->second->access(target.operation->name);
}

/// Whoever would send events to an operation that we do not have has not said all, and never will before we
/// answer: there is no body to wait for.
bool Gateway::is_refused_by_head(const Target& target) const {
    return target.operation != nullptr && takes_event_stream(*target.operation) && !access_to(target);
}

/// The caller is who they say, and the body is what was meant.
void Gateway::admit(HttpRequest& request, Call& call, std::optional<Verifier::Check>& check) {
    ChunkSignatures signatures;
    if (check) check->identify_caller(request, call.target, call.entry.caller);
    take_chunks_off(request, call.target, call.body, check ? &signatures : nullptr);
    if (check) check->check_chunks(signatures, call.body);
}

HttpReply Gateway::answer(HttpRequest& request) {
    Call call;
    call.arrived = parts_.clock.now();
    call.entry.time = call.arrived;
    call.entry.caller = parts_.authenticator.caller(request, parts_.random.uuid());
    std::optional<Verifier::Check> check;
    if (parts_.verifier != nullptr) check.emplace(*parts_.verifier, request);
    Received received;
    received.target = identify(parts_.models, request, {});
    if (!is_refused_by_head(received.target))
        received = receive(parts_.models, request, std::move(received.target));
    call.body = std::move(received.body);
    call.target = std::move(received.target);
    if (call.target.service == nullptr) {
        // A form that could not be read names nobody, either: what is wrong is its body.
        const ServiceError error = received.fault ? *received.fault : nobody_home(request);
        HttpReply reply = refusal_of_nobody(error, call.caller().request_id);
        call.entry.error_code = error.code;
        call.entry.error_message = error.message;
        note(call, reply.status);
        return reply;
    }
    call.entry.service = call.target.service->name;
    call.entry.operation = call.target.operation_name;

    const auto refused = [&](const ServiceError& error) {
        HttpReply reply = refuse(request, call, error);
        call.entry.request = {.tree = std::move(call.input), .text = {}, .bytes = call.body.size()};
        if (call.entry.request.tree.is_null()) call.entry.request.text = std::move(call.body);
        note(call, reply.status);
        return reply;
    };
    if (received.fault) {
        HttpReply reply = refused(*received.fault);
        add_retry_after(reply);
        return reply;
    }
    try {
        admit(request, call, check);
        return answer_call(request, call);
    } catch (const ServiceError& error) {
        return refused(error);
    } catch (const DatabaseError& error) {
        const ServiceError failure = storage_failure(error, *call.target.service, parts_.storage.bytes_max());
        spdlog::error("{} {}: {}", call.entry.service, call.entry.operation, failure.message);
        return refused(failure);
    } catch (const std::exception& broken) {  // our own fault: said to the log, not to the client
        spdlog::error("{} {} failed: {}", call.entry.service, call.entry.operation, broken.what());
        return refused(internal_failure());
    }
}

std::optional<HttpReply> Gateway::turn_away(const HttpRequest& request, int status,
                                            std::string_view message) {
    const Target target = identify(parts_.models, request, {});
    if (target.service == nullptr) return std::nullopt;
    HttpReply reply = codec_for(target.protocol)
                          .serialise_error(*target.service, request,
                                           transport_error(target.protocol, status, std::string(message)),
                                           parts_.random.uuid());
    add_retry_after(reply);
    return reply;
}

/// Throws InputError when there is none, or nobody who performs it.
const OperationModel& Gateway::operation_model(std::string_view service, std::string_view operation) const {
    const ServiceModel* model = parts_.models.find(service);
    const OperationModel* found = model == nullptr ? nullptr : model->operation(operation);
    if (found == nullptr || !services_.contains(service))
        throw InputError(400, "UnknownOperation",
                         fmt::format("there is no operation {} of {}", operation, service));
    return *found;
}

Json Gateway::read_input(std::string_view service, std::string_view operation, Json written) const {
    const Shape nothing;
    const Shape* shape = operation_model(service, operation).input;
    Ignored unknown;
    from_wire(shape == nullptr ? nothing : *shape, written, Place("input"), unknown);
    if (unknown.empty()) return written;
    // Over the wire it is ignored, as AWS does; here it can only be a slip.
    const std::string& pointer = unknown.front();
    throw InputError(
        400, "UnknownMember",
        fmt::format("{} has no such member: {}", operation, pointer.substr(pointer.rfind('/') + 1)), pointer);
}

Json Gateway::call(std::string_view service_name, std::string_view operation_name, const Caller& caller,
                   const Json& input) {
    const OperationModel* operation = &operation_model(service_name, operation_name);
    const ServiceModel* model = parts_.models.find(service_name);
    const auto service = services_.find(service_name);
    Call call;
    call.arrived = parts_.clock.now();
    call.entry.caller = caller;
    call.target = {.service = model, .operation = operation, .operation_name = operation->name};
    call.input = input;
    const auto access = service->second->access(operation->name);
    if (!access) throw not_implemented(call.target);
    validate(*model, *operation, input);
    if (*access != Access::invoke) return perform(call, *service->second, *access);

    const ReplyPlan plan = service->second->invoke(operation->name, call.arrived, caller, input);
    if (plan.on_complete) plan.on_complete();
    if (plan.error) throw ServiceError(*plan.error);
    if (!plan.streamed) return parse_json(plan.body).value_or(plan.body);
    Json events = Json::array();
    for (const auto& event : plan.events) events.push_back({{event.type, told(event.payload)}});
    return {{"events", std::move(events)}};
}

std::vector<std::string> Gateway::available() const {
    std::vector<std::string> names;
    for (const auto& [name, service] : services_) {
        if (!service->operations().empty()) names.push_back(name);
    }
    return names;
}

std::vector<Gateway::Coverage> Gateway::coverage() const {
    std::vector<Coverage> all;
    for (const std::string& name : parts_.models.names()) {
        Coverage one{.service = name};
        const auto service = services_.find(name);
        for (const auto& [operation, model] : parts_.models.find(name)->operations()) {
            const bool supported =
                service != services_.end() && service->second->access(operation).has_value();
            (supported ? one.supported : one.refused).push_back(operation);
        }
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace rockwatch
