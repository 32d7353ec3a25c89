#include "protocol/rest_bindings.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "protocol/json_values.hpp"
#include "protocol/uri.hpp"
#include "protocol/values.hpp"

namespace rockwatch {

namespace {

const Member* bound_to(const Shape& shape, std::string_view location, std::string_view name) {
    for (const auto& member : shape.members) {
        if (member.location == location && member.location_name == name) return &member;
    }
    return nullptr;
}

void read_labels(const RestRequest& rest, const Shape& shape, const Place& place, Json& input) {
    const auto match = match_path(rest.operation, rest.path);
    if (!match) return;
    std::size_t index = 0;
    for (const auto& segment : rest.operation.path) {
        if (!segment.is_label) continue;
        const std::string text = percent_decode(match->labels.at(index++));
        const Member* member = bound_to(shape, "uri", segment.text);
        if (member == nullptr) continue;
        input[member->name] =
            scalar_from_text(*member->shape, text, Place(place, member->name), rest.error_code);
    }
}

/// Signatures and the SDKs' own marks are in the query string too.
bool is_own_parameter(const OperationModel& operation, std::string_view name) {
    if (name == "x-id" || lower_case(name.substr(0, 6)) == "x-amz-") return true;
    if (name == "AWSAccessKeyId" || name == "Signature" || name == "Expires") return true;
    return std::any_of(operation.query_literals.begin(), operation.query_literals.end(),
                       [&](const auto& literal) { return literal.first == name; });
}

void read_query(const RestRequest& rest, const Shape& shape, const Place& place, Json& input,
                Ignored& ignored) {
    for (const auto& [name, value] : parse_query(rest.request.query())) {
        const Member* member = bound_to(shape, "querystring", name);
        if (member == nullptr) {
            if (!is_own_parameter(rest.operation, name)) ignored.push_back(Place(place, name).pointer());
            continue;
        }
        const Place here(place, member->name);
        if (member->shape->type == ShapeType::list) {
            auto& list = input[member->name];
            if (list.is_null()) list = Json::array();
            list.push_back(scalar_from_text(*member->shape->element, value, here, rest.error_code));
        } else if (member->shape->type != ShapeType::map) {
            input[member->name] = scalar_from_text(*member->shape, value, here, rest.error_code);
        }
    }
}

bool has_digit(std::string_view text) { return text.find_first_of("0123456789") != std::string_view::npos; }

/// The elements of a list in one header: cut at commas, but not at those inside of quotes, nor at the one in
/// every time as HTTP writes it.
std::vector<std::string> list_elements(const Shape& element, std::string_view text, const Place& place,
                                       std::string_view error_code) {
    std::vector<std::string> elements;
    for (;;) {
        text = trim(text);
        std::string taken;
        if (text.starts_with('"')) {
            std::size_t at = 1;
            for (; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                taken += text[at];
            }
            if (at >= text.size()) throw unreadable(error_code, place, "a quote has no end");
            text.remove_prefix(at + 1);
        }
        std::size_t end = text.find(',');
        const bool is_weekday = element.type == ShapeType::timestamp && !has_digit(text.substr(0, end));
        if (is_weekday && end != std::string_view::npos) end = text.find(',', end + 1);
        taken += trim(text.substr(0, end));
        elements.push_back(std::move(taken));
        if (end == std::string_view::npos) return elements;
        text.remove_prefix(end + 1);
    }
}

Json header_value(const Member& member, std::string_view text, const Place& place, const RestRequest& rest,
                  Ignored& ignored) {
    if (member.json_text) {
        auto value = parse_json(text);
        if (!value) throw unreadable(rest.error_code, place, "the header does not hold JSON");
        from_wire(*member.shape, *value, place, ignored);
        return std::move(*value);
    }
    if (member.shape->type != ShapeType::list)
        return scalar_from_text(*member.shape, text, place, rest.error_code);
    Json list = Json::array();
    for (const std::string& part : list_elements(*member.shape->element, text, place, rest.error_code)) {
        list.push_back(scalar_from_text(*member.shape->element, part, place, rest.error_code));
    }
    return list;
}

void read_headers(const RestRequest& rest, const Shape& shape, const Place& place, Json& input,
                  Ignored& ignored) {
    for (const auto& member : shape.members) {
        if (member.location == "header") {
            const std::string* value = rest.request.headers.find(member.location_name);
            // An empty header says nothing: the SDKs leave such members out.
            if (value == nullptr || value->empty()) continue;
            input[member.name] = header_value(member, *value, Place(place, member.name), rest, ignored);
        } else if (member.location == "headers") {
            const std::string prefix = lower_case(member.location_name);
            for (const auto& [name, value] : rest.request.headers) {
                const std::string lower = lower_case(name);
                if (lower.starts_with(prefix)) input[member.name][lower.substr(prefix.size())] = value;
            }
        }
    }
}

/// A text that would be cut when the list is read stands in quotes.
std::string list_element_text(const Shape& shape, const Json& value) {
    const std::string text = scalar_to_text(shape, value, "rfc822");
    if (shape.type != ShapeType::string || text.find_first_of(",\"") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') quoted += '\\';
        quoted += letter;
    }
    return quoted + '"';
}

std::string header_text(const Member& member, const Json& value) {
    if (value.is_array()) {
        std::vector<std::string> parts;
        for (const auto& element : value) parts.push_back(list_element_text(*member.shape->element, element));
        return join(parts, ", ");
    }
    return scalar_to_text(*member.shape, value, timestamp_format(member, "rfc822"));
}

}  // namespace

Json read_bindings(const RestRequest& rest, Ignored& ignored) {
    Json input = Json::object();
    if (rest.operation.input == nullptr) return input;
    const Place place("input");
    read_labels(rest, *rest.operation.input, place, input);
    if (!rest.request.query().empty()) read_query(rest, *rest.operation.input, place, input, ignored);
    read_headers(rest, *rest.operation.input, place, input, ignored);
    return input;
}

void write_bindings(const OperationModel& operation, const Json& output, HttpReply& reply) {
    reply.status = operation.success_status;
    if (operation.output == nullptr) return;
    for (const auto& member : operation.output->members) {
        if (member.location.empty()) continue;
        const auto value = output.find(member.name);
        if (value == output.end() || value->is_null()) continue;
        if (member.location == "statusCode") {
            reply.status = value->get<int>();
        } else if (member.location == "header") {
            reply.headers.set(member.location_name, header_text(member, *value));
        } else if (member.location == "headers") {
            for (const auto& [name, text] : value->items()) {
                reply.headers.add(member.location_name + name, text.get<std::string>());
            }
        }
    }
}

const Member* payload_of(const Shape& shape) {
    return shape.payload.empty() ? nullptr : shape.member(shape.payload);
}

bool has_body_members(const Shape& shape) {
    return std::any_of(shape.members.begin(), shape.members.end(),
                       [](const Member& member) { return member.location.empty(); });
}

Json body_members(const Shape& shape, const Json& output) {
    Json body = Json::object();
    for (const auto& [name, value] : output.items()) {
        const Member* member = shape.member(name);
        if (member == nullptr || member->location.empty()) body[name] = value;
    }
    return body;
}

}  // namespace rockwatch
