#include "protocol/cbor.hpp"
#include "protocol/codecs.hpp"
#include "protocol/json_values.hpp"

namespace rockwatch {

namespace {

/// RPC v2 CBOR: CloudWatch's newer clients.
class CborCodec : public Codec {
public:
    Json parse(const OperationModel& operation, const HttpRequest& /*request*/, std::string_view body,
               Ignored& ignored) const override {
        if (operation.input == nullptr || body.empty()) return Json::object();
        std::string problem;
        auto input = parse_cbor(body, &problem);
        const Place place("input");
        if (!input) {
            throw unreadable("SerializationException", place,
                             "The request's body is not readable CBOR: " + problem);
        }
        from_wire(*operation.input, *input, place, ignored);
        return std::move(*input);
    }

    HttpReply serialise(const ServiceModel& /*service*/, const OperationModel& operation, const Json& output,
                        std::string_view request_id) const override {
        HttpReply reply = empty_reply(request_id);
        write_cbor(reply.body, operation.output, object_or_empty(output));
        return reply;
    }

    HttpReply serialise_error(const ServiceModel& service, const HttpRequest& request,
                              const ServiceError& error, std::string_view request_id) const override {
        const bool query_mode = service.query_compatible && is_query_mode(request);
        const ErrorFacts facts = facts_of(service, error, Protocol::cbor, query_mode);
        HttpReply reply = empty_reply(request_id);
        reply.status = facts.status;
        if (query_mode) reply.headers.add("x-amzn-query-error", query_error_text(facts));
        Json body = error_body(facts, error);
        body["__type"] = facts.type;
        write_cbor(reply.body, facts.shape, body);
        return reply;
    }

private:
    static HttpReply empty_reply(std::string_view request_id) {
        HttpReply reply;
        reply.headers.add("x-amzn-RequestId", std::string(request_id));
        reply.headers.add("Smithy-Protocol", "rpc-v2-cbor");  // Go refuses an answer without it
        reply.headers.add("Content-Type", "application/cbor");
        return reply;
    }
};

}  // namespace

const Codec& cbor_codec() {
    static const CborCodec codec;
    return codec;
}

}  // namespace rockwatch
