#include "wire.hpp"

#include <fmt/format.h>

#include <map>

#include "violation.hpp"

namespace rockwatch::simulation {

namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        plain ? out += c : out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

/// The query protocol's form: lists as .member.N, maps as .entry.N.key and .value.
void flatten(const std::string& name, const Json& value, bool is_map, std::string& body) {
    if (value.is_array()) {
        for (std::size_t index = 0; index < value.size(); ++index)
            flatten(fmt::format("{}.member.{}", name, index + 1), value[index], false, body);
    } else if (value.is_object() && is_map) {
        int number = 0;
        for (const auto& [key, entry] : value.items()) {
            const std::string place = fmt::format("{}.entry.{}", name, ++number);
            const char* names = name == "MessageAttributes" ? "Name" : "key";
            const char* values = name == "MessageAttributes" ? "Value" : "value";
            body += fmt::format("&{}.{}={}", place, names, escaped(key));
            flatten(fmt::format("{}.{}", place, values), entry, false, body);
        }
    } else if (value.is_object()) {
        for (const auto& [key, entry] : value.items())
            flatten(fmt::format("{}.{}", name, key), entry, false, body);
    } else {
        body += fmt::format("&{}={}", name,
                            escaped(value.is_string() ? value.get<std::string>() : to_text(value)));
    }
}

std::string query_body(const std::string& operation, const std::string& version, const Json& input) {
    std::string body = "Action=" + operation + "&Version=" + version;
    for (const auto& [name, value] : input.items()) {
        const bool is_map = name == "Attributes" || name == "MessageAttributes";
        flatten(name, value, is_map, body);
    }
    return body;
}

/// CloudWatch's JSON has times as epoch seconds.
Json in_seconds(Json value) {
    if (!value.is_structured()) return value;
    for (auto part = value.begin(); part != value.end(); ++part) {
        const bool is_time = value.is_object() && part.key() == "Timestamp";
        *part = is_time ? Json(part->get<double>() / 1000) : in_seconds(std::move(*part));
    }
    return value;
}

WireCall json_call(const std::string& prefix, const std::string& version, const std::string& operation,
                   const Json& input) {
    WireCall call;
    call.headers.add("X-Amz-Target", prefix + "." + operation);
    call.headers.add("Content-Type", "application/x-amz-json-" + version);
    call.body = to_text(input);
    return call;
}

WireCall runtime_call(const std::string& operation, const Json& input) {
    static const std::map<std::string, std::string> doors{
        {"Converse", "converse"},
        {"ConverseStream", "converse-stream"},
        {"InvokeModel", "invoke"},
        {"InvokeModelWithResponseStream", "invoke-with-response-stream"}};
    WireCall call;
    call.target =
        fmt::format("/model/{}/{}", escaped(input.at("modelId").get<std::string>()), doors.at(operation));
    call.headers.add("Content-Type", "application/json");
    Json body = input;
    body.erase("modelId");
    call.body = to_text(input.contains("body") ? input.at("body") : body);
    return call;
}

WireCall logging_call(const std::string& operation, const Json& input) {
    WireCall call;
    call.target = "/logging/modelinvocations";
    call.method = operation.starts_with("Put") ? "PUT" : "DELETE";
    call.headers.add("Content-Type", "application/json");
    if (operation.starts_with("Put")) call.body = to_text(input);
    return call;
}

WireCall unsigned_call(const std::string& service, const std::string& operation, const Json& input) {
    static const std::map<std::string, std::string> versions{
        {"sns", "2010-03-31"}, {"iam", "2010-05-08"}, {"sts", "2011-06-15"}};
    if (service == "logs") return json_call("Logs_20140328", "1.1", operation, input);
    if (service == "sqs") return json_call("AmazonSQS", "1.0", operation, input);
    if (service == "cloudwatch")
        return json_call("GraniteServiceVersion20100801", "1.0", operation, in_seconds(input));
    if (service == "bedrock-runtime") return runtime_call(operation, input);
    if (service == "bedrock") return logging_call(operation, input);
    WireCall call;
    call.headers.add("Content-Type", "application/x-www-form-urlencoded");
    call.body = query_body(operation, versions.at(service), input);
    return call;
}

}  // namespace

WireCall wire_call(const Owner& owner, const std::string& service, const std::string& operation,
                   const Json& input) {
    WireCall call = unsigned_call(service, operation, input);
    const std::string scope = service == "cloudwatch"        ? "monitoring"
                              : service == "bedrock-runtime" ? "bedrock"
                                                             : service;
    call.headers.add("Host", "127.0.0.1:4566");
    call.headers.add("Authorization",
                     fmt::format("AWS4-HMAC-SHA256 Credential={}/20260101/{}/{}/aws4_request, "
                                 "SignedHeaders=host, Signature=00",
                                 owner.account, owner.region, scope));
    return call;
}

}  // namespace rockwatch::simulation
