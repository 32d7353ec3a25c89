#include "protocol/identify.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "protocol/uri.hpp"

namespace rockwatch {

namespace {

/// AKID/20240102/us-east-1/bedrock/aws4_request, read from its end: a key may hold slashes. SigV4a has no
/// region.
std::optional<CredentialScope> parse_scope(std::string_view credential, bool has_region) {
    const auto parts = split(credential, '/');
    const std::size_t tail = has_region ? 4 : 3;
    if (parts.size() <= tail) return std::nullopt;
    const auto from_end = [&](std::size_t index) { return std::string(parts[parts.size() - index]); };
    std::size_t tail_bytes = tail;
    for (std::size_t index = 1; index <= tail; ++index) tail_bytes += parts[parts.size() - index].size();
    return CredentialScope{.access_key = std::string(credential.substr(0, credential.size() - tail_bytes)),
                           .region = has_region ? from_end(3) : "",
                           .signing_name = from_end(2)};
}

std::optional<CredentialScope> header_scope(std::string_view authorization) {
    constexpr std::string_view word = "Credential=";
    if (authorization.starts_with("AWS4-")) {
        const auto at = authorization.find(word);
        if (at == std::string_view::npos) return std::nullopt;
        std::string_view credential = authorization.substr(at + word.size());
        credential = credential.substr(0, credential.find_first_of(", "));
        return parse_scope(credential, !authorization.starts_with("AWS4-ECDSA"));
    }
    // The signature before SigV4, which S3 alone still sees.
    if (authorization.starts_with("AWS ")) {
        const auto key = authorization.substr(4, authorization.find(':') - 4);
        return CredentialScope{.access_key = std::string(key), .region = "", .signing_name = "s3"};
    }
    return std::nullopt;
}

bool is_bearer(const HttpRequest& request) {
    return equal_ignoring_case(request.headers.get("Authorization").substr(0, 7), "Bearer ");
}

bool is_aws_json(const HttpRequest& request) {
    constexpr std::string_view json = "application/x-amz-json";
    return equal_ignoring_case(request.media_type().substr(0, json.size()), json);
}

std::string_view first_segment(std::string_view path) {
    return path.empty() ? path : path.substr(1, path.find('/', 1) - 1);
}

/// One decision of the order in protocols.md 1.3; nullopt leaves the request to the next.
using Decision = std::optional<Target>;

class Identifier {
public:
    Identifier(const ModelLibrary& models, const HttpRequest& request, std::string_view body)
        : models_(models), request_(request), body_(body) {}

    Target identify() {
        using Step = Decision (Identifier::*)();
        static constexpr Step steps[] = {&Identifier::by_cbor_path, &Identifier::by_target_header,
                                         &Identifier::by_signature, &Identifier::by_bearer,
                                         &Identifier::by_host,      &Identifier::by_action,
                                         &Identifier::by_path,      &Identifier::by_object};
        for (const Step step : steps) {
            if (auto decided = (this->*step)()) return std::move(*decided);
        }
        return {};
    }

private:
    template <class Test>
    const ServiceModel* find(const Test& test) const {
        for (const auto& address : models_.addresses()) {
            if (test(address)) return models_.find(address.name);
        }
        return nullptr;
    }

    static Target named(const ServiceModel* service, Protocol protocol, std::string name) {
        const OperationModel* operation = service == nullptr ? nullptr : service->operation(name);
        return {.service = service,
                .operation = operation,
                .protocol = protocol,
                .operation_name = std::move(name)};
    }

    /// X-Amz-Target: Logs_20140328.PutLogEvents
    Decision by_target_header() {
        const std::string* target = request_.headers.find("X-Amz-Target");
        if (target == nullptr) return std::nullopt;
        const auto dot = target->rfind('.');
        const std::string_view prefix = std::string_view(*target).substr(0, dot);
        const auto* service = find([&](const auto& address) {
            return !address.target_prefix.empty() && address.target_prefix == prefix;
        });
        return named(service, Protocol::json, dot == std::string::npos ? "" : target->substr(dot + 1));
    }

