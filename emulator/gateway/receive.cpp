#include "gateway/receive.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rockwatch {

namespace {

/// One trouble of the transport in the words of the protocols. The JSON names are those of AWS's front door,
/// S3's those of its error list; the query protocol has the JSON names without their ending.
struct Trouble {
    int status;
    const char* json;
    const char* query;
    const char* s3;
};

constexpr Trouble troubles[] = {
    {400, "SerializationException", "MalformedInput", "IncompleteBody"},
    {403, "AccessDeniedException", "AccessDenied", "AccessDenied"},
    {408, "RequestTimeoutException", "RequestTimeout", "RequestTimeout"},
    {413, "RequestEntityTooLargeException", "RequestEntityTooLarge", "EntityTooLarge"},
    {415, "UnsupportedMediaTypeException", "UnsupportedMediaType", "InvalidRequest"},
    {503, "ServiceUnavailableException", "ServiceUnavailable", "SlowDown"},
};

/// AWS's words, as clients have quoted them: micrometer-metrics/micrometer #2302.
std::optional<ServiceError> too_long(const Target& target, std::size_t bytes) {
    if (target.operation == nullptr) return std::nullopt;
    const auto body_max = target.operation->body_max;
    if (!body_max || bytes <= *body_max) return std::nullopt;
    return transport_error(target.protocol, 413,
                           fmt::format("Request size {} exceeded {} bytes", bytes, *body_max));
}

bool keeps_coding(const Target& target) {
    return target.service != nullptr && target.protocol == Protocol::rest_xml;
}

}  // namespace

ServiceError transport_error(Protocol protocol, int status, std::string message) {
    const auto* trouble = std::find_if(std::begin(troubles), std::end(troubles),
                                       [&](const Trouble& row) { return row.status == status; });
    const char* code = "InternalFailure";
    if (trouble != std::end(troubles)) {
        code = protocol == Protocol::query      ? trouble->query
               : protocol == Protocol::rest_xml ? trouble->s3
                                                : trouble->json;
    }
    ServiceError error(code, std::move(message));
    error.status = status;
    return error;
}

void add_retry_after(HttpReply& reply) {
    constexpr int too_busy = 503;
    if (reply.status == too_busy) reply.headers.set("Retry-After", "1");
}

Received receive(const ModelLibrary& models, HttpRequest& request, Target target) {
    Received received;
    received.target = std::move(target);
    // A form without a signature is told by its body alone; and those are not S3's.
    const bool has_coding = request.headers.find("Content-Encoding") != nullptr;
    if (has_coding && keeps_coding(received.target)) request.body->keep_coding();
    std::optional<BodyError> broken;
    try {
        received.body = request.read_body();
    } catch (const BodyError& error) {
        broken = error;
    }
    if (may_be_form(request)) received.target = identify(models, request, received.body);
    received.fault = broken ? transport_error(received.target.protocol, broken->status, broken->what())
                            : too_long(received.target, received.body.size());
    return received;
}

void take_chunks_off(HttpRequest& request, const Target& target, std::string& body,
                     ChunkSignatures* signatures) {
    if (keeps_coding(target) && is_aws_chunked(request)) body = take_aws_chunks(request, body, signatures);
}

}  // namespace rockwatch
