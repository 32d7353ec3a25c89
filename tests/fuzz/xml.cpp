// XML: a document that was read, written again, is the same document; an input of S3 survives its own wire
// form.

#include "protocol/xml.hpp"

#include "codecs.hpp"

namespace rockwatch::fuzz {

namespace {

constexpr OperationName operations[] = {
    {"s3", "DeleteObjects"},
    {"s3", "CompleteMultipartUpload"},
    {"s3", "PutBucketLifecycleConfiguration"},
    {"s3", "PutBucketTagging"},
    {"s3", "PutBucketAcl"},
    {"s3", "PutBucketNotificationConfiguration"},
};

void write(const XmlElement& element, std::string& xml) {
    xml += "<" + element.name;
    for (const auto& [name, value] : element.attributes) {
        xml += " " + name + "=\"";
        append_xml_text(xml, value);
        xml += "\"";
    }
    xml += ">";
    append_xml_text(xml, element.text);
    for (const auto& child : element.children) write(child, xml);
    xml += "</" + element.name + ">";
}

std::string written(const XmlElement& root) {
    std::string xml;
    write(root, xml);
    return xml;
}

void check_input(const Operation& of, std::string_view body) {
    HttpRequest request;
    request.method = of.operation->http_method;
    request.target = of.operation->http_uri;
    const Member* payload = of.operation->input->member(of.operation->input->payload);
    const Parsed parsed = parse(Protocol::rest_xml, of, request, body);
    if (!parsed.is_read || payload == nullptr || !parsed.input.contains(payload->name)) return;
    std::string once = "<R>";
    append_members(once, *payload->shape, parsed.input.at(payload->name), "iso8601-milliseconds");
    once += "</R>";
    Ignored ignored;
    const auto root = parse_xml(once);
    promise(root.has_value(), "what is written is XML");
    const Json input = value_from_xml(*payload->shape, *root, Place("input"), ignored);
    std::string twice = "<R>";
    append_members(twice, *payload->shape, input, "iso8601-milliseconds");
    promise(twice + "</R>" == once, "an input survives its own wire form");
    promise(ignored.empty(), "and nothing of it is overlooked");
}

void xml(std::string_view bytes) {
    const FirstLine input(bytes);
    if (const auto root = parse_xml(input.rest)) {
        const std::string once = written(*root);
        const auto again = parse_xml(once);
        promise(again.has_value(), "what is written is read again");
        promise(written(*again) == once, "as the same document");
        promise(!parse_xml(std::string_view(once).substr(0, once.size() - 1)),
                "and not without its last byte");
    }
    check_input(operation_of(operations, input.line), input.rest);
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(xml)
