// JSON: both parsers read alike, what is written reads back, and an input of a model survives its own wire
// form.

#include "core/json.hpp"

#include <algorithm>

#include "codecs.hpp"
#include "core/json_quick.hpp"
#include "protocol/json_values.hpp"

namespace rockwatch::fuzz {

namespace {

constexpr OperationName operations[] = {
    {"bedrock-runtime", "Converse"},    {"logs", "PutLogEvents"},    {"cloudwatch", "PutMetricData"},
    {"cloudwatch", "GetMetricData"},    {"sqs", "SendMessageBatch"}, {"bedrock", "CreateGuardrail"},
    {"bedrock", "CreateEvaluationJob"}, {"logs", "PutTransformer"},  {"bedrock-runtime", "ApplyGuardrail"},
};

int depth_of(const Json& tree) {
    if (!tree.is_structured()) return 0;
    int deepest = 0;
    for (const auto& part : tree) deepest = std::max(deepest, depth_of(part));
    return deepest + 1;
}

void check_document(std::string_view text) {
    std::string problem;
    const auto tree = parse_json(text, &problem);
    const auto quick = parse_json_quickly(text);
    const Json plain = Json::parse(text, nullptr, false);
    if (!tree) {
        promise(!quick, "the quick parser takes nothing that the other refuses");
        promise(!problem.empty(), "a refusal says why");
        return;
    }
    promise(depth_of(*tree) <= json_depth_max, "no document is too deep");
    promise(exact(*tree) == exact(plain), "both parsers read alike");
    const auto again = parse_json(to_text(*tree));
    promise(again && exact(*again) == exact(*tree), "what is written is read again");
    std::string wire;
    write_json(wire, nullptr, *tree);
    const auto from_wire_form = parse_json(wire);
    promise(from_wire_form && *from_wire_form == *tree, "so is the wire's form");
}

void json(std::string_view bytes) {
    const FirstLine input(bytes);
    check_document(input.rest);
    const Operation of = operation_of(operations, input.line);
    HttpRequest request;
    request.method = "POST";
    request.target = of.operation->http_uri;  // labels are read as they stand there
    const Protocol protocol = of.service->protocols.front();
    const Parsed parsed =
        parse(protocol == Protocol::cbor ? Protocol::json : protocol, of, request, input.rest);
    if (!parsed.is_read) return;
    std::string wire;
    write_json(wire, of.operation->input, parsed.input);
    Json again = parse_json(wire).value();
    Ignored ignored;
    from_wire(*of.operation->input, again, Place("input"), ignored);
    promise(exact(again) == exact(parsed.input), "an input survives its own wire form");
    promise(ignored.empty(), "and holds nothing that the model does not know");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(json)
