#include "core/text.hpp"
#include "protocol/cbor.hpp"
#include "protocol/codecs.hpp"
#include "protocol/json_values.hpp"

namespace rockwatch {

namespace {

/// RPC v2 CBOR: CloudWatch's newer clients.
class CborCodec : public Codec {
public:
    Json parse(const OperationModel& operation, const HttpRequest& request, std::string_view body,
               Ignored& ignored) const override {
        refuse_other_protocols(request);
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
    /// A request that says two things at once is refused, lest some guard on its way has read the other.
    static void refuse_other_protocols(const HttpRequest& request) {
        for (const char* name : {"X-Amz-Target", "X-Amzn-Target"}) {
            if (request.headers.find(name) != nullptr) {
                throw unreadable("SerializationException", Place("input"),
                                 std::string("A request in CBOR must not carry ") + name);
            }
        }
        const std::string_view type = request.media_type();
        if (type.empty() || equal_ignoring_case(type, "application/cbor")) return;
        ServiceError error("UnsupportedMediaTypeException", "The content type has to be application/cbor");
        error.status = 415;
        throw error;
    }

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
