#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "protocol/codecs.hpp"
#include "protocol/uri.hpp"
#include "protocol/xml.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view malformed = "MalformedInput";

/// A form's parameters by their dots: MetricData.member.1.MetricName.
struct FormNode {
    std::string_view name;
    const std::string* value = nullptr;
    std::vector<FormNode> children;
    mutable bool is_read = false;

    const FormNode* child(std::string_view wanted) const {
        const auto found =
            std::lower_bound(children.begin(), children.end(), wanted,
                             [](const FormNode& node, std::string_view name) { return node.name < name; });
        return found != children.end() && found->name == wanted ? &*found : nullptr;
    }
};

std::optional<std::uint64_t> index_of(std::string_view name) {
    std::uint64_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    return error == std::errc{} && end == name.data() + name.size() ? std::optional(index) : std::nullopt;
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// A run of parameters, which are sorted and agree in their first `offset` bytes.
struct Run {
    Parameters::const_iterator first, last;
    std::size_t offset = 0;
};

ServiceError refused(std::string_view problem) { return unreadable(malformed, Place("input"), problem); }

/// Builds the tree beneath a run. `nodes` counts what has been built in all.
void grow(FormNode& node, const Run& run, int depth, std::size_t& nodes) {
    auto [first, last, offset] = run;
    if (depth > json_depth_max) throw refused("The parameters are nested too deep");
    if (++nodes > json_nodes_max) throw refused("There are too many parameters");
    for (; first != last && first->first.size() <= offset; ++first) node.value = &first->second;
    while (first != last) {
        const std::string_view name = std::string_view(first->first).substr(offset);
        const std::string_view part = name.substr(0, name.find('.'));
        const auto end = std::find_if(first, last, [&](const auto& parameter) {
            const std::string_view rest = std::string_view(parameter.first).substr(offset);
            return rest.substr(0, rest.find('.')) != part;
        });
        if (node.children.size() == json_members_max)
            throw refused("There are too many parameters side by side");
        FormNode child;
        child.name = part;
        grow(child, {first, end, offset + part.size() + 1}, depth + 1, nodes);
        node.children.push_back(std::move(child));
        first = end;
    }
}

/// Sorts as the tree wants it: a dot before any other byte, so that what belongs together stands together.
bool dots_first(const std::pair<std::string, std::string>& a, const std::pair<std::string, std::string>& b) {
    return std::lexicographical_compare(
        a.first.begin(), a.first.end(), b.first.begin(), b.first.end(), [](char x, char y) {
            const auto rank = [](char letter) {
                return letter == '.' ? 0U : 1U + static_cast<unsigned char>(letter);
            };
            return rank(x) < rank(y);
        });
}

/// What a parameter takes is more than its byte and its `&`: there are never more than a document may have.
Parameters read_parameters(const HttpRequest& request, std::string_view body) {
    if (request.method != "POST") body = {};
    const auto ends = std::count(body.begin(), body.end(), '&');
    if (static_cast<std::size_t>(ends) >= json_nodes_max) throw refused("There are too many parameters");
    Parameters parameters = parse_query(request.query());
    for (auto& parameter : parse_query(body)) parameters.push_back(std::move(parameter));
    std::erase_if(parameters, [](const auto& parameter) {
        const std::string& name = parameter.first;
        return name == "Action" || name == "Version" || name.starts_with("X-Amz-");
    });
    for (const auto& [name, value] : parameters) {
        if (!is_utf8(name)) throw refused("The parameters are not UTF-8");
    }
    return parameters;
}

/// SQS alone has addresses of its own: what is sent to a queue's URL is for that queue (facts: protocols.md
/// 1.1). A QueueUrl among the parameters comes first.
void take_queue_from_path(const OperationModel& operation, const HttpRequest& request, Json& input) {
    constexpr const char* member = "QueueUrl";
    if (request.path() == "/" || operation.input->member(member) == nullptr || input.contains(member)) return;
    input[member] = fmt::format("http://{}{}", request.headers.get("Host"), request.path());
}

class FormReader {
public:
    explicit FormReader(Ignored& ignored) : ignored_(ignored) {}

    Json structure(const Shape& shape, const FormNode& node, const Place& place) {
        Json result = Json::object();
        for (const auto& member : shape.members) {
            const FormNode* child = child_of(member, node);
            if (child == nullptr) continue;
            const bool is_flat = member.flattened || member.shape->flattened;
            result[member.name] = value(*member.shape, *child, Place(place, member.name), is_flat);
        }
        report_unread(node, place);
        return result;
    }

    void report_unread(const FormNode& node, const Place& place) {
        for (const auto& child : node.children) {
            if (!child.is_read) ignored_.push_back(Place(place, child.name).pointer());
        }
    }

private:
    static const FormNode* child_of(const Member& member, const FormNode& node) {
        const FormNode* child = node.child(member.location_name);
        if (child == nullptr) child = node.child(member.name);
        if (child != nullptr) child->is_read = true;
        return child;
    }

    Json value(const Shape& shape, const FormNode& node, const Place& place, bool is_flat) {
        switch (shape.type) {
            case ShapeType::structure:
                return structure(shape, node, place);
            case ShapeType::list:
                return list(shape, node, place, is_flat);
            case ShapeType::map:
                return map(shape, node, place, is_flat);
            default:
                if (node.value == nullptr)
                    throw unreadable(malformed, place, "a value is expected, not a structure");
                report_unread(node, place);
                return scalar_from_text(shape, *node.value, place, malformed);
        }
    }

    /// The numbered children in the order of their numbers: member.10 stands after member.9. Gaps do not
    /// matter.
    std::vector<const FormNode*> numbered(const FormNode& node, const Place& place) {
        std::vector<std::pair<std::uint64_t, const FormNode*>> found;
        for (const auto& child : node.children) {
            const auto index = index_of(child.name);
            if (!index) continue;
            child.is_read = true;
            found.emplace_back(*index, &child);
        }
        std::sort(found.begin(), found.end());
        report_unread(node, place);
        std::vector<const FormNode*> nodes;
        nodes.reserve(found.size());
        for (const auto& [index, child] : found) nodes.push_back(child);
        return nodes;
    }

    const FormNode& inside(const FormNode& node, std::string_view wrapper, bool is_flat) {
        if (is_flat) return node;
        const FormNode* wrapped = node.child(wrapper);
        if (wrapped == nullptr) return node;
        wrapped->is_read = true;
        return *wrapped;
    }

    Json list(const Shape& shape, const FormNode& node, const Place& place, bool is_flat) {
        Json result = Json::array();
        const FormNode& elements = inside(node, shape.element_name, is_flat);
        for (const FormNode* element : numbered(elements, place)) {
            result.push_back(
                value(*shape.element, *element, Place(place, result.size()), shape.element->flattened));
        }
        return result;
    }

    Json map(const Shape& shape, const FormNode& node, const Place& place, bool is_flat) {
        Json result = Json::object();
        for (const FormNode* entry : numbered(inside(node, "entry", is_flat), place)) {
            const FormNode* key = entry->child(shape.key_name);
            const FormNode* item = entry->child(shape.value_name);
            if (key == nullptr || key->value == nullptr || item == nullptr) {
                throw unreadable(malformed, place, "an entry of a map needs its key and its value");
            }
            result[*key->value] =
                value(*shape.element, *item, Place(place, *key->value), shape.element->flattened);
        }
        return result;
    }

    Ignored& ignored_;
};

/// awsQuery: SNS, STS, IAM, and older clients of CloudWatch and SQS.
class QueryCodec : public Codec {
public:
    Json parse(const OperationModel& operation, const HttpRequest& request, std::string_view body,
               Ignored& ignored) const override {
        Parameters parameters = read_parameters(request, body);
        std::stable_sort(parameters.begin(), parameters.end(), dots_first);
        FormNode root;
        std::size_t nodes = 0;
        grow(root, {parameters.cbegin(), parameters.cend(), 0}, 0, nodes);
        FormReader reader(ignored);
        const Place place("input");
        if (operation.input == nullptr) {
            reader.report_unread(root, place);
            return Json::object();
        }
        Json input = reader.structure(*operation.input, root, place);
        take_queue_from_path(operation, request, input);
        return input;
    }

    HttpReply serialise(const ServiceModel& service, const OperationModel& operation, const Json& output,
                        std::string_view request_id) const override {
        HttpReply reply = empty_reply(request_id);
        std::string& xml = reply.body;
        xml = fmt::format(R"(<{}Response xmlns="{}">)", operation.name, service.xml_namespace);
        if (operation.output != nullptr) {
            const std::string wrapper =
                operation.result_wrapper.empty() ? operation.name + "Result" : operation.result_wrapper;
            xml += "<" + wrapper + ">";
            append_members(xml, *operation.output, object_or_empty(output), "iso8601");
            xml += "</" + wrapper + ">";
        }
        xml += fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>",
                           request_id, operation.name);
        return reply;
    }

    HttpReply serialise_error(const ServiceModel& service, const HttpRequest& /*request*/,
                              const ServiceError& error, std::string_view request_id) const override {
        const ErrorFacts facts = facts_of(service, error, Protocol::query, false);
        HttpReply reply = empty_reply(request_id);
        reply.status = facts.status;
        std::string& xml = reply.body;
        xml = fmt::format(R"(<ErrorResponse xmlns="{}"><Error><Type>{}</Type><Code>)", service.xml_namespace,
                          facts.sender_fault ? "Sender" : "Receiver");
        append_xml_text(xml, facts.query_code);
        xml += "</Code>";
        if (!error.message.empty()) {
            xml += "<Message>";
            append_xml_text(xml, error.message);
            xml += "</Message>";
        }
        if (facts.shape != nullptr && error.members.is_object()) {
            append_members(xml, *facts.shape, members_beside_message(error.members), "iso8601");
        }
        xml += fmt::format("</Error><RequestId>{}</RequestId></ErrorResponse>", request_id);
        return reply;
    }

private:
    static HttpReply empty_reply(std::string_view request_id) {
        HttpReply reply;
        reply.headers.add("x-amzn-RequestId", std::string(request_id));
        reply.headers.add("Content-Type", "text/xml");
        return reply;
    }

    static Json members_beside_message(Json members) {
        members.erase("message");
        members.erase("Message");
        return members;
    }
};

}  // namespace

const Codec& query_codec() {
    static const QueryCodec codec;
    return codec;
}

}  // namespace rockwatch
