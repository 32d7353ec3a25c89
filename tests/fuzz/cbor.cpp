// CBOR: what is written reads back, no part of it is taken for the whole, and an input of CloudWatch survives
// its own wire form.

#include "protocol/cbor.hpp"

#include "codecs.hpp"
#include "protocol/json_values.hpp"

namespace rockwatch::fuzz {

namespace {

constexpr OperationName operations[] = {
    {"cloudwatch", "PutMetricData"},
    {"cloudwatch", "GetMetricData"},
    {"cloudwatch", "PutMetricAlarm"},
    {"cloudwatch", "ListMetrics"},
};

std::string written(const Shape* shape, const Json& tree) {
    std::string bytes;
    write_cbor(bytes, shape, tree);
    return bytes;
}

/// The first byte chooses an operation; the rest is the document.
void cbor(std::string_view bytes) {
    if (bytes.empty()) return;
    const std::string_view document = bytes.substr(1);
    std::string problem;
    const auto tree = parse_cbor(document, &problem);
    promise(tree || !problem.empty(), "a refusal says why");
    if (tree) {
        const std::string once = written(nullptr, *tree);
        const auto again = parse_cbor(once);
        promise(again && written(nullptr, *again) == once, "what is written is read again");
        promise(!parse_cbor(std::string_view(once).substr(0, once.size() / 2)), "half a document is none");
        promise(!parse_cbor(std::string_view(once).substr(0, once.size() - 1)),
                "neither is one that lacks a byte");
        promise(!parse_cbor(once + '\0'), "nor one with something behind it");
    }
    const Operation of = operation_of(operations, bytes.substr(0, 1));
    HttpRequest request;
    request.method = "POST";
    const Parsed parsed = parse(Protocol::cbor, of, request, document);
    if (!parsed.is_read) return;
    Json again = parse_cbor(written(of.operation->input, parsed.input)).value();
    Ignored ignored;
    from_wire(*of.operation->input, again, Place("input"), ignored);
    promise(exact(again) == exact(parsed.input), "an input survives its own wire form");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(cbor)