    /// Smithy-Protocol: rpc-v2-cbor and .../service/GraniteServiceVersion20100801/operation/PutMetricData
    Decision by_cbor_path() {
        if (request_.method != "POST") return std::nullopt;
        if (!equal_ignoring_case(request_.headers.get("Smithy-Protocol"), "rpc-v2-cbor")) return std::nullopt;
        const auto parts = split(request_.path(), '/');
        const auto from_end = [&](std::size_t index) { return parts[parts.size() - index]; };
        if (parts.size() < 4 || from_end(4) != "service" || from_end(2) != "operation") return std::nullopt;
        std::string_view shape = from_end(3);  // may come with its namespace
        if (const auto mark = shape.find_last_of("#."); mark != std::string_view::npos)
            shape.remove_prefix(mark + 1);
        const auto* service = find([&](const auto& address) {
            return address.speaks(Protocol::cbor) && address.target_prefix == shape;
        });
        return named(service, Protocol::cbor, std::string(from_end(1)));
    }

    Decision by_signature() {
        const auto scope = credential_scope(request_);
        if (!scope) return std::nullopt;
        if (scope->signing_name == "bedrock" || scope->signing_name == "bedrock-runtime") return bedrock();
        // OpenAI's own client signs so unless it is told that it talks to the runtime.
        if (scope->signing_name == "bedrock-mantle") return openai(runtime_path());
        if (scope->signing_name == "s3express" || scope->signing_name == "s3-object-lambda")
            return objects(scope->signing_name);
        const auto* service = find([&](const auto& address) {
            return address.signing_name == scope->signing_name ||
                   address.endpoint_prefix == scope->signing_name;
        });
        if (service == nullptr) return Target{};
        return within(*service);
    }

    /// S3 signs with a name of its own for directory buckets and for functions that answer GetObject.
    Target objects(std::string_view signing_name) {
        const ServiceModel* s3 = models_.find("s3");
        const bool is_root =
            request_.method == "GET" && request_.path() == "/" && virtual_bucket(request_).empty();
        // ListBuckets has the same form; the signature alone tells which buckets are meant.
        if (signing_name == "s3express" && is_root)
            return named(s3, Protocol::rest_xml, "ListDirectoryBuckets");
        return within(*s3);
    }

    Decision by_bearer() { return is_bearer(request_) ? Decision(bedrock()) : std::nullopt; }

    /// sns.us-east-1.amazonaws.com, bucket.s3.amazonaws.com
    Decision by_host() {
        const std::string_view host = host_name(request_);
        const auto dot = host.find('.');
        if (dot == std::string_view::npos || host.ends_with("]")) return std::nullopt;
        const std::string_view first = host.substr(0, dot);
        if (host.find(".s3.") == std::string_view::npos) {
            const auto* service = find([&](const auto& address) { return address.endpoint_prefix == first; });
            if (service != nullptr && service->signing_name == "bedrock") return bedrock();
            if (service != nullptr) return within(*service);
        }
        if (virtual_bucket(request_).empty()) return std::nullopt;
        return within(*models_.find("s3"));
    }

    /// The query protocol, unsigned: links in SNS's messages, AssumeRoleWithWebIdentity.
    Decision by_action() {
        auto action = parameter("Action");
        if (!action) return std::nullopt;
        const auto version = parameter("Version");
        const auto* service = find([&](const auto& address) {
            if (!address.speaks(Protocol::query)) return false;
            if (version) return address.api_version == *version;
            return models_.find(address.name)->operation(*action) != nullptr;
        });
        if (service == nullptr) return std::nullopt;
        return named(service, Protocol::query, std::move(*action));
    }

    Decision by_path() {
        const Target runtime = by_route(*models_.find("bedrock-runtime"), runtime_path());
        if (runtime.operation != nullptr) return runtime;
        const Target control = by_route(*models_.find("bedrock"), request_.path());
        if (control.operation != nullptr) return control;
        const auto parts = split(request_.path(), '/');
        constexpr std::size_t account_digits = 12;
        const bool is_queue_url =
            parts.size() == 3 && parts[1].size() == account_digits &&
            std::all_of(parts[1].begin(), parts[1].end(), [](char c) { return c >= '0' && c <= '9'; });
        if (is_queue_url && request_.method == "GET") return named(models_.find("sqs"), Protocol::query, "");
        return std::nullopt;
    }

    Decision by_object() {
        Target target = by_route(*models_.find("s3"), request_.path());
        if (target.operation == nullptr) return std::nullopt;
        return target;
    }

