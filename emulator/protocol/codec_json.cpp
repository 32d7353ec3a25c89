#include <fmt/format.h>

#include "protocol/codecs.hpp"
#include "protocol/json_values.hpp"

namespace rockwatch {

namespace {

/// awsJson 1.0 and 1.1: CloudWatch Logs, SQS, CloudWatch. The model says which.
class JsonCodec : public Codec {
public:
    Json parse(const OperationModel& operation, const HttpRequest& /*request*/, std::string_view body,
               Ignored& ignored) const override {
        Json input = parse_json_body(body);
        if (operation.input == nullptr) return Json::object();
        from_wire(*operation.input, input, Place("input"), ignored);
        return input;
    }

    HttpReply serialise(const ServiceModel& service, const OperationModel& operation, const Json& output,
                        std::string_view request_id) const override {
        HttpReply reply = empty_reply(service, request_id);
        // Facts: logs.md 0. Without an output shape the body is empty.
        if (operation.output != nullptr) write_json(reply.body, operation.output, object_or_empty(output));
        return reply;
    }

    HttpReply serialise_error(const ServiceModel& service, const HttpRequest& request,
                              const ServiceError& error, std::string_view request_id) const override {
        const bool query_mode = service.query_compatible && is_query_mode(request);
        const ErrorFacts facts = facts_of(service, error, Protocol::json, query_mode);
        HttpReply reply = empty_reply(service, request_id);
        reply.status = facts.status;
        reply.headers.add("x-amzn-ErrorType", facts.shape_name);
        if (query_mode) reply.headers.add("x-amzn-query-error", query_error_text(facts));
        Json body = error_body(facts, error);
        body["__type"] = facts.type;
        write_json(reply.body, facts.shape, body);
        return reply;
    }

private:
    static HttpReply empty_reply(const ServiceModel& service, std::string_view request_id) {
        HttpReply reply;
        reply.headers.add("x-amzn-RequestId", std::string(request_id));
        reply.headers.add("Content-Type", "application/x-amz-json-" + service.json_version);
        return reply;
    }
};

}  // namespace

const Codec& json_codec() {
    static const JsonCodec codec;
    return codec;
}

}  // namespace rockwatch
