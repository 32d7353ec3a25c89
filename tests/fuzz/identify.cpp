// What a request means: any head that HTTP lets through has one meaning or none, whatever its signature,
// target and path; and that meaning can be read or refused.

#include "protocol/identify.hpp"

#include "codecs.hpp"
#include "http/head.hpp"

namespace rockwatch::fuzz {

namespace {

HttpRequest request_of(http::Head head) {
    HttpRequest request;
    request.method = std::move(head.method);
    request.target = std::move(head.target);
    request.headers = std::move(head.headers);
    return request;
}

void check_scope(const HttpRequest& request) {
    const auto scope = credential_scope(request);
    if (!scope) return;
    const std::string signed_with = scope->access_key + "/" + scope->region + "/" + scope->signing_name;
    promise(scope->region.find('/') == std::string::npos, "a region is one part of the scope");
    promise(scope->signing_name.find('/') == std::string::npos, "and so is the service's name");
    HttpRequest moved = request;
    moved.target = "/";
    const auto again = credential_scope(moved);
    if (request.headers.find("Authorization") == nullptr || !again) return;
    promise(again->access_key + "/" + again->region + "/" + again->signing_name == signed_with,
            "the header's word counts before the query's");
}

/// A whole request: head, and behind it the body as it is.
void identify(std::string_view bytes) {
    http::HeadReader reader;
    if (reader.read(bytes) != http::HeadReader::State::complete) return;
    const std::string_view body = bytes.substr(reader.size());
    const HttpRequest request = request_of(reader.take());
    check_scope(request);
    const rockwatch::Target target = rockwatch::identify(library(), request, body);
    if (target.service == nullptr)
        return promise(target.operation == nullptr, "no operation without its service");
    const bool is_openai = target.protocol == Protocol::openai;
    promise(is_openai ? target.service->name == "bedrock-runtime" : target.service->speaks(target.protocol),
            "a service is spoken to in a protocol of its own");
    if (target.operation == nullptr) return;
    promise(target.service->operation(target.operation->name) == target.operation,
            "an operation is its service's");
    promise(target.operation_name == target.operation->name, "and has one name");
    promise(is_openai == (target.operation->protocol == Protocol::openai), "and its own protocol");
    parse(target.protocol, {target.service, target.operation}, request, body);
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(identify)