    /// The routes that speak as OpenAI does have a shorter form, too: /v1/models (facts: bedrock.md 8).
    std::string runtime_path() const {
        const std::string path(request_.path());
        return path.starts_with("/v1/") ? "/openai" + path : path;
    }

    /// The runtime and the control plane sign with one name: whole first segments tell them apart.
    Target bedrock() {
        const std::string path = runtime_path();
        const std::string_view first = first_segment(path);
        if (first == "openai") return openai(path);
        const bool is_runtime = first == "model" || first == "guardrail" || first == "async-invoke";
        return by_route(*models_.find(is_runtime ? "bedrock-runtime" : "bedrock"), path);
    }

    Target openai(std::string_view path) const {
        Target target = by_route(*models_.find("bedrock-runtime"), path);
        if (target.protocol == Protocol::openai) return target;
        // The other endpoint has no route of AWS's own form.
        return {.service = target.service, .protocol = Protocol::openai};
    }

    /// The service is known; its protocols are told apart by what they carry.
    Target within(const ServiceModel& service) {
        if (service.speaks(Protocol::rest_xml)) return by_route(service, object_path(request_));
        if (service.speaks(Protocol::rest_json)) return by_route(service, request_.path());
        if (service.speaks(Protocol::query)) {
            if (auto action = parameter("Action"))
                return named(&service, Protocol::query, std::move(*action));
        }
        const bool is_json =
            service.speaks(Protocol::json) && (!service.speaks(Protocol::query) || is_aws_json(request_));
        return {.service = &service, .protocol = is_json ? Protocol::json : Protocol::query};
    }

    std::optional<std::string> parameter(std::string_view name) const {
        if (auto value = query_value(request_.query(), name)) return value;
        return may_be_form(request_) ? query_value(body_, name) : std::nullopt;
    }

    /// How well the query string and the headers fit; nullopt when something that tells is missing.
    std::optional<int> tells(const OperationModel& operation) const {
        for (const auto& [name, value] : operation.query_literals) {
            const auto sent = query_value(request_.query(), name);
            if (!sent || (!value.empty() && *sent != value)) return std::nullopt;
        }
        for (const auto& name : operation.telling_queries) {
            if (!query_value(request_.query(), name)) return std::nullopt;
        }
        for (const auto& name : operation.telling_headers) {
            if (request_.headers.find(name) == nullptr) return std::nullopt;
        }
        return static_cast<int>(operation.query_literals.size() + operation.telling_queries.size() +
                                operation.telling_headers.size());
    }

    Target by_route(const ServiceModel& service, std::string_view path) const {
        using Fit = std::array<int, 3>;
        Target best{.service = &service, .protocol = service.protocols.front()};
        Fit best_fit{};
        for (const OperationModel* operation : service.routes(request_.method)) {
            const auto match = match_path(*operation, path);
            if (!match) continue;
            const auto told = tells(*operation);
            if (!told) continue;
            const Fit fit{match->static_segments, *told, -match->joined};
            if (best.operation != nullptr && fit <= best_fit) continue;
            best.operation = operation;
            best_fit = fit;
        }
        if (best.operation == nullptr) return best;
        best.operation_name = best.operation->name;
        best.protocol = best.operation->protocol.value_or(best.protocol);
        return best;
    }

    const ModelLibrary& models_;
    const HttpRequest& request_;
    std::string_view body_;
};

}  // namespace

std::optional<CredentialScope> credential_scope(const HttpRequest& request) {
    if (const std::string* header = request.headers.find("Authorization")) {
        if (auto scope = header_scope(*header)) return scope;
    }
    if (const auto credential = query_value(request.query(), "X-Amz-Credential"))
        return parse_scope(*credential, true);
    if (const auto key = query_value(request.query(), "AWSAccessKeyId")) {
        return CredentialScope{.access_key = *key, .region = "", .signing_name = "s3"};
    }
    return std::nullopt;
}

bool may_be_form(const HttpRequest& request) {
    const std::string_view type = request.media_type();
    return request.method == "POST" &&
           (type.empty() || equal_ignoring_case(type, "application/x-www-form-urlencoded"));
}

Target identify(const ModelLibrary& models, const HttpRequest& request, std::string_view body) {
    return Identifier(models, request, body).identify();
}

}  // namespace rockwatch
