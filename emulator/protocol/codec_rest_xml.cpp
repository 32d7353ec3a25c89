#include <fmt/format.h>

#include "core/text.hpp"
#include "protocol/codecs.hpp"
#include "protocol/rest_bindings.hpp"
#include "protocol/uri.hpp"
#include "protocol/xml.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view invalid = "InvalidArgument";
constexpr std::string_view malformed_message =
    "The XML you provided was not well-formed or did not validate against our published schema";
/// S3 writes times in bodies with milliseconds, always.
constexpr std::string_view time_format = "iso8601-milliseconds";

/// S3's own: sixteen capital hex digits, made from the call's id so that the journal's entry is found.
std::string short_id(std::string_view request_id) {
    constexpr std::size_t digits = 16;
    std::string id;
    for (const char letter : request_id) {
        if (letter != '-' && id.size() < digits)
            id += letter >= 'a' && letter <= 'z' ? char(letter - 32) : letter;
    }
    return id;
}

std::string host_id(std::string_view request_id) { return base64_encode(request_id); }

/// restXml: S3.
class RestXmlCodec : public Codec {
public:
    Json parse(const OperationModel& operation, const HttpRequest& request, std::string_view body,
               Ignored& ignored) const override {
        const std::string path = object_path(request);
        Json input = read_bindings({operation, request, path, invalid}, ignored);
        if (operation.input == nullptr) return input;
        const Place place("input");
        const Member* payload = payload_of(*operation.input);
        if (payload != nullptr && payload->shape->type == ShapeType::blob) {
            input[payload->name] = binary_of(body);
        } else if (payload != nullptr && payload->shape->type == ShapeType::string) {
            input[payload->name] =
                scalar_from_text(*payload->shape, body, Place(place, payload->name), invalid);
        } else if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
            return input;
        } else if (payload != nullptr) {
            input[payload->name] =
                value_from_xml(*payload->shape, document(body), Place(place, payload->name), ignored);
        } else if (has_body_members(*operation.input)) {
            input.update(value_from_xml(*operation.input, document(body), place, ignored));
        }
        return input;
    }

    HttpReply serialise(const ServiceModel& service, const OperationModel& operation, const Json& output,
                        std::string_view request_id) const override {
        HttpReply reply = empty_reply(request_id);
        const Json& tree = object_or_empty(output);
        write_bindings(operation, tree, reply);
        if (operation.output == nullptr) return reply;
        const Shape& shape = *operation.output;
        if (const Member* payload = payload_of(shape)) {
            write_payload(service, *payload, tree, reply);
        } else if (has_body_members(shape)) {
            write_root(service, operation, tree, reply);
        }
        return reply;
    }

    HttpReply serialise_error(const ServiceModel& service, const HttpRequest& request,
                              const ServiceError& error, std::string_view request_id) const override {
        const ErrorFacts facts = facts_of(service, error, Protocol::rest_xml, false);
        HttpReply reply = empty_reply(request_id);
        reply.status = facts.status;
        reply.headers.set("Content-Type", "application/xml");
        if (request.method == "HEAD") return reply;
        std::string& xml = reply.body;
        xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
        append_xml_text(xml, facts.query_code);
        xml += "</Code><Message>";
        append_xml_text(xml, error.message);
        xml += "</Message>";
        for (const auto& [name, value] : error.members.items()) {
            xml += "<" + name + ">";
            append_xml_text(xml, value.is_string() ? value.get_ref<const std::string&>() : to_text(value));
            xml += "</" + name + ">";
        }
        xml += fmt::format("<RequestId>{}</RequestId><HostId>{}</HostId></Error>", short_id(request_id),
                           host_id(request_id));
        return reply;
    }

private:
    static HttpReply empty_reply(std::string_view request_id) {
        HttpReply reply;
        reply.headers.add("x-amz-request-id", short_id(request_id));
        reply.headers.add("x-amz-id-2", host_id(request_id));
        return reply;
    }

    static XmlElement document(std::string_view body) {
        auto root = parse_xml(body);
        if (!root) throw unreadable("MalformedXML", Place("input"), malformed_message);
        return std::move(*root);
    }

    static void start_document(HttpReply& reply) {
        if (reply.headers.find("Content-Type") == nullptr)
            reply.headers.add("Content-Type", "application/xml");
        reply.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    }

    static void write_payload(const ServiceModel& service, const Member& payload, const Json& tree,
                              HttpReply& reply) {
        const auto value = tree.find(payload.name);
        if (value == tree.end() || value->is_null()) return;
        if (payload.shape->type == ShapeType::blob || payload.shape->type == ShapeType::string) {
            reply.body = std::string(bytes_of(*value));
            const bool is_json = payload.shape->type == ShapeType::string && reply.body.starts_with('{');
            if (is_json) reply.headers.add("Content-Type", "application/json");
            return;
        }
        start_document(reply);
        const std::string& root = payload.location_name;
        reply.body += fmt::format(R"(<{} xmlns="{}">)", root, service.xml_namespace);
        append_members(reply.body, *payload.shape, *value, time_format);
        reply.body += "</" + root + ">";
    }

    static void write_root(const ServiceModel& service, const OperationModel& operation, const Json& tree,
                           HttpReply& reply) {
        const Shape& shape = *operation.output;
        const std::string& root = operation.result_wrapper.empty() ? shape.name : operation.result_wrapper;
        start_document(reply);
        reply.body += fmt::format(R"(<{} xmlns="{}">)", root, service.xml_namespace);
        // GetBucketLocation's one member is the root itself.
        const bool is_bare = shape.members.size() == 1 && shape.members[0].location_name == root;
        if (is_bare) {
            append_xml_text(reply.body, text_or_empty(tree, shape.members[0].name));
        } else {
            append_members(reply.body, shape, tree, time_format);
        }
        reply.body += "</" + root + ">";
    }
};

}  // namespace

const Codec& rest_xml_codec() {
    static const RestXmlCodec codec;
    return codec;
}

}  // namespace rockwatch
